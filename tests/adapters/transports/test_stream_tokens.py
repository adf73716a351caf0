"""A token opens one stream of one call, once, within a minute."""

import re

from hypothesis import given
from hypothesis import strategies as st

from voice_adapters.clock import RandomIdentities
from voice_adapters.transports.stream_tokens import StreamTokens
from voice_domain.identity import CallId
from voice_domain.ports.clock import Clock

CALL = CallId("call-1")


class Watch(Clock):
    def __init__(self) -> None:
        self.ms = 1_000_000

    def now_ms(self) -> int:
        return self.ms


def tokens(watch: Watch | None = None) -> StreamTokens:
    return StreamTokens(watch or Watch(), RandomIdentities())


def test_a_token_is_128_bits_that_a_path_may_hold() -> None:
    desk = tokens()

    made = {desk.issue(CALL) for _ in range(100)}

    assert len(made) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22,}", token) for token in made)


def test_a_token_is_good_once() -> None:
    desk = tokens()
    token = desk.issue(CALL)

    first, second = desk.consume(token), desk.consume(token)

    assert first is not None
    assert first.call_id == CALL
    assert second is None


def test_a_token_lives_sixty_seconds() -> None:
    watch = Watch()
    desk = tokens(watch)
    in_time, late = desk.issue(CALL), desk.issue(CALL)

    watch.ms += 59_999
    assert desk.consume(in_time) is not None
    watch.ms += 1
    assert desk.consume(late) is None


def test_a_clock_that_stands_still_or_is_set_back_keeps_tokens_good() -> None:
    watch = Watch()
    desk = tokens(watch)
    token = desk.issue(CALL)

    watch.ms -= 3_600_000

    assert desk.consume(token) is not None


def test_a_later_token_of_a_call_has_a_higher_epoch() -> None:
    desk = tokens()
    older, newer = desk.issue(CALL), desk.issue(CALL)

    second, first = desk.consume(newer), desk.consume(older)

    assert first is not None
    assert second is not None
    assert second.epoch > first.epoch


def test_the_tokens_of_a_call_that_is_over_are_worthless() -> None:
    desk = tokens()
    gone, stays = desk.issue(CALL), desk.issue(CallId("call-2"))

    desk.forget(CALL)

    assert desk.consume(gone) is None
    assert desk.consume(stays) is not None


def test_a_flood_of_tokens_forgets_the_oldest() -> None:
    desk = tokens()
    oldest = desk.issue(CALL)
    rest = [desk.issue(CALL) for _ in range(1_024)]

    assert len(desk) == 1_024
    assert desk.consume(oldest) is None
    assert desk.consume(rest[0]) is not None


def test_no_token_can_be_read_out_of_the_desk() -> None:
    desk = tokens()
    token = desk.issue(CALL)

    held = repr(vars(desk))

    assert token not in held
    assert token[:8] not in held


@given(st.text())
def test_any_other_text_opens_nothing(text: str) -> None:
    desk = tokens()
    desk.issue(CALL)

    assert desk.consume(text) is None
    assert len(desk) == 1
