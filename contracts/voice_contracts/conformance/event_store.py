"""The promises of `EventStore`, as checks.

@pytest.mark.anyio
class TestMyStore(EventStoreConformance):
    def open_store(self):
        return MyStore(...)
"""

import anyio
import anyio.lowlevel

from voice_contracts.conformance.outbox import OutboxConformance, outbox_of
from voice_contracts.conformance.promise import BrokenPromiseError, promise
from voice_contracts.conformance.sample_values import every_event, opened
from voice_contracts.conformance.store_suite import ConformingStore
from voice_domain.events import Answered, CallEvent, Dialled, Rang, UtteranceHeard
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.event_store import EventStore, VersionConflictError
from voice_domain.vocabulary import EndReason

__all__ = ("EventStoreConformance",)

_CALL = CallId("call-1")
_LOOKS = 1_000


def _three_more(at_ms: int) -> tuple[CallEvent, ...]:
    return tuple(UtteranceHeard(at_ms + n, f"sentence {n}") for n in range(3))


class EventStoreConformance(OutboxConformance):
    """Everything that the core relies on when it appends and recovers."""

    async def test_events_come_back_in_the_order_of_their_appends(self) -> None:
        """Order is the meaning of a history."""
        async with self.store() as store:
            kept = await self.keep(store, _CALL, Rang(1_010))
            more = (Answered(1_020), *_three_more(1_030))
            await store.append(_CALL, more, expected_version=2)
            await self.keep(store, "call-2", Dialled(1_005, CarrierCallId("C2")))

            loaded = await store.load(_CALL)

        promise(
            "`load` returns exactly the events of the call, in the order in which they were appended.",
            kept=loaded == kept + more,
            seen=loaded,
        )

    async def test_every_kind_of_event_comes_back_as_it_was(self) -> None:
        """No field of no event may be lost or changed."""
        events = every_event(_CALL)
        async with self.store() as store:
            await store.append(_CALL, events, expected_version=0)
        async with self.store() as store:
            loaded = await store.load(_CALL)

        changed = [each for each in events if each not in loaded]
        promise(
            "Every kind of event comes back with all its fields as they were.",
            kept=loaded == events,
            seen=changed,
        )

    async def test_an_unknown_call_has_no_events(self) -> None:
        """To ask for a call that is not there is no error."""
        async with self.store() as store:
            loaded = await store.load(_CALL)

        promise("`load` returns nothing for an unknown call.", kept=loaded == (), seen=loaded)

    async def test_a_wrong_version_is_a_conflict(self) -> None:
        """Two writers of one call must not both believe that they were first."""
        async with self.store() as store:
            kept = await self.keep(store, _CALL, Rang(1_010))
            for version in (0, 1, 3):
                await self._expect_conflict(store, version)
            loaded, outbox = await store.load(_CALL), await store.outstanding()

        nothing = "An append that is refused keeps nothing, neither events nor outbox."
        promise(nothing, kept=loaded == kept and outbox == (), seen=(loaded, outbox))

    async def _expect_conflict(self, store: EventStore, version: int) -> None:
        sentence = (
            "`append` raises VersionConflictError, with both numbers, unless the version is the expected."
        )
        try:
            await store.append(_CALL, (Answered(1_020),), expected_version=version, outbox=outbox_of(_CALL))
        except VersionConflictError as error:
            promise(sentence, kept=(error.expected, error.found) == (version, 2), seen=error)
        else:
            raise BrokenPromiseError(sentence, f"version {version} was taken for 2")

    async def test_of_two_appends_at_once_to_one_version_one_wins(self) -> None:
        """The same, when they are really at once."""
        conflicts: list[VersionConflictError] = []

        async def append(store: EventStore, text: str) -> None:
            try:
                await store.append(_CALL, (UtteranceHeard(1_010, text),), expected_version=1)
            except VersionConflictError as error:
                conflicts.append(error)

        async with self.store() as store:
            await self.keep(store, _CALL)
            async with anyio.create_task_group() as tasks:
                for number in range(5):
                    tasks.start_soon(append, store, f"append {number}")
            loaded = await store.load(_CALL)

        promise(
            "Of several appends at once for the same version of a call, exactly one is kept.",
            kept=len(conflicts) == 4 and len(loaded) == 2,
            seen=loaded,
        )

    async def test_calls_that_are_written_at_once_do_not_mix(self) -> None:
        """Every call has its own history, however many there are."""

        async def write(store: EventStore, call_id: CallId) -> None:
            await self.keep(store, call_id)
            for version in range(1, 10, 3):
                await store.append(call_id, _three_more(version), expected_version=version)

        calls = [CallId(f"call-{number}") for number in range(20)]
        async with self.store() as store:
            async with anyio.create_task_group() as tasks:
                for call_id in calls:
                    tasks.start_soon(write, store, call_id)
            loaded = {call_id: await store.load(call_id) for call_id in calls}

        more = _three_more(1) + _three_more(4) + _three_more(7)
        wrong = {call_id: has for call_id, has in loaded.items() if has != (opened(call_id), *more)}
        promise("Calls that are written at once keep their own events.", kept=not wrong, seen=wrong)

    async def test_what_was_appended_survives_a_new_start(self) -> None:
        """`append` returns when nothing can be lost any more."""
        async with self.store() as store:
            kept = await self.keep(store, _CALL, Rang(1_010))
        async with self.store() as store:
            loaded = await store.load(_CALL)

        promise("Events that were appended survive a new start.", kept=loaded == kept, seen=loaded)

    async def test_calls_are_unfinished_until_they_end(self) -> None:
        """Recovery asks for nothing else."""
        async with self.store() as store:
            await self.keep(store, "call-1", at_ms=1_000)
            await self.keep(store, "call-2", at_ms=2_000, reason=EndReason.BUSY)
            await self.keep(store, "call-3", Rang(3_010), at_ms=3_000)
            live = await store.unfinished()
        async with self.store() as store:
            reopened = await store.unfinished()

        sentence = "`unfinished` returns the calls that have not ended, and only those, oldest first"
        promise(f"{sentence}.", kept=live == ("call-1", "call-3"), seen=live)
        promise(f"{sentence}; also after a new start.", kept=reopened == live, seen=reopened)

    async def test_readers_see_whole_appends_only(self) -> None:
        """What is kept together is seen together."""
        seen: list[int] = []

        async def write(store: EventStore) -> None:
            await self.keep(store, _CALL, *_three_more(1)[:2])
            for version in range(3, 60, 3):
                await store.append(_CALL, _three_more(version), expected_version=version)

        async def watch(store: EventStore) -> None:
            # A limit, because a loop that never rests would keep the deadline of a stuck store from coming.
            while len(seen) < _LOOKS and seen[-1:] != [60]:
                seen.append(len(await store.load(_CALL)))

        async with self.store() as store, anyio.create_task_group() as tasks:
            tasks.start_soon(write, store)
            tasks.start_soon(watch, store)

        parts = [count for count in seen if count % 3]
        promise("The events of one append are seen together or not at all.", kept=not parts, seen=parts)
        promise("What a reader has seen does not disappear.", kept=seen == sorted(seen), seen=seen)

    async def test_a_cancelled_append_is_kept_whole_or_not_at_all(self) -> None:
        """Whoever waits may be cancelled at any moment, and the next one writes on."""
        async with self.store() as store:
            histories = [await self._cancelled_append(store, patience) for patience in range(12)]

        whole = [
            history[:1] == (opened(CallId(f"call-{number}")),) and len(history) in (2, 5)
            for number, history in enumerate(histories)
        ]
        promise("A cancelled append is kept whole or not at all.", kept=all(whole), seen=histories)

    async def _cancelled_append(self, store: EventStore, patience: int) -> tuple[CallEvent, ...]:
        call_id = CallId(f"call-{patience}")
        await self.keep(store, call_id)
        async with anyio.create_task_group() as tasks:

            async def append() -> None:
                await store.append(call_id, _three_more(1_010), expected_version=1)

            tasks.start_soon(append)
            for _ in range(patience):
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()
        version = len(await store.load(call_id))
        try:
            await store.append(call_id, (Rang(1_020),), expected_version=version)
        except VersionConflictError as error:
            # It was on its way when we looked.
            await store.append(call_id, (Rang(1_020),), expected_version=error.found)
        return await store.load(call_id)

    async def test_other_tasks_run_while_it_writes(self) -> None:
        """One call's disk must not be another call's silence."""
        turns = 0

        async def others() -> None:
            nonlocal turns
            while turns < _LOOKS:
                turns += 1
                await anyio.lowlevel.checkpoint()

        async with self.store() as store, anyio.create_task_group() as tasks:
            tasks.start_soon(others)
            await self._write_twenty(store)
            tasks.cancel_scope.cancel()

        promise("Other tasks run while `append` writes.", kept=turns >= 10, seen=turns)

    async def _write_twenty(self, store: ConformingStore) -> None:
        for number in range(20):
            await self.keep(store, f"call-{number}")
