"""The promises of `CallHistory`, as checks; used like those of the event store."""

import attrs

from voice_contracts.conformance.promise import promise
from voice_contracts.conformance.sample_values import opened
from voice_contracts.conformance.store_suite import ConformingStore, StoreSuite
from voice_domain.call import Call
from voice_domain.e164 import PhoneNumber
from voice_domain.effects import CancelTimer, Dial
from voice_domain.events import (
    Answered,
    CounterpartSpoke,
    Dialled,
    Rang,
    SpeechStarted,
    StreamOpened,
    TransferFailed,
    Transferred,
    UtteranceHeard,
)
from voice_domain.evolve import fold
from voice_domain.identity import CallId, CarrierCallId, SpeechId
from voice_domain.inputs import DialAccepted, HangUpConfirmed
from voice_domain.ports.event_store import JournalRow, Ruling
from voice_domain.terms import Timer
from voice_domain.vocabulary import Direction, EndReason

__all__ = ("CallHistoryConformance",)

_CALL = CallId("call-1")
_OURS, _THEIRS = PhoneNumber("+15550001234"), PhoneNumber("+15550005678")
_FIRST_NAME, _LAST_NAME = CarrierCallId("request-1"), CarrierCallId("leg-1")


def _ids(calls: tuple[Call, ...]) -> list[str]:
    return [call.call_id for call in calls]


def _sequences(rows: tuple[JournalRow, ...]) -> list[int]:
    return [row.sequence for row in rows]


