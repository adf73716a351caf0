"""What the audio primitives cost, a frame of 20 ms at a time: ``python benchmarks/audio_primitives.py [--json]``.

Each row is the best of several runs in microseconds, beside the aim it is held to, where there is one. Run it on
a quiet machine and compare rows, not machines.
"""

import json
import sys
import timeit
from collections.abc import Callable, Iterator

import numpy as np

from voice_adapters.audio.framer import Framer
from voice_adapters.audio.g711 import loudness, pcm16_to_ulaw, ulaw_to_alaw, ulaw_to_pcm16
from voice_adapters.audio.resampler import Resampler
from voice_adapters.audio.samples import samples_to_ulaw, ulaw_to_samples
from voice_adapters.audio.voice_gate import VoiceGate

Row = tuple[str, Callable[[], object], float | None]


def rows() -> Iterator[Row]:
    tone = (4000 * np.sin(np.arange(160) * 0.7)).astype(np.int16)
    frame = samples_to_ulaw(tone)
    silence, pcm, framer, gate = b"\xff" * 160, ulaw_to_pcm16(frame), Framer(), VoiceGate()
    yield "loudness", lambda: loudness(frame), 1.0
    yield "voice gate on silence (loudness included)", lambda: gate.push(silence), 1.5
    yield "decode without numpy", lambda: ulaw_to_pcm16(frame), None
    yield "decode to an array", lambda: ulaw_to_samples(frame), None
    yield "encode without numpy", lambda: pcm16_to_ulaw(pcm), None
    yield "encode an array", lambda: samples_to_ulaw(tone), None
    yield "transcode to A-law", lambda: ulaw_to_alaw(frame), None
    yield "cut 100 ms into frames", lambda: list(framer.push(frame * 5)), None
    for rate_hz in (16000, 22050, 24000, 44100, 48000):
        yield f"resample {rate_hz} to 8000 Hz", _resampling(rate_hz, 8000), None
    yield "resample 8000 to 16000 Hz", _resampling(8000, 16000), None


def _resampling(rate_in_hz: int, rate_out_hz: int) -> Callable[[], object]:
    resampler, piece = Resampler(rate_in_hz, rate_out_hz), np.ones(rate_in_hz // 50, np.int16)
    return lambda: resampler.push(piece)


def best_us(task: Callable[[], object]) -> float:
    return min(timeit.repeat(task, number=2000, repeat=5)) / 2000 * 1e6


def main() -> None:
    measured = [{"name": name, "us": round(best_us(task), 2), "aim_us": aim} for name, task, aim in rows()]
    if "--json" in sys.argv[1:]:
        print(json.dumps(measured, indent=2))
        return
    print(f"{'primitive':44}{'us':>8}{'aim':>8}")
    for row in measured:
        print(f"{row['name']:44}{row['us']:8}{row['aim_us'] or '':>8}")


if __name__ == "__main__":
    main()
