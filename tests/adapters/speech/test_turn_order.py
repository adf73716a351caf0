"""Turns of a transcription service: in the order in which they were said, each with when it was over."""

from voice_adapters.speech.openai.turn_order import SaidTurn, TurnOrder


def test_a_turn_tells_when_the_service_took_it_for_over() -> None:
    order = TurnOrder()
    order.committed("a", None, now=10.0)

    assert order.finished("a", "Hello", now=10.4) == [SaidTurn("Hello", 10.0)]


def test_a_turn_that_nobody_called_over_says_so() -> None:
    assert TurnOrder().finished("a", "Hello", now=10.4) == [SaidTurn("Hello", None)]


def test_a_turn_that_waits_for_the_one_before_it_keeps_its_moment() -> None:
    order = TurnOrder()
    order.committed("a", None, now=10.0)
    order.committed("b", "a", now=12.0)

    assert order.finished("b", "world", now=12.1) == []
    assert order.finished("a", "Hello", now=12.5) == [SaidTurn("Hello", 10.0), SaidTurn("world", 12.0)]


def test_a_turn_without_words_is_over_and_says_nothing() -> None:
    order = TurnOrder()
    order.committed("a", None, now=1.0)

    assert order.finished("a", "", now=1.2) == []
    assert not order.outstanding
