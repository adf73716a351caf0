"""Callees: who answers where, and how a script follows what it hears."""

import pytest

from voice_contracts.twins.callee import Callee, Cue, HangUp, Outcome, Press, Say, callee_of, interrupt
from voice_contracts.twins.person import (
    HungUp,
    KeyPressed,
    News,
    Person,
    SpeechBegan,
    SpeechEnded,
    SpeechGrew,
)
from voice_contracts.twins.sound import (
    FRAME_BYTES,
    UnusableSoundError,
    from_mulaw,
    hum,
    is_voiced,
    silence,
    to_mulaw,
    wav_as_mulaw,
)

FRAME = 0.02


def _live(person: Person, seconds: float, voiced: tuple[float, float] = (-1, -1)) -> list[tuple[float, News]]:
    """Let a person live from second 0 on, in frames; we speak between the two moments of *voiced*."""
    news = []
    for tick in range(round(seconds / FRAME)):
        now = tick * FRAME
        news += [(round(now, 3), one) for one in person.act(now) if not isinstance(one, SpeechGrew)]
        if voiced[0] <= now + 1e-9 < voiced[1]:
            person.hears_voice(now)
        person.take_frame()
    return news


def _person(*steps: Say | Press | HangUp, **more: int) -> Person:
    return Person(Callee(steps, **more), lambda _: silence(100), 0.0)


def test_the_exact_number_wins_over_the_longest_prefix_over_the_rest() -> None:
    exact, long, short = Callee(ring_after_ms=1), Callee(ring_after_ms=2), Callee(ring_after_ms=3)
    callees = {"+1555*": short, "+15550*": long, "+15550001": exact}

    assert callee_of("+15550001", callees) is exact
    assert callee_of("+15550002", callees) is long
    assert callee_of("+15559999", callees) is short
    assert callee_of("+861", callees) == Callee()


def test_a_step_counts_from_the_end_of_our_speech() -> None:
    said = Say("Yes", after_ms=700)

    news = _live(_person(said), 4, voiced=(1.0, 2.0))

    assert news == [(2.7, SpeechBegan(said)), (2.8, SpeechEnded(said))]


def test_a_callee_does_not_take_a_breath_of_ours_for_the_end() -> None:
    person = _person(Say("Yes", after_ms=0), patience_ms=400)

    for moment in (1.0, 1.3, 1.6):
        person.hears_voice(moment)
        assert person.act(moment + 0.3) == []

    assert person.act(2.02) != []


def test_an_interruption_counts_from_the_beginning_of_our_speech() -> None:
    news = _live(_person(interrupt("Wait", 500)), 4, voiced=(1.0, 3.0))

    assert [moment for moment, _ in news] == [1.5, 1.6]


def test_a_step_can_follow_the_step_before_it() -> None:
    news = _live(_person(Say("A", 100, Cue.BEFORE), Press("12", 200, Cue.BEFORE), HangUp(300, Cue.BEFORE)), 2)

    assert [moment for moment, _ in news] == [0.1, 0.2, 0.4, 0.6, 0.9]
    assert [one for _, one in news[2:]] == [KeyPressed("1"), KeyPressed("2"), HungUp()]


def test_each_step_waits_for_speech_of_its_own() -> None:
    news = _live(_person(Say("A", 400), Say("B", 400)), 5, voiced=(0.0, 1.0))

    assert [moment for moment, one in news if isinstance(one, SpeechBegan)] == [1.4]


def test_speech_grows_word_by_word_and_chinese_by_characters() -> None:
    person = Person(Callee((Say("Well, 你好", 0, Cue.BEFORE),)), lambda _: silence(300), 0.0)
    grown: list[tuple[float, str]] = []
    for tick in range(20):
        moment = round(tick * FRAME, 2)
        grown += [(moment, news.text) for news in person.act(moment) if isinstance(news, SpeechGrew)]
        person.take_frame()

    assert grown == [(0.1, "Well,"), (0.2, "Well, 你"), (0.3, "Well, 你好")]


def test_a_machine_says_its_greeting_first() -> None:
    callee = Callee((Say("after"),), Outcome.MACHINE, greeting="Leave a message.")

    assert [step.text for step in callee.steps] == ["Leave a message.", "after"]


def test_a_hum_is_as_long_as_the_text_and_tells_texts_apart() -> None:
    assert len(hum("fourteen chars")) == 50 * FRAME_BYTES
    assert len(hum("一二三四五六七八九")) == 100 * FRAME_BYTES
    assert hum("fourteen chars") != hum("fourteen charz")
    assert is_voiced(hum("x")[:FRAME_BYTES])
    assert not is_voiced(silence(20))


def test_every_code_of_mu_law_survives_the_way_to_samples_and_back() -> None:
    codes = bytes(code for code in range(256) if code != 0x7F)

    assert to_mulaw(from_mulaw(codes)) == codes
    assert int(from_mulaw(b"\x7f")[0]) == int(from_mulaw(b"\xff")[0]) == 0
    assert int(from_mulaw(b"\x80")[0]) == 32124
    assert int(from_mulaw(b"\x00")[0]) == -32124


def test_a_wav_becomes_telephone_audio() -> None:
    import io
    import wave

    target = io.BytesIO()
    with wave.open(target, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(8000)
        written.writeframes(from_mulaw(hum("hello")).astype("<i2").tobytes())

    assert wav_as_mulaw(target.getvalue()) == hum("hello").replace(b"\x7f", b"\xff")


@pytest.mark.parametrize("wav", [b"", b"RIFF????WAVE", b"no sound at all"])
def test_what_is_no_telephone_wav_is_refused(wav: bytes) -> None:
    with pytest.raises(UnusableSoundError):
        wav_as_mulaw(wav)
