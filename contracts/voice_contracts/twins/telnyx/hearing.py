"""Transcription at Telnyx: what the far end says, partly while it says it."""

from voice_contracts.twins.line import BothWays, Listener
from voice_contracts.twins.person import News, SpeechBegan, SpeechEnded, SpeechGrew
from voice_contracts.twins.telnyx.leg import Leg

__all__ = ("Hearing",)


class Hearing(Listener):
    """Listens to one leg. An utterance that began before is heard from its next word on."""

    wants_frames = False

    def __init__(self, leg: Leg, *, interim: bool) -> None:
        self._leg = leg
        self._interim = interim
        self._missed: int | None = None
        """Characters of the utterance that were said before anybody listened; None while nobody speaks."""

    def frame(self, sounds: BothWays) -> None:
        """Frames are not wanted: the callee's script says what was said."""

    def learn(self, news: News) -> None:
        """Tell some words."""
        match news:
            case SpeechBegan():
                self._missed = 0
            case SpeechGrew(_, text):
                if self._missed is None:
                    self._missed = len(text)
                if self._interim and text[self._missed :].strip():
                    self._tell(text[self._missed :], 0.6, final=False)
            case SpeechEnded(said):
                missed, self._missed = self._missed or 0, None
                if said.text[missed:].strip():
                    self._tell(said.text[missed:], said.confidence, final=True)
            case _:
                pass

    def _tell(self, text: str, confidence: float | None, *, final: bool) -> None:
        heard = {
            "transcript": text.strip(),
            "confidence": confidence,
            "is_final": final,
            "transcription_track": "inbound",
        }
        self._leg.tell("call.transcription", {"transcription_data": heard})