class CallHistoryConformance(StoreSuite):
    """Everything that status, history and tail rely on."""

    async def test_a_call_is_found_by_our_id_and_as_its_events_say(self) -> None:
        """The events are the truth."""
        async with self.store() as store:
            events = await self.keep(
                store, _CALL, Dialled(1_010, _FIRST_NAME), Answered(1_020), UtteranceHeard(1_030, "Yes?")
            )
            found = await store.find(_CALL)
            unknown = await store.find("call-2")

        promise("`find` returns the call that its events add up to.", kept=found == fold(events), seen=found)
        promise("`find` returns None for an id that nobody has.", kept=unknown is None, seen=unknown)

    async def test_a_call_is_found_by_every_carrier_id_that_it_has_had(self) -> None:
        """Late webhooks carry old names."""
        theirs = CarrierCallId("leg-of-theirs")
        async with self.store() as store:
            await self.keep(store, _CALL, Dialled(1_010, _FIRST_NAME))
            await store.append(_CALL, (Dialled(1_020, _LAST_NAME),), expected_version=2)
            inbound = opened(CallId("call-2"), direction=Direction.INBOUND, carrier_call_id=theirs)
            await store.append(CallId("call-2"), (inbound,), expected_version=0)
        async with self.store() as store:
            found = {key: await store.find(key) for key in (_FIRST_NAME, _LAST_NAME, theirs)}

        ids = {key: call.call_id if call else None for key, call in found.items()}
        sentence = (
            "`find` knows a call by every id that the carrier has given it, the first as well as the last."
        )
        promise(sentence, kept=ids == {_FIRST_NAME: _CALL, _LAST_NAME: _CALL, theirs: "call-2"}, seen=ids)

    async def test_a_page_holds_the_newest_calls_first(self) -> None:
        """By their start, in whatever order they were kept."""
        async with self.store() as store:
            for number in (3, 1, 4, 2):
                await self.keep(
                    store,
                    f"call-{number}",
                    at_ms=number * 1_000,
                    reason=EndReason.BUSY if number > 2 else None,
                )
            everything = _ids(await store.page(limit=10))
            two = _ids(await store.page(limit=2))
            before = _ids(await store.page(limit=10, before_ms=3_000))
            none = _ids(await store.page(limit=0))

        newest_first = ["call-4", "call-3", "call-2", "call-1"]
        promise("`page` returns calls newest first.", kept=everything == newest_first, seen=everything)
        promise(
            "`page` returns at most as many calls as asked for.", kept=(two, none) == (newest_first[:2], [])
        )
        promise(
            "`page` returns only calls that began before the given time.",
            kept=before == newest_first[2:],
            seen=before,
        )

    async def test_a_page_can_be_limited_to_a_word(self) -> None:
        """The word is the one that the call itself has."""
        async with self.store() as store:
            await self._keep_a_call_of_every_kind(store)
            calls = await store.page(limit=20)
            by_word = {call.word: _ids(await store.page(limit=20, word=call.word)) for call in calls}
            older = _ids(await store.page(limit=20, word="busy", before_ms=8_000))
            nobody = await store.page(limit=20, word="sleeping")

        wanted = {word: [call.call_id for call in calls if call.word == word] for word in by_word}
        sentence = "`page` with a word returns exactly the calls whose state has this word"
        promise(f"{sentence}.", kept=by_word == wanted and nobody == (), seen=by_word)
        promise(f"{sentence} and that began before the given time.", kept=older == ["call-7"], seen=older)

    async def _keep_a_call_of_every_kind(self, store: ConformingStore) -> None:
        said = SpeechStarted(1_030, SpeechId("opening"))
        await self.keep(store, "call-1", at_ms=1_000)
        await self.keep(store, "call-2", Rang(2_010), at_ms=2_000)
        await self.keep(store, "call-3", Rang(3_010), Answered(3_020), at_ms=3_000)
        await self.keep(store, "call-4", Answered(4_010), StreamOpened(4_020), at_ms=4_000)
        await self.keep(store, "call-5", Answered(5_010), attrs.evolve(said, at_ms=5_020), at_ms=5_000)
        await self.keep(store, "call-6", Answered(6_010), CounterpartSpoke(6_020), at_ms=6_000)
        for number in (7, 8):
            await self.keep(store, f"call-{number}", at_ms=number * 1_000, reason=EndReason.BUSY)
        await store.append(CallId("call-1"), (Rang(9_000),), expected_version=1)

    async def test_the_journal_tells_everything_once_and_in_order(self) -> None:
        """Whoever follows it by the last sequence that he saw misses nothing."""
        async with self.store() as store:
            first = await self.keep(store, "call-1", Rang(1_010))
            second = await self.keep(store, "call-2")
            more = (Answered(1_020), UtteranceHeard(1_030, "Yes?"))
            last = await store.append(_CALL, more, expected_version=2)
            rows = await store.journal(after=0, limit=100)
            followed: list[JournalRow] = []
            while len(followed) < len(rows):
                after = followed[-1].sequence if followed else 0
                followed.extend(await store.journal(after=after, limit=2) or rows)
            end = await store.journal(after=rows[-1].sequence if rows else 0, limit=2)

        told = [(row.call_id, row.event) for row in rows]
        wanted = [
            *(("call-1", e) for e in first),
            *(("call-2", e) for e in second),
            *(("call-1", e) for e in more),
        ]
        sequences = _sequences(rows)
        promise(
            "`journal` tells every event once, in the order of the appends.", kept=told == wanted, seen=told
        )
        promise(
            "Sequences grow, from one on, and none is used twice.",
            kept=sequences == sorted(set(sequences)) and sequences[:1] > [0],
            seen=sequences,
        )
        promise(
            "`append` returns the sequence of its last event, and those before it follow each other.",
            kept=sequences[-2:] == [last - 1, last],
            seen=(last, sequences),
        )
        promise(
            "`journal` goes on after the sequence that is given, by at most as many events as asked for.",
            kept=tuple(followed) == rows and end == (),
            seen=_sequences(tuple(followed)),
        )

    async def test_the_journal_of_one_call_is_its_history(self) -> None:
        """With the sequences that its events have among all others."""
        async with self.store() as store:
            kept = await self.keep(store, "call-1", Rang(1_010))
            await self.keep(store, "call-2")
            await store.append(_CALL, (Answered(1_020),), expected_version=2)
            rows = await store.journal(after=0, limit=100)
            own = await store.journal(after=0, limit=100, call_id=_CALL)
            first = own[0].sequence if own else 0
            rest = await store.journal(after=first, limit=1, call_id=_CALL)
            unknown = await store.journal(after=0, limit=100, call_id=CallId("call-9"))

        wanted = tuple(row for row in rows if row.call_id == _CALL)
        sentence = "`journal` of one call tells its events and no others, with their sequences."
        promise(sentence, kept=own == wanted and len(own) == len(kept) + 1, seen=own)
        promise(sentence, kept=rest == own[1:2] and unknown == (), seen=(rest, unknown))

    async def test_the_journal_can_begin_near_its_end(self) -> None:
        """A negative start counts back."""
        async with self.store() as store:
            await self.keep(store, "call-1", *(Rang(at) for at in range(1_001, 1_010)))
            await self.keep(store, "call-2", *(Rang(at) for at in range(1_001, 1_010)))
            rows = await store.journal(after=0, limit=100)
            last = await store.journal(after=-3, limit=100)
            limited = await store.journal(after=-3, limit=2)
            own = await store.journal(after=-4, limit=100, call_id=_CALL)
            everything = await store.journal(after=-1_000, limit=100)

        sentence = "`journal` with a negative start begins that many events before the end"
        promise(f"{sentence}.", kept=last == rows[-3:], seen=_sequences(last))
        promise(f"{sentence}, also with a limit.", kept=limited == rows[-3:-1], seen=_sequences(limited))
        promise(f"{sentence} of the call, if one is given.", kept=own == rows[6:10], seen=_sequences(own))
        promise(f"{sentence}, or at the beginning.", kept=everything == rows, seen=_sequences(everything))

    async def test_sequences_go_on_after_a_new_start(self) -> None:
        """A follower that reconnects sees only what is new."""
        async with self.store() as store:
            await self.keep(store, "call-1", Rang(1_010))
            before = await store.journal(after=0, limit=100)
        async with self.store() as store:
            await self.keep(store, "call-2")
            after = await store.journal(after=0, limit=100)

        promise(
            "Events keep their sequences over a new start, and later ones get higher ones.",
            kept=after[:2] == before and len(after) == 3 and after[2].sequence > after[1].sequence,
            seen=_sequences(after),
        )

    async def test_dials_are_counted_whatever_became_of_them(self) -> None:
        """The cap on the cost of an hour counts on it."""
        async with self.store() as store:
            await self.keep(store, "call-1", at_ms=1_000, reason=EndReason.FAILED)
            await self.keep(store, "call-2", at_ms=2_000, reason=EndReason.COMPLETED)
            await self.keep(store, "call-3", at_ms=3_000)
            inbound = opened(CallId("call-4"), at_ms=4_000, direction=Direction.INBOUND)
            await store.append(CallId("call-4"), (inbound,), expected_version=0)
            counts = [await store.dialled_since(at_ms) for at_ms in (0, 2_000, 2_001, 3_001)]
            handed_over = (Transferred(5_000, _THEIRS), TransferFailed(5_100, "busy"))
            await store.append(CallId("call-4"), handed_over, expected_version=1)
        async with self.store() as store:
            with_transfer = [await store.dialled_since(at_ms) for at_ms in (0, 5_000, 5_001)]

        promise(
            "`dialled_since` counts the outbound calls that began at or after a time, ended or not.",
            kept=counts == [3, 2, 1, 0],
            seen=counts,
        )
        promise(
            "`dialled_since` counts transfers too, whatever became of them, also after a new start.",
            kept=with_transfer == [4, 1, 0],
            seen=with_transfer,
        )

    async def test_why_events_were_kept_is_kept_with_them(self) -> None:
        """So that every decision can be taken again."""
        began = Ruling(0, 1_000, None, 1, (Dial(_OURS, _THEIRS, 1, 2),))
        named = Ruling(1, 1_010, DialAccepted(_FIRST_NAME), 1, ())
        silent = Ruling(2, 1_011, HangUpConfirmed(), 0, (CancelTimer(Timer.RING),))
        async with self.store() as store:
            await store.append(_CALL, (opened(_CALL),), expected_version=0, rulings=(began,))
            events = (Dialled(1_010, _FIRST_NAME),)
            await store.append(_CALL, events, expected_version=1, rulings=(named, silent))
            await store.append(_CALL, (Rang(1_020),), expected_version=2)
        async with self.store() as store:
            kept = await store.rulings(_CALL)
            unknown = await store.rulings(CallId("call-2"))

        promise(
            "`rulings` returns all that was kept of a call's decisions, in order, also after a new start.",
            kept=kept == (began, named, silent),
            seen=kept,
        )
        promise("`rulings` of an unknown call are none.", kept=unknown == (), seen=unknown)
