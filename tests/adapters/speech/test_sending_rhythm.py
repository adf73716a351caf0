"""Which frames of a call go to the transcriber at once, and which together."""

import itertools

from voice_adapters.audio.g711 import loudness
from voice_adapters.speech.openai.sending_rhythm import SendingRhythm

SILENCE = b"\xff" * 160
VOICE = b"\x10\x90" * 80
HISS = b"\x5a\xda" * 80


def sizes(rhythm: SendingRhythm, *frames: bytes) -> list[int]:
    """Return how many frames went together, each time some went."""
    going = [rhythm.push(frame) for frame in frames]
    ends = [place + 1 for place, goes in enumerate(going) if goes]
    return [end - start for start, end in itertools.pairwise([0, *ends])]


def test_speech_goes_in_threes_and_all_of_the_silence_that_may_end_it_at_once() -> None:
    rhythm = SendingRhythm(silence_ms=200)

    assert sizes(rhythm, *[VOICE] * 6) == [3, 3]
    assert sizes(rhythm, VOICE, VOICE, *[SILENCE] * 30) == [3, *[1] * 29]


def test_a_long_silence_goes_in_threes_until_somebody_speaks_and_stops_again() -> None:
    rhythm = SendingRhythm(silence_ms=200)
    sizes(rhythm, VOICE, *[SILENCE] * 30)

    assert sizes(rhythm, *[SILENCE] * 6, VOICE, VOICE, SILENCE, SILENCE) == [3, 3, 3, 1]


def test_the_first_silence_of_all_may_end_what_was_said_before() -> None:
    assert sizes(SendingRhythm(silence_ms=100), *[SILENCE] * 28) == [*[1] * 25, 3]


def test_the_noise_of_the_line_is_learnt_and_taken_for_silence() -> None:
    assert loudness(HISS) < loudness(VOICE) - 20
    rhythm = SendingRhythm(silence_ms=200)
    sizes(rhythm, *[HISS] * 1_500)
    sizes(rhythm, *[VOICE] * 3)

    assert sizes(rhythm, *[HISS] * 30) == [1] * 30
