"""The promises of `EventStore` about its outbox, as checks; part of the event store's suite."""

from voice_contracts.conformance.promise import BrokenPromiseError, promise
from voice_contracts.conformance.sample_values import every_effect, opened
from voice_contracts.conformance.store_suite import StoreSuite
from voice_domain.errors import VoiceError
from voice_domain.identity import CallId
from voice_domain.ports.event_store import OutboxItem

__all__ = ("OutboxConformance", "outbox_of")

_CALL = CallId("call-1")


def outbox_of(call_id: CallId) -> tuple[OutboxItem, ...]:
    """Return one outbox item of every kind for a call."""
    return tuple(OutboxItem(f"{call_id}:1:{n}", call_id, effect) for n, effect in enumerate(every_effect()))


class OutboxConformance(StoreSuite):
    """Everything that the core relies on when it does what costs something."""

    async def test_outstanding_effects_come_back_oldest_first(self) -> None:
        """Hang-ups must not overtake dials."""
        second = outbox_of(CallId("call-2"))
        async with self.store() as store:
            await store.append(_CALL, (opened(_CALL),), expected_version=0, outbox=outbox_of(_CALL))
            await store.append(
                CallId("call-2"), (opened(CallId("call-2")),), expected_version=0, outbox=second
            )
            outbox = await store.outstanding()

        promise(
            "`outstanding` returns every item that was not settled, as it was, oldest first.",
            kept=outbox == outbox_of(_CALL) + second,
            seen=outbox,
        )

    async def test_a_settled_effect_is_forgotten_for_good(self) -> None:
        """Nothing that costs money is done twice."""
        async with self.store() as store:
            await store.append(_CALL, (opened(_CALL),), expected_version=0, outbox=outbox_of(_CALL))
            await store.settle(outbox_of(_CALL)[0].effect_id)
            before = await store.outstanding()
        async with self.store() as store:
            after = await store.outstanding()

        promise(
            "`settle` removes this item of the outbox and no other.",
            kept=before == outbox_of(_CALL)[1:],
            seen=before,
        )
        promise("A settled item stays settled after a new start.", kept=after == before, seen=after)

    async def test_settling_an_unknown_effect_is_no_error(self) -> None:
        """After a crash an effect may be settled a second time."""
        async with self.store() as store:
            try:
                await store.settle("call-9:9:9")
            except VoiceError as error:
                raise BrokenPromiseError("`settle` accepts an id that it does not know.") from error

    async def test_effects_survive_a_new_start(self) -> None:
        """Also those that were kept without an event."""
        async with self.store() as store:
            await self.keep(store, _CALL)
            await store.append(_CALL, (), expected_version=1, outbox=outbox_of(_CALL))
        async with self.store() as store:
            outbox = await store.outstanding()

        sentence = "Outbox items that were not settled survive a new start."
        promise(sentence, kept=outbox == outbox_of(_CALL), seen=outbox)
