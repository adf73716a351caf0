"""The carrier: the company or program that runs the phone network side of a call.

Roles are split so that each is small. A carrier has `Carrier`; what else it can do, its `Capabilities` say, and the
application asks them, never a carrier's name.
"""

from typing import ClassVar, Protocol

import attrs

from voice_domain.e164 import PhoneNumber
from voice_domain.errors import VoiceError
from voice_domain.identity import CallId, CarrierCallId, SpeechId
from voice_domain.inputs import CarrierNews
from voice_domain.mode_rules import Mode
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.vocabulary import Direction, EndReason

__all__ = (
    "AskingCarrier",
    "Capabilities",
    "Carrier",
    "CarrierError",
    "CarrierSignal",
    "DialRequest",
    "Exchange",
    "Keypad",
    "LineStatus",
    "NativeSpeech",
    "Redirectable",
    "SelfDriven",
    "SpeechPlayed",
    "SpokenText",
    "UnsupportedError",
)


class CarrierError(VoiceError):
    """The carrier refused, or could not be reached."""

    kind: ClassVar[str] = "carrier_error"

    def __init__(
        self,
        carrier: str,
        problem: str,
        *,
        code: str = "",
        status: int | None = None,
        retryable: bool = False,
    ) -> None:
        details = ", ".join(
            part for part in (f"code {code}" if code else "", f"HTTP {status}" if status else "") if part
        )
        super().__init__(f"{carrier}: {problem}" + (f" ({details})" if details else ""))
        self.carrier = carrier
        self.code = code
        """The carrier's own error code; empty when it gave none."""
        self.status = status
        """The HTTP status; None when there was no answer."""
        self.retryable = retryable
        """Whether the same request may succeed later."""


class UnsupportedError(VoiceError):
    """The carrier cannot do this."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, carrier: str, ability: str, *, remedy: str = "choose another provider for it") -> None:
        super().__init__(f"{carrier} does not support {ability}; {remedy}")
        self.carrier = carrier
        self.ability = ability


@attrs.frozen(kw_only=True)
class Capabilities:
    """What a carrier can do; declared by its adapter, shown to people, asked by the application."""

    media_stream: bool = False
    """Audio of the call, both ways, frame by frame."""
    native_speech: bool = False
    """Reads text with voices of its own."""
    native_listening: bool = False
    """Transcribes the counterpart itself."""
    digits: bool = False
    """Presses keys."""
    transfer: bool = False
    """Hands the counterpart over to another number."""
    inbound: bool = False
    """Tells us of calls to our number."""
    reject: bool = False
    """Refuses a call without answering it."""
    live_speech: bool = True
    """Speaks into a running call; some products speak only what they were given at the dial."""


@attrs.frozen(kw_only=True)
class DialRequest:
    """Everything that a carrier may need to place a call."""

    call_id: CallId
    caller: PhoneNumber
    callee: PhoneNumber
    ring_ms: int
    """After this long without an answer the carrier gives up too."""
    cap_ms: int
    """After this long from the dial the carrier ends the call too."""
    mode: Mode
    opening: str
    """What will be said first; carriers that speak it themselves need it now. Empty for nothing."""
    locale: str


@attrs.frozen
class LineStatus:
    """What the carrier says of a call when asked."""

    alive: bool | None
    """True while it runs, False once it is over or unknown to the carrier, None when the carrier cannot say."""
    reason: EndReason | None = None
    """Why it is over; None when it is not, or when the carrier does not say."""
    cause: str = ""
    """The carrier's own word."""
    answered: bool | None = None
    """Whether somebody has answered; None when the carrier does not tell that from ringing."""
    answered_at_ms: int | None = None
    """When that was, by the carrier's clock, epoch milliseconds; None when it does not say, or nobody has."""


