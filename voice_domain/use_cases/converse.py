"""Talking in a live call: saying something, and hearing what comes back."""

from typing import ClassVar

import attrs

from voice_domain.call import Call
from voice_domain.errors import VoiceError
from voice_domain.events import WaiterOutcome
from voice_domain.identity import CallId, SpeechId, WaiterId
from voice_domain.inputs import ContinueRequested, SpeakRequested
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import Carrier, UnsupportedError
from voice_domain.ports.clock import Identities
from voice_domain.ports.switchboard import Switchboard, UnavailableError
from voice_domain.refusals import InvalidRequestError
from voice_domain.use_cases.find_call import FindCall

__all__ = ("CallEndedWhileWaitingError", "Converse", "TranscriptTimeoutError")


class TranscriptTimeoutError(VoiceError):
    """The counterpart said nothing in time."""

    kind: ClassVar[str] = "timeout"


class CallEndedWhileWaitingError(VoiceError):
    """The call ended before the counterpart said anything."""

    kind: ClassVar[str] = "call_ended"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Call ended: {reason}")
        self.reason = reason


@attrs.frozen(kw_only=True)
class Converse:
    """Says things in a call that is up."""

    switchboard: Switchboard
    find: FindCall
    carrier: Carrier
    identities: Identities

    async def speak(self, key: str, message: str) -> Call:
        """Say *message* after everything that is being said; returns once it is queued.

        Raises:
            InvalidRequestError: if the message is blank.
            CallNotFoundError, CallEndedError, NotConnectedError: if nobody can hear it.
            UnsupportedError: if the carrier reads a notify call's message by itself and takes no other.
            StoreError: if it could not be kept; nothing is said then.
        """
        text = _spoken(message)
        speech_id = SpeechId(self.identities.new_token())
        return await self.switchboard.submit(await self._hearing(key), SpeakRequested(speech_id, text))

    async def continue_call(self, key: str, message: str) -> str:
        """Say *message* and return the counterpart's next final utterance.

        Raises:
            AlreadyWaitingError: if somebody waits for this call's next utterance already.
            TranscriptTimeoutError: if nothing was heard in time; the call lives on.
            CallEndedWhileWaitingError: if the call ended first.
            UnavailableError: if the message could not be spoken.
            InvalidRequestError, CallNotFoundError, CallEndedError, NotConnectedError, UnsupportedError, StoreError:
                as `speak`.
        """
        text = _spoken(message)
        call_id = await self._hearing(key)
        speech_id = SpeechId(self.identities.new_token())
        waiter_id = WaiterId(self.identities.new_token())
        await self.switchboard.submit(call_id, ContinueRequested(speech_id, text, waiter_id))
        released = await self.switchboard.utterance(call_id, waiter_id)
        if released.outcome is WaiterOutcome.HEARD:
            return released.detail
        if released.outcome is WaiterOutcome.TIMED_OUT:
            raise TranscriptTimeoutError(released.detail)
        if released.outcome is WaiterOutcome.CALL_ENDED:
            raise CallEndedWhileWaitingError(released.detail)
        raise UnavailableError(f"The message could not be spoken: {released.detail}")

    async def _hearing(self, key: str) -> CallId:
        """Return our id of a live call into which more can be said."""
        call_id = await self.find.live(key)
        call = self.switchboard.find(call_id)
        if call is not None and call.mode is Mode.NOTIFY and not self.carrier.capabilities.live_speech:
            raise UnsupportedError(
                self.carrier.name,
                "speech into a running notify call",
                remedy="place it in the mode conversation",
            )
        return call_id


def _spoken(message: str) -> str:
    text = message.strip()
    if not text:
        raise InvalidRequestError("message", "message required: say what is to be spoken")
    return text
