"""What Telnyx reminds us of: it comes back as it was given, and nothing else is taken for it."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_adapters.carriers.telnyx.client_state import ClientState, Role
from voice_domain.identity import CallId, CarrierCallId, SpeechId

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@given(NAMES, st.integers(0, 10**8))
def test_every_state_comes_back_as_it_was_given(name: str, part: int) -> None:
    states = [
        ClientState(call_id=CallId(name)),
        ClientState(role=Role.SPEECH, speech_id=SpeechId(name), part=part),
        ClientState(role=Role.SPEECH),
        ClientState(role=Role.TRANSFER),
        ClientState(role=Role.TARGET, parent=CarrierCallId(name)),
    ]

    assert [ClientState.decoded(state.encoded) for state in states] == states


def test_the_state_of_a_call_that_we_dial_is_its_name_in_base64() -> None:
    assert ClientState(call_id=CallId("c-1")).encoded == "Yy0x"


@pytest.mark.parametrize("text", ["plain name", "abcd=", "c-1", "\u00e9", b64encode(b"\xff\xfe").decode()])
def test_text_that_is_no_base64_of_ours_is_a_name_itself(text: str) -> None:
    assert ClientState.decoded(text) == ClientState(call_id=CallId(text))


@pytest.mark.parametrize("nothing", [None, "", 5, {}, []])
def test_what_is_no_text_says_nothing(nothing: object) -> None:
    assert ClientState.decoded(nothing) == ClientState()


@pytest.mark.parametrize("extra", ["said\ns", "said\ns\nx", "said\ns\n-1", "said\ns\n1\n2", "other"])
def test_a_state_of_another_shape_keeps_its_name_and_nothing_else(extra: str) -> None:
    text = b64encode(f"c-1\n{extra}".encode()).decode()

    assert ClientState.decoded(text) == ClientState(call_id=CallId("c-1"))


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(ClientState.decoded(text), ClientState)