class Carrier(Protocol):
    """Places and ends calls. Every method has a deadline of its own."""

    @property
    def name(self) -> str:
        """The word for it in the settings file."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    async def dial(self, request: DialRequest) -> CarrierCallId:
        """Place a call and return the carrier's name for it.

        Raises:
            CarrierError: if the carrier refused or could not be reached; no leg exists then, as far as is known.
        """
        ...

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        """Take an inbound call; does nothing where the answer to the webhook takes it.

        Raises:
            CarrierError: as `dial`.
        """
        ...

    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        """Refuse an inbound call without answering it; repeating it is harmless.

        Raises:
            CarrierError: as `dial`.
        """
        ...

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        """End the leg. Returns once the carrier has confirmed that it is over or ending; one that is gone counts.

        Raises:
            CarrierError: if it is not confirmed; the leg may still be alive, so ask again.
        """
        ...

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        """Return what the carrier knows of a call.

        Raises:
            CarrierError: if the carrier could not be asked.
        """
        ...


class Keypad(Protocol):
    """Sends keys into a call and hands calls over."""

    async def send_digits(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        """Press *digits* (0-9 * # A-D, w and , as half-second pauses, p as a pause of one second).

        Raises:
            CarrierError: if the carrier refused.
            UnsupportedError: if it cannot.
        """
        ...

    async def transfer(self, carrier_call_id: CarrierCallId, to: PhoneNumber) -> None:
        """Connect the counterpart to *to*; our part of the call is over once that leg answers.

        Raises:
            CarrierError: if the carrier refused.
            UnsupportedError: if it cannot.
        """
        ...


class AskingCarrier(Protocol):
    """A carrier that can be told nothing: what is wanted of a call is the answer when it asks next."""

    def waits(self, carrier_call_id: CarrierCallId) -> bool:
        """Whether what is wanted of a call waits for that; False for one that is over or ending."""
        ...


@attrs.frozen(kw_only=True)
class SpokenText:
    """One part of a speech for a carrier's own voice."""

    speech_id: SpeechId
    part: int
    text: str
    locale: str
    """BCP 47 of the call; a text in another script is read by a voice of that script."""
    interruptible: bool
    """Whether the counterpart's voice may cut it."""
    then_listen: bool
    """Whether the counterpart is listened to afterwards."""
    voice: str | None = None
    """The voice that is configured for this call, where it is not the general one; None for that."""


@attrs.frozen
class SpeechPlayed:
    """The carrier tells that its voice reads a part no more; goes to whoever ordered it, not to the call."""

    speech_id: SpeechId
    part: int
    at_ms: int = 0
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None
    cut_at_ms: int | None = None
    """When something may have cut it short, by the clock of `at_ms`; None if it was read to its end."""
    over: bool = True
    """False if this tells only when it was cut; that it is over is told once it is known what cut it."""


class Redirectable(Protocol):
    """A carrier that can be told where calls to our number come, without anybody's visit to its console."""

    async def redirect(self, number: PhoneNumber, *, from_url: str, to_url: str) -> bool:
        """Have calls to *number* come to *to_url*, if they came to *from_url*; return whether they do now.

        An empty *from_url* is for a number that leads nowhere. What leads to any other address, or to something that
        wins over an address, was set up by somebody else, and stays; so does whatever else is set for the number.

        Raises:
            CarrierError: if the carrier refused or could not be reached.
        """
        ...


class NativeSpeech(Protocol):
    """Speaks and listens with the carrier's own voices, for calls without a media stream."""

    @property
    def tells_end(self) -> bool:
        """Whether `SpeechPlayed` follows every text that was read to its end; else its duration is estimated."""
        ...

    async def speak(self, carrier_call_id: CarrierCallId, spoken: SpokenText) -> None:
        """Read a text, replacing whatever is read now; returns when the carrier has accepted it.

        Raises:
            CarrierError: if the carrier refused.
        """
        ...

    async def silence(self, carrier_call_id: CarrierCallId) -> None:
        """Stop reading.

        Raises:
            CarrierError: if the carrier refused.
        """
        ...

    async def listen(self, carrier_call_id: CarrierCallId, *, locale: str) -> None:
        """Transcribe the counterpart from now on; called when nothing is being read.

        Raises:
            CarrierError: if the carrier refused.
        """
        ...

    async def stop_listening(self, carrier_call_id: CarrierCallId) -> None:
        """Transcribe no more; repeating it is harmless.

        Raises:
            CarrierError: if the carrier refused.
        """
        ...


@attrs.frozen(kw_only=True)
class CarrierSignal:
    """Something that a carrier told us, in our words."""

    news: CarrierNews | SpeechPlayed
    carrier_call_id: CarrierCallId | None = None
    call_id: CallId | None = None
    """Ours, when the carrier hands it back; else the call is found by the carrier's name for it."""
    direction: Direction | None = None
    """None when the carrier does not say."""
    caller: PhoneNumber | None = None
    callee: PhoneNumber | None = None


class Exchange(Protocol):
    """Where a carrier's news and audio go; the application plays this role."""

    async def tell(self, signal: CarrierSignal) -> None:
        """Take a signal. Returns once what it means is durable.

        Raises:
            StoreError: if it could not be made durable; tell it again.
        """
        ...

    def attach(self, call_id: CallId, link: MediaLink) -> MediaListener:
        """Take over the audio of a call; a newer link of the same call replaces the older one, which is closed.

        Raises:
            CallNotFoundError: if there is no such live call.
        """
        ...


class SelfDriven(Protocol):
    """A carrier that produces its news itself, in this process (mock; a SIP stack)."""

    async def run(self, exchange: Exchange) -> None:
        """Live until cancelled, telling *exchange* everything that happens."""
        ...
