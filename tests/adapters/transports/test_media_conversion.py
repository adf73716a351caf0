"""Streams that carry A-law or linear PCM: the call hears and speaks µ-law all the same."""

from typing import Any

import numpy as np
import pytest
from support.media_stage import Ear

from voice_adapters.audio.g711 import alaw_to_ulaw, ulaw_to_alaw
from voice_adapters.audio.samples import samples_to_pcm16, samples_to_ulaw, ulaw_to_samples
from voice_adapters.transports.media_stream import MediaStream
from voice_adapters.transports.stream_tokens import StreamTicket
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.media_dialect import (
    DialectSession,
    FrameCame,
    MediaEncoding,
    MediaFormat,
    MediaMessage,
    StreamBegan,
)

TONE = (8_000 * np.sin(2 * np.pi * 440 * np.arange(1_600) / 8_000)).astype(np.int16)
WIDE = (8_000 * np.sin(2 * np.pi * 440 * np.arange(3_200) / 16_000)).astype(np.int16)
MULAW = samples_to_ulaw(TONE)


class _Raw(DialectSession):
    """A wording of nothing but audio; the first message is the start."""

    def __init__(self, form: MediaFormat) -> None:
        self._form = form
        self._began = False

    def read(self, message: bytes | str) -> MediaMessage | None:
        assert isinstance(message, bytes)
        if self._began:
            return FrameCame(message)
        self._began = True
        return StreamBegan(CarrierCallId("leg"), heard=self._form, spoken=self._form)

    def frame(self, payload: bytes) -> bytes:
        return payload

    def mark(self, name: str) -> bytes:
        return name.encode()

    def clear(self) -> bytes:
        return b""


class _Scene:
    """A stream with its socket and its host, which are this object."""

    bad_messages = 3
    silent_seconds = 0.0

    def __init__(self, form: MediaFormat) -> None:
        self.written: list[bytes] = []
        session: Any = _Raw(form)
        self.stream = MediaStream(StreamTicket(CallId("c"), 1), session, self, self)  # type: ignore[arg-type]  # it plays both roles as far as they are used
        self.ear = Ear(self.stream, lambda: None)
        self.stream.take(b"start")

    def begin(self, stream: MediaStream, carrier_call_id: CarrierCallId) -> Ear:
        del stream, carrier_call_id
        return self.ear

    def play(self, text: bytes) -> None:
        self.written.append(text)

    def heard(self, audio: bytes, piece: int) -> bytes:
        """Return what the call hears of audio that comes in pieces of this size."""
        for at in range(0, len(audio), piece):
            self.stream.take(audio[at : at + piece])
        assert {len(frame) for frame in self.ear.frames} == {160}
        return b"".join(self.ear.frames)

    def spoken(self, mulaw: bytes) -> bytes:
        """Return what goes out when the call says this."""
        for at in range(0, len(mulaw), 160):
            self.stream.send_frame(mulaw[at : at + 160])
        return b"".join(self.written)


@pytest.mark.parametrize("piece", [160, 100, 333])
def test_a_law_is_heard_and_spoken(piece: int) -> None:
    scene = _Scene(MediaFormat(MediaEncoding.ALAW))
    alaw = ulaw_to_alaw(MULAW)

    assert scene.heard(alaw, piece) == alaw_to_ulaw(alaw)
    assert scene.spoken(MULAW) == alaw


@pytest.mark.parametrize("piece", [320, 321, 1])
def test_linear_audio_is_heard_and_spoken_however_it_is_cut(piece: int) -> None:
    scene = _Scene(MediaFormat(MediaEncoding.L16))

    assert scene.heard(samples_to_pcm16(TONE), piece) == MULAW
    assert scene.spoken(MULAW) == samples_to_pcm16(ulaw_to_samples(MULAW))


def test_wide_linear_audio_is_resampled_both_ways_and_every_frame_goes_out_at_once() -> None:
    scene = _Scene(MediaFormat(MediaEncoding.L16, 16_000))

    heard = ulaw_to_samples(scene.heard(samples_to_pcm16(WIDE), 640))
    spoken = scene.spoken(MULAW)

    assert {len(frame) for frame in scene.written} == {640}
    assert _pitch(heard, 8_000) == pytest.approx(440, abs=10)
    assert _pitch(np.frombuffer(spoken, dtype="<i2"), 16_000) == pytest.approx(440, abs=10)
    assert np.abs(heard[400:1_200]).max() == pytest.approx(8_000, rel=0.1)


def test_mu_law_is_passed_on_untouched() -> None:
    scene = _Scene(MediaFormat())

    assert scene.heard(MULAW, 160) == MULAW
    assert scene.spoken(MULAW) == MULAW


def _pitch(samples: Any, rate_hz: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64), 1 << 15))
    return float(np.argmax(spectrum)) * rate_hz / (1 << 15)
