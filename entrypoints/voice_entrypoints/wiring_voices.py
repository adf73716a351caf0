"""What speaks and listens in calls; part of the container, so it may name concrete adapters."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import cast

import attrs

from voice_adapters.audio.wav import StereoRecorder
from voice_adapters.media.fallback_voice import FallbackVoice
from voice_adapters.media.native_voice import NativeVoice
from voice_adapters.media.recording import CallRecording
from voice_adapters.media.stream_voice import StreamVoice, VoiceParts
from voice_adapters.media.voice import SpeechMoments, Voice
from voice_adapters.runtime.services import VoiceMaker, count_failure
from voice_adapters.speech.prepared import PreparedSpeech
from voice_contracts.settings import Settings
from voice_domain.call import Call
from voice_domain.identity import CallId
from voice_domain.inputs import CallInput
from voice_domain.ports.carrier import Carrier, NativeSpeech
from voice_domain.ports.synthesizer import Synthesizer

__all__ = ("Mouths", "preparer", "recording_path", "silence_seconds", "voice_maker")

Report = Callable[[CallInput], None]


def recording_path(home: Path, call_id: CallId) -> Path:
    """Return the WAV file of a call."""
    return home / "recordings" / f"{call_id}.wav"


def silence_seconds(settings: Settings) -> float:
    """Return how long a service may be silent before its part of a speech is given up."""
    # A service's own deadline comes first, and knows better what went wrong.
    return settings.tts.timeout_ms / 1000 + 1


def preparer(synthesizer: Synthesizer) -> Callable[[str, str], Awaitable[None]] | None:
    """Return what makes speech before it is wanted; None where that is no use."""
    return synthesizer.prepare if isinstance(synthesizer, PreparedSpeech) else None


@attrs.frozen
class Mouths:
    """What speaks in calls: in general, and in those to a number with a voice of its own."""

    general: VoiceParts
    of_numbers: Mapping[str, Synthesizer]

    def of(self, call: Call) -> VoiceParts:
        """Return what speaks in *call*."""
        own = self.of_numbers.get(str(call.called_number))
        return (
            self.general
            if own is None
            else attrs.evolve(self.general, synthesizer=own, prepare=preparer(own))
        )


def _native_voice(settings: Settings, call: Call) -> str | None:
    route = settings.numbers.get(str(call.called_number))
    return None if route is None or route.tts is None else route.tts.openai.voice


def voice_maker(
    settings: Settings, home: Path, mouths: Mouths, carrier: Carrier, failures: Counter[str]
) -> VoiceMaker:
    """Return what makes the voice of each call: over its media stream, the carrier's own, or both."""

    def make(call: Call, report: Report, moments: SpeechMoments, now: Callable[[], Call]) -> Voice:
        def native(report: Report) -> Voice:
            return NativeVoice(
                cast("NativeSpeech", carrier),
                carrier_call_id=lambda: now().carrier_call_id,
                report=report,
                moments=moments,
                voice=_native_voice(settings, call),
                failed=partial(count_failure, failures),
            )

        def stream(report: Report) -> Voice:
            recording = None
            if settings.recording.enabled:
                recorder = StereoRecorder(recording_path(home, call.call_id))
                recording = CallRecording(call.call_id, recorder)
            return StreamVoice(
                call.call_id, mouths.of(call), report=report, moments=moments, recording=recording
            )

        able = carrier.capabilities
        if not able.media_stream:
            return native(report)
        if not able.native_speech:
            return stream(report)
        # A call that is answered before it has a voice here comes from another process.
        is_resumed = call.answered_at_ms is not None and able.native_listening
        return FallbackVoice(
            call.call_id,
            make_stream=stream,
            make_native=native,
            report=report,
            native_listens=able.native_listening,
            back_within=call.terms.stream_grace_ms / 1_000 if is_resumed else None,
        )

    return make
