"""What is begun while the events that order it are on their way to the disk.

Only what costs nothing at the carrier, nobody hears, and can be taken back: a question to the responder, the sound of
what will be said, a pause. It is ordered once its events are durable; until then nothing of it reaches anybody.
"""

from anyio.abc import TaskGroup

from voice_adapters.media.voice import Voice
from voice_adapters.runtime.replies import Replies
from voice_domain.call import Call
from voice_domain.effects import (
    AskResponder,
    CancelReply,
    ClearPlayback,
    Effect,
    PausePlayback,
    Play,
    ResumePlayback,
)

__all__ = ("Foresight",)


class Foresight:
    """Begins effects of one call early; they are then ordered as if nothing had been begun, or `forget` ends them."""

    def __init__(self, voice: Voice, replies: Replies) -> None:
        self._voice = voice
        self._replies = replies
        self._paused = False

    def begin(self, call: Call, effects: tuple[Effect, ...], tasks: TaskGroup) -> None:
        """Begin what can be begun of *effects*; *call* is what it will be after them."""
        self._paused = False
        kinds = {type(effect) for effect in effects}
        if AskResponder in kinds:
            dropped = {effect.turn for effect in effects if isinstance(effect, CancelReply)}
            for effect in effects:
                if isinstance(effect, AskResponder) and effect.turn not in dropped:
                    self._replies.foresee(call, effect.turn, tasks)
        if ClearPlayback in kinds or ResumePlayback in kinds:
            return  # what is said before and after has to be told apart
        for effect in effects:
            if isinstance(effect, Play):
                self._voice.foresee(effect)
        if PausePlayback in kinds and Play not in kinds:
            self._paused = True
            self._voice.pause()

    def forget(self, call: Call) -> None:
        """The events were not kept, so *call* is as it was: end what was begun."""
        self._replies.forget()
        self._voice.forget()
        if self._paused and not call.held:
            self._voice.resume()
        self._paused = False
