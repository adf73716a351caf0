"""The demonstration on real adapters: a whole conversation over real sockets, with nobody's account."""

import json
import subprocess
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from support.gateway import voicecall

from voice_adapters.speech.tone import ToneSynthesizer
from voice_entrypoints.cli.demo.performance import perform
from voice_entrypoints.cli.demo.scene import SCENES
from voice_entrypoints.cli.demo.stage import STAGE_NAMES, stage_named
from voice_entrypoints.cli.demo.voices import MadeSpeech
from voice_entrypoints.cli.live.viewers import SilentViewer

SCENE = SCENES["en"]
SHORT = attrs.evolve(SCENE, opening="Hi.", replies=("None.",), steps=({"hangUp": True},))
CARRIERS = tuple(name for name in STAGE_NAMES if name != "mock")


def test_the_whole_conversation_goes_as_written_on_every_carrier_without_an_account(tmp_path: Path) -> None:
    """All at once: each is a process that waits most of its time."""
    with ThreadPoolExecutor(len(CARRIERS)) as threads:
        done = dict(
            zip(
                CARRIERS, threads.map(lambda name: demonstrated(tmp_path / name, name), CARRIERS), strict=True
            )
        )

    assert {name: (ran.returncode, ran.stderr) for name, ran in done.items() if ran.returncode} == {}
    for name, ran in done.items():
        told = json.loads(ran.stdout)
        assert (told["ok"], told["problem"], told["call"]["provider"]) == (True, "", name)
        assert "twins" in ran.stderr
        check_transcript(told["call"]["transcript"])
        if stage_named(name).records:
            check_latency(told["latency"])
            check_recording(Path(told["recording"]))
        else:
            assert told["recording"] is None


def demonstrated(home: Path, carrier: str) -> subprocess.CompletedProcess[str]:
    home.mkdir(mode=0o700)
    return voicecall(home, "demo", "--carrier", carrier, "--json")


def check_transcript(transcript: list[dict[str, Any]]) -> None:
    assert [entry["text"] for entry in transcript if entry["speaker"] == "user"] == list(SCENE.asked)
    assert [entry["speaker"] for entry in transcript] == ["bot", "user"] * 3 + ["bot"]
    assert [entry.get("interrupted", False) for entry in transcript].count(True) == 1


def check_latency(latency: dict[str, Any]) -> None:
    """The parts add up to the turns, but for the rounding of each average."""
    parts = [part["avgMs"] for part in latency["parts"].values() if part["count"]]
    assert latency["turnLatency"]["count"] == 3
    assert abs(sum(parts) - latency["turnLatency"]["avgMs"]) <= len(parts)


def check_recording(path: Path) -> None:
    with wave.open(str(path)) as recording:
        assert (recording.getnchannels(), recording.getframerate()) == (2, 8000)
        samples = np.frombuffer(recording.readframes(recording.getnframes()), dtype="<i2").reshape(-1, 2)
    assert len(samples) > 8 * 8000
    assert all(np.abs(samples[:, side].astype(np.int32)).max() > 3_000 for side in (0, 1))


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the gateway's servers are uvicorn's")
async def test_what_goes_otherwise_than_written_is_told(tmp_path: Path) -> None:
    performance = await perform(SHORT, home=tmp_path, viewer=SilentViewer(), stage=stage_named("twilio"))

    assert performance.problem == "1 of our 2 utterances were said"
    assert performance.carried.record["endReason"] == "completed"
    assert performance.recording.stat().st_size > 44


@pytest.mark.anyio
async def test_a_sentence_sounds_the_same_alone_and_among_others() -> None:
    speech = await MadeSpeech.of(ToneSynthesizer(), ("Yes. No!", "好的。"), locale="en-US")

    assert speech("Yes. No!") == speech("Yes.") + speech("No!")
    assert len(speech("好的。")) > 24_000 * 2 * 0.3
    assert len(speech("Unheard of.")) > 0
