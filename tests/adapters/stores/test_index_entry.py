import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.any_value import any_of_class

from voice_adapters.stores.codec import EVENT_KINDS
from voice_adapters.stores.index_entry import carrier_ids_in, indexed, touches_index
from voice_contracts.conformance.sample_values import opened
from voice_domain.events import CallEvent, Dialled, Opened, Rang, SpeechQueued
from voice_domain.evolve import BrokenHistoryError, evolve, opened_call
from voice_domain.identity import CallId, CarrierCallId, SpeechId
from voice_domain.ports.event_store import StoreError
from voice_domain.vocabulary import Direction, Purpose

CALL = CallId("call-1")
LATER_EVENTS = st.lists(
    st.one_of([any_of_class(cls, at_ms=st.just(7)) for cls in EVENT_KINDS.values() if cls is not Opened]),
    max_size=15,
)


@settings(max_examples=60, deadline=None)
@given(direction=st.sampled_from(Direction), events=LATER_EVENTS)
def test_the_index_says_of_a_call_what_its_fold_says(direction: Direction, events: list[CallEvent]) -> None:
    first = opened(CALL, direction=direction)
    call, entry = opened_call(first), indexed(None, CALL, (first,))

    for event in events:
        try:
            call = evolve(call, event)
        except BrokenHistoryError:
            continue
        before, entry = entry, indexed(entry, CALL, (event,))

        assert entry is not None
        assert (entry.word, entry.line, entry.end_reason) == (call.word, call.line, call.end_reason)
        assert entry.live is not call.is_over
        assert (entry.started_at_ms, entry.direction) == (call.started_at_ms, call.direction)
        assert entry == before or touches_index((event,))


def test_events_that_say_nothing_to_the_index_leave_it_alone() -> None:
    assert not touches_index((SpeechQueued(1, SpeechId("s"), 0, "Hello.", Purpose.COMMAND, last=True),))


def test_every_name_that_the_carrier_gave_is_told() -> None:
    first = opened(CALL, carrier_call_id=CarrierCallId("C1"))

    assert carrier_ids_in((first, Rang(1), Dialled(2, CarrierCallId("C2")))) == ("C1", "C2")
    assert carrier_ids_in((opened(CALL),)) == ()


def test_a_call_that_does_not_begin_with_opened_is_refused() -> None:
    with pytest.raises(StoreError, match="must begin with the event Opened, not Rang"):
        indexed(None, CALL, (Rang(1),))


def test_a_call_that_begins_twice_is_refused() -> None:
    with pytest.raises(StoreError, match="has begun already"):
        indexed(None, CALL, (opened(CALL), opened(CALL)))


def test_an_event_of_another_call_is_refused() -> None:
    with pytest.raises(StoreError, match="was to be kept under call call-1"):
        indexed(None, CALL, (opened(CallId("call-2")),))
