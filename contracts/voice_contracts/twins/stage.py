"""How the twin of a carrier is set up, alike for every carrier; each tells its own in `twins.<carrier>.stage`."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Protocol

import attrs

from voice_contracts.twins.callee import Callee
from voice_contracts.twins.ear import Ear
from voice_contracts.twins.faults import Faults
from voice_contracts.twins.http_client import InProcess
from voice_contracts.twins.ledger import Ledger, LegRecord
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.vocabulary import EndReason

__all__ = ("Arrangement", "CarrierStage", "CarrierTwin", "Notice", "StageFacts", "Telling")


@attrs.frozen(kw_only=True)
class Arrangement:
    """What a carrier's account and the settings of a gateway have to agree on, and who else has a phone."""

    number: str
    """Ours, E.164."""
    webhook_url: str
    """Where the carrier tells us things."""
    callees: Mapping[str, Callee] = attrs.field(factory=dict)
    """Who answers a number, E.164; a key that ends in `*` is a prefix. May be added to while the twin runs."""
    verified: frozenset[str] | None = None
    """What a trial account may dial; None: anything. It counts where carriers have such accounts."""
    secret: str = attrs.field(default="twin-secret-0123456789abcdef", repr=False)
    """What all secrets of the account are made of."""


@attrs.frozen(kw_only=True)
class Notice:
    """A webhook that was posted, as far as a signature covers it."""

    url: str
    body: bytes
    fields: Sequence[tuple[str, str]] = ()
    """The fields of a body that is a form, decoded."""
    at_ms: int
    """When it is signed."""
    serial: int = 1
    """No two notices of a carrier have the same."""


@attrs.frozen(kw_only=True)
class Telling:
    """What a webhook says of a leg, in words that are the same for every carrier."""

    leg: str = ""
    """The leg's name; empty if it names none."""
    state: str | None = None
    """The carrier's own word for what happened; None: it has none for it."""
    words: str = ""
    """What the counterpart has said and will not change."""
    up: bool = False
    """Whether it says that the leg has been answered."""


@attrs.frozen(kw_only=True)
class StageFacts:
    """What is true of a carrier whatever is arranged with it."""

    name: str
    """The word for it in the settings."""
    title: str
    """What it calls itself."""
    hosts: frozenset[str]
    """Where its real interface is."""
    takes_calls: bool = True
    """Whether people can call our number."""
    streams: bool = True
    """Whether the sound of a call can pass through us."""
    tells_who_hung_up: bool = True
    takes_commands: bool = True
    """Whether a call does what it is told when it is told; else it does so when it asks next."""
    tells_words_at_once: bool = True
    """Whether it tells that somebody speaks when they begin to; else when they have finished."""
    tells_why_when_asked: bool = True
    """Whether it says of a call that is over why it is, when it is asked about it."""
    fetches_texts: bool = False
    """Whether it reads what our answers to its requests hold, so that nothing is read of an answer that gets lost."""
    left_by: str = "callee"
    """What its ledger calls the counterpart who ends a call."""
    needs: tuple[str, ...] = ()
    """Modules of other packages without which neither twin nor adapter works."""
    own_words: frozenset[str] = frozenset()
    """What it says of itself when we let it down."""


class CarrierTwin(Protocol):
    """What the running twin of every carrier can do. The name of a leg is what the carrier calls it."""

    ledger: Ledger
    faults: Faults
    transport: InProcess
    """Reaches its interface without a socket."""

    def listening(self, port: int = 0) -> AbstractAsyncContextManager[str]:
        """Serve the interface on loopback for as long as the block lasts, and give its URL (asyncio only)."""
        ...

    def call_in(self, caller: str, number: str, callee: Callee | None = None) -> str:
        """Let somebody call one of our numbers, and return the leg's name.

        Raises:
            VoiceError: if nobody can.
        """
        ...

    def ear(self, name: str, /) -> Ear:
        """Return what the other end of a leg has heard."""
        ...

    async def answered(self, name: str, /) -> LegRecord:
        """Wait until a leg has been answered or has ended."""
        ...

    def hang_up(self, name: str, /) -> None:
        """Let the other end hang up now."""
        ...


class CarrierStage(Protocol):
    """How one carrier's twin is set up."""

    facts: ClassVar[StageFacts]

    def settings(self, arranged: Arrangement, api_url: str | None = None) -> dict[str, Any]:
        """Return the carrier's part of a settings document.

        *api_url* is where its interface is; None: where the real one is.
        """
        ...

    def open(self, arranged: Arrangement, around: Surroundings) -> AbstractAsyncContextManager[CarrierTwin]:
        """Run the twin for as long as the block lasts."""
        ...

    def address(self, arranged: Arrangement) -> str:
        """Return where the carrier tells us things: the address of our webhooks, here and there with a secret."""
        ...

    def signed(self, arranged: Arrangement, notice: Notice) -> dict[str, str]:
        """Return the headers, in lower case, by which *notice* proves that the carrier sent it."""
        ...

    def telling(self, body: bytes) -> Telling:
        """Return what a webhook with this *body* says."""
        ...

    def end_reason(self, leg: LegRecord) -> EndReason:
        """Return why a call is over whose *leg* has ended, as far as the carrier tells."""
        ...
