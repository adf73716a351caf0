"""Interruptions are measured from the first voiced frame, on the wire and at the gate; false ones are counted."""

import anyio
import numpy as np
import pytest

from voice_entrypoints.bench.barge_in.disturbances import disturbances
from voice_entrypoints.bench.barge_in.gate_trials import NEVER_MS, decision_ms, false_starts
from voice_entrypoints.bench.barge_in.measurement import interrupted_rows
from voice_entrypoints.bench.barge_in.voices import Utterance, frames_of, line_noise, utterances

SILENCE = b"\xff" * 160


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only(
    "the interrupted calls run in a process of their own; one event loop here is enough"
)
async def test_calls_that_speak_fall_silent_when_somebody_interrupts() -> None:
    with anyio.fail_after(60):
        rows = {row["what"]: row["value"] for row in await interrupted_rows(3)}

    assert rows["voice to clear on the wire, 3 voices, not noticed"] == 0
    assert 40 < rows["voice to clear on the wire, 3 voices, p50"] < 1_000


def test_time_counts_from_the_first_voiced_frame_to_the_one_that_tells() -> None:
    rising = tuple(frames_of(np.repeat([500.0, 4_000.0, 8_000.0, 16_000.0, 8_000.0], 160)))
    spoken = Utterance("rising", (SILENCE, SILENCE, *rising), 2)

    assert decision_ms(spoken) == 60


def test_a_voice_that_nobody_notices_is_told_apart() -> None:
    assert decision_ms(Utterance("nothing", (SILENCE,) * 10, 2)) == NEVER_MS


def test_every_false_start_of_a_sound_is_counted() -> None:
    voice = next(utterances((-22.0,)))
    twice = (*voice.frames, *(SILENCE,) * 50, *voice.frames)

    assert false_starts([frames_of(line_noise(1.0)), voice.frames, twice]) == [0, 1, 2]


def test_utterances_differ_and_begin_to_sound_where_they_say() -> None:
    spoken = list(utterances((-18.0, -28.0), (0, 91)))

    assert len({each.frames for each in spoken}) == len(spoken) >= 60
    assert all(0 <= each.first_voiced < 10 for each in spoken)


def test_every_kind_of_disturbance_is_heard_on_a_line() -> None:
    kinds = {each.name: each.sounds for each in disturbances()}

    assert {"cough", "key (DTMF)", "American ringback, 2 s", "our own echo, 30 dB down"} <= set(kinds)
    assert all(len(sounds) >= 3 for sounds in kinds.values())
    # No line is ever wholly silent: a gate that has learnt nothing of its noise is not measured.
    assert all(np.std(sound[:4_000]) > 10 for sounds in kinds.values() for sound in sounds)
