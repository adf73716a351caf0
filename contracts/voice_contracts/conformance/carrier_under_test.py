"""What the author of a carrier gives to have it checked: a stage to work on, and samples of what it reads."""

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager

import attrs

from voice_contracts.conformance.carrier_stage import CarrierStage
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier import Exchange
from voice_domain.ports.media_dialect import MediaDialect
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest

__all__ = ("CarrierUnderTest", "DialectSamples", "WebhookSamples")


@attrs.frozen(kw_only=True)
class WebhookSamples:
    """Requests of the carrier, and who reads them; the reader's clock, if it has one, stands still."""

    reader: WebhookReader
    requests: tuple[WebhookRequest, WebhookRequest]
    """Two different authentic ones that tell something of a call."""
    forged: WebhookRequest | None
    """One that is not the carrier's; None for a carrier that signs nothing."""


@attrs.frozen(kw_only=True)
class DialectSamples:
    """Messages of one media stream of the carrier's, as they come over the WebSocket."""

    dialect: MediaDialect
    began: bytes | str
    """The one that says which call the stream belongs to."""
    frame: bytes | str
    """The first one of audio."""
    frame_payload: bytes
    """Its audio in µ-law, 8 kHz."""
    mark: bytes | str
    """The carrier's confirmation of `mark_name`."""
    mark_name: str
    over: bytes | str | None = None
    """Its last one; None for a carrier that just closes the socket."""


class CarrierUnderTest(ABC):
    """Says how a carrier is put to work, offline: against a stand-in for its network, in this process.

    `python -m voice_contracts.conformance package.module:Class` checks it and prints the capability matrix;
    `checks_of` gives the same checks one by one, for pytest.
    """

    callee: PhoneNumber = PhoneNumber("+15550005678")
    caller: PhoneNumber = PhoneNumber("+15550000000")
    deadline_seconds: float = 30.0
    """How long the carrier may take to tell what happened, or to return."""
    real_time: bool = False
    """Whether it needs the machine's own clock, because it works on sockets or in threads; takes a minute then."""
    network_can_fail: bool = True
    """Whether its network can refuse; one within the process may be unable to. If so, the stage has `fail`."""
    attaches_audio: bool = False
    """Whether the audio of a call on this stage goes through `Exchange.attach`; needs `media_stream`."""
    sends_silence: bool = True
    """Whether that audio comes although nobody speaks."""
    plays_in_real_time: bool = True
    """Whether that audio takes the time that it lasts."""

    @abstractmethod
    def open_stage(self, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        """Return the context in which a fresh carrier works, telling *exchange* everything."""

    @abstractmethod
    def webhooks(self) -> WebhookSamples | None:
        """Return samples of its webhooks; None for a carrier that sends none."""

    @abstractmethod
    def dialect(self) -> DialectSamples | None:
        """Return samples of its media streams; None for a carrier whose audio comes in another way, or not at all."""
