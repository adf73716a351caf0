import math
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.any_value import any_of_class

from voice_adapters.stores.codec import (
    EFFECT_KINDS,
    EVENT_KINDS,
    INPUT_KINDS,
    decode_effect,
    decode_event,
    decode_rulings,
    encode_effect,
    encode_event,
    encode_rulings,
)
from voice_domain.e164 import PhoneNumber
from voice_domain.effects import CostlyEffect, Dial, Effect
from voice_domain.events import (
    CallEvent,
    Ended,
    LatencyParts,
    Rang,
    TurnMeasured,
    UtteranceHeard,
)
from voice_domain.inputs import CallInput
from voice_domain.ports.event_store import Ruling, StoreError
from voice_domain.vocabulary import EndReason


@pytest.mark.parametrize("kind", EVENT_KINDS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_event_comes_back_as_it_was(kind: str, data: st.DataObject) -> None:
    event = data.draw(any_of_class(EVENT_KINDS[kind]))

    assert decode_event(encode_event(event)) == event


COSTLY = [kind for kind, cls in EFFECT_KINDS.items() if issubclass(cls, CostlyEffect)]


@pytest.mark.parametrize("kind", COSTLY)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_costly_effect_comes_back_as_it_was(kind: str, data: st.DataObject) -> None:
    effect = data.draw(any_of_class(EFFECT_KINDS[kind]))

    assert decode_effect(encode_effect(effect)) == effect


def test_the_tables_hold_the_whole_unions() -> None:
    assert set(EVENT_KINDS.values()) == set(get_args(CallEvent))
    assert set(INPUT_KINDS.values()) == set(get_args(CallInput))
    assert set(EFFECT_KINDS.values()) == set(get_args(Effect))


@pytest.mark.parametrize("kind", INPUT_KINDS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_ruling_comes_back_as_it_was(kind: str, data: st.DataObject) -> None:
    given_now = data.draw(any_of_class(INPUT_KINDS[kind]))
    effects = tuple(data.draw(any_of_class(cls)) for cls in EFFECT_KINDS.values())
    rulings = (Ruling(0, 1, None, 1, ()), Ruling(1, 2, given_now, 0, effects))

    assert decode_rulings(encode_rulings(rulings)) == rulings


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"{}", "not a kept ruling"),
        (b'[{"version":1}]', "not a kept ruling"),
        (
            b'[{"version":1,"at_ms":1,"events":1,"given":{"input":"sung"},"effects":[]}]',
            "unknown input 'sung'",
        ),
        (
            b'[{"version":1,"at_ms":1,"events":1,"given":null,"effects":[{"effect":"x"}]}]',
            "unknown effect 'x'",
        ),
    ],
)
def test_a_ruling_that_cannot_be_read_is_a_store_error_that_says_what(written: bytes, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        decode_rulings(written)


def test_an_effect_that_costs_nothing_has_no_place_in_the_outbox() -> None:
    with pytest.raises(StoreError, match="PausePlayback, which costs nothing"):
        decode_effect(b'{"effect":"pause-playback"}')


def test_an_event_is_one_json_object_tagged_with_its_kind() -> None:
    written = encode_event(Ended(12, EndReason.NO_ANSWER, cause="487"))

    assert written == (
        b'{"event":"ended","at_ms":12,"cause":"487","error":"","reason":"no-answer","source":""}'
    )


def test_fields_that_a_newer_version_wrote_are_passed_over() -> None:
    assert decode_event(b'{"event":"rang","at_ms":1,"loudness":{"db":3}}') == Rang(1)


def test_fields_that_an_older_version_did_not_know_have_their_defaults() -> None:
    measured = decode_event(b'{"event":"turn-measured","at_ms":1,"turn":2,"parts":{"responder_ms":9}}')

    assert measured == TurnMeasured(1, 2, LatencyParts(responder_ms=9))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b'{"event":"yawned","at_ms":1}', "unknown event 'yawned'"),
        (b'{"effect":"dial"}', "missing required field `event`"),
        (b'{"event":"rang"}', "'rang' cannot be read: Object missing required field `at_ms`"),
        (b'{"event":"ended","at_ms":1,"reason":"bored"}', r"`\$\.reason`"),
        (b'{"event":"rang","at_ms":"noon"}', r"Expected `int`, got `str` - at `\$\.at_ms`"),
        (b'{"event":"transferred","at_ms":1,"to":{"e164":"112"}}', "Invalid phone number"),
        (b'{"event":"rang","at_ms":1', "truncated"),
        (b'{"event":"\xff"}', "not a kept event"),
        (b"[]", "not a kept event"),
        (b"", "not a kept event"),
    ],
)
def test_what_cannot_be_read_is_a_store_error_that_says_what(written: bytes, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        decode_event(written)


def test_an_unknown_effect_is_a_store_error_that_names_it() -> None:
    with pytest.raises(StoreError, match="unknown effect 'teleport'"):
        decode_effect(b'{"effect":"teleport"}')


def test_half_a_character_does_not_keep_the_rest_from_being_kept() -> None:
    event = UtteranceHeard(1, "yes \ud800 please", 0.5)

    assert decode_event(encode_event(event)) == UtteranceHeard(1, "yes ? please", 0.5)


def test_what_is_no_event_is_refused_by_name() -> None:
    with pytest.raises(StoreError, match="Dial is no event"):
        encode_event(Dial(PhoneNumber("+15550001"), PhoneNumber("+15550002"), 1, 2))  # type: ignore[arg-type] # the mistake


def test_a_confidence_that_is_no_number_comes_back_as_unknown() -> None:
    event = UtteranceHeard(1, "hm", math.nan)

    assert decode_event(encode_event(event)) == UtteranceHeard(1, "hm", None)
