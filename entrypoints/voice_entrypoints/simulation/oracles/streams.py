"""Whether the record of a call with a media stream is what passed through it and what the speech services did."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from voice_contracts.twins.callee import Say
from voice_contracts.twins.sound import FRAME_BYTES, from_mulaw, hum_pitch_hz, hum_seconds, is_voiced
from voice_domain.events import CallEvent, ClosingBegan, Ended, SpeechHeard, SpeechQueued, UtteranceHeard
from voice_entrypoints.simulation.faults import Place
from voice_entrypoints.simulation.oracles.case import Case, Finding
from voice_entrypoints.simulation.transcriber_wire import Told

__all__ = ("check_streams",)

_GUESS: Final = 8
"""How many characters a guess may be off: what the far end has in store, and the way of its marks."""
_READ_GUESS: Final = 24
"""The same of a text that the carrier's voice has read, in part at least."""
_POINTS: Final = 1 << 12
_WORST_HZ: Final = 40.0
"""How far off the pitch of 20 ms may be measured."""
_LIE_MS: Final = 20_000
_PATIENCE_MS: Final = 25_000
"""After so long somebody whom we called has heard something of us, or there is nobody there."""
_SERVICES: Final = frozenset({Place.STREAM, Place.SYNTHESIZER, Place.TRANSCRIBER})


def check_streams(case: Case) -> Finding:
    """Compare what the records of one call hold with what sounded and what we were told."""
    if not case.streamed:
        return
    for history in case.histories:
        yield from _ours(case, history)
        yield from _theirs(case, history)
    yield from _mute(case)


def _ours(case: Case, history: Sequence[CallEvent]) -> Finding:
    """No more of a text is in the record than the ear has heard, by its marks or by the carrier's voice."""
    pitches = _pitches(sound.audio for sound in case.sounds if sound.kind == "stream")
    texts = {(one.speech_id, one.part): one.text for one in history if isinstance(one, SpeechQueued)}
    for claim in history:
        text = texts[claim.speech_id, claim.part] if isinstance(claim, SpeechHeard) else ""
        if not isinstance(claim, SpeechHeard) or _is_excused(case, text, claim.at_ms):
            continue
        read = max((len(one.text_heard) for one in case.sounds if one.text == text), default=0)
        near = int(np.count_nonzero(np.abs(pitches - hum_pitch_hz(text)) <= _WORST_HZ))
        streamed = round(len(text) * min(1.0, near / (50 * hum_seconds(text))))
        if len(claim.heard) > max(read, streamed) + (_GUESS if not read else _READ_GUESS):
            found = f"{len(claim.heard)} of {len(text)} characters by our record, {max(read, streamed)} by the ear"
            yield "heard", f"{text[:20]!r}: {found}"


def _is_excused(case: Case, text: str, at_ms: int) -> bool:
    """Whether the synthesizer has lied about a text so shortly before that it may have been in this very speech."""
    return any(one.text == text and 0 <= at_ms - one.at_ms <= _LIE_MS for one in case.lies)


def _pitches(sounds: Iterable[bytes]) -> npt.NDArray[np.float64]:
    """Return the pitch of every 20 ms that hold a voice, Hz."""
    frames = [audio[at : at + FRAME_BYTES] for audio in sounds for at in range(0, len(audio), FRAME_BYTES)]
    voiced = [frame for frame in frames if len(frame) == FRAME_BYTES and is_voiced(frame)]
    if not voiced:
        return np.empty(0)
    samples = from_mulaw(b"".join(voiced)).reshape(len(voiced), FRAME_BYTES) * np.hanning(FRAME_BYTES)
    loudest: npt.NDArray[np.intp] = np.argmax(np.abs(np.fft.rfft(samples, _POINTS)), axis=1)
    return loudest.astype(np.float64) * 8000 / _POINTS


def _theirs(case: Case, history: Sequence[CallEvent]) -> Finding:
    """What the counterpart said is in the record as we were told, as often, and all of it."""
    heard = [event.text for event in history if isinstance(event, UtteranceHeard)]
    read = [hook.told.words for hook in case.taken]
    said = [step.text for step in case.planned.callee.steps if isinstance(step, Say)]
    words = {word for text in (*said, *(one.text for one in case.told), *read) for word in text.split()}
    for text in heard:
        strange = [word for word in text.split() if word not in words]
        if strange:
            yield "invented", f"nobody told us {strange[0]!r}"
    told = Counter(_turns(case.told)) + Counter(read)
    for text, count in told.items():
        if text and sum(one.count(text) for one in heard) > max(count, said.count(text)):
            yield "heard-twice", f"{text!r} was told {count} times, and is in our record more often"
    yield from _lost(case, history, " ".join(heard))


def _turns(told: Sequence[Told]) -> Iterator[str]:
    """Give what each turn was told to be: one may be told twice, and what is never final counts after a while."""
    for item in dict.fromkeys(one.item for one in told):
        final = next((one.text for one in told if one.item == item and one.final), None)
        yield "".join(one.text for one in told if one.item == item) if final is None else final


def _lost(case: Case, history: Sequence[CallEvent], heard: str) -> Finding:
    if case.outages or any(fault.place not in _SERVICES for fault in case.struck):
        return
    closed_ms = min((e.at_ms for e in history if isinstance(e, ClosingBegan | Ended)), default=0)
    for one in case.told:
        if one.final and one.text and one.text not in heard and one.at_ms < closed_ms:
            yield "lost", f"the transcriber told us {one.text!r}, and our record does not have it"


def _mute(case: Case) -> Finding:
    """Whatever becomes of stream and services, somebody who waits hears us, or the call ends."""
    if case.outages or any(fault.place not in _SERVICES for fault in case.struck):
        return
    for leg in case.legs:
        if leg.answered_ms is None or leg.ended_ms is None:
            continue
        waited = leg.ended_ms - leg.answered_ms
        if waited > _PATIENCE_MS and not any(is_voiced(sound.audio) for sound in case.sounds):
            yield "mute", f"the counterpart heard nothing for {waited / 1000:.0f} s"
