"""What goes wrong on purpose. With the same seed, the same things go wrong in the same places."""

import random
from collections import deque
from collections.abc import Mapping

import attrs

__all__ = ("ApiFault", "Delivery", "FaultPlan", "Faults", "MediaFault", "WebhookFaults")


@attrs.frozen
class WebhookFaults:
    """How webhooks travel. Probabilities are between 0 and 1 and are drawn for each webhook."""

    delay_ms: tuple[int, int] = (0, 0)
    """The shortest and the longest delay."""
    duplicate: float = 0.0
    """Delivered twice, the second a moment later."""
    reorder: float = 0.0
    """Held back for `hold_ms`, so that later ones overtake it."""
    drop: float = 0.0
    """Never delivered; holds for notices only, a carrier that needs an answer asks."""
    hold_ms: int = 1500


@attrs.frozen
class ApiFault:
    """How one request to the API goes wrong."""

    status: int | None = 503
    """What it is answered with; None: not at all, until the client gives up."""
    retry_after_seconds: int | None = None
    takes_effect: bool = False
    """Whether what was asked happens all the same."""
    method: str | None = None
    """Only requests of this method; None: any."""
    code: str | None = None
    """The service's own word for what is wrong, where it has one beside the status."""
    cut_after_pieces: int | None = None
    """The answer begins as it should, and breaks off after so many pieces; `status` does not count then."""


@attrs.frozen
class MediaFault:
    """How one media stream goes wrong."""

    cut_after_ms: int | None = None
    """The socket is gone without a close frame, so long after the stream's start."""
    stall_after_ms: int | None = None
    """The socket stays open, but nothing comes and nothing is read any more: half closed."""


@attrs.frozen
class FaultPlan:
    """What goes wrong by chance or always; single faults are ordered at `Faults`."""

    seed: int = 0
    webhooks: WebhookFaults = attrs.field(factory=WebhookFaults)
    api_lies: Mapping[str, str] = attrs.field(factory=dict)
    """A state in the carrier's word, and what the API says instead."""
    webhook_lies: Mapping[str, str] = attrs.field(factory=dict)
    """The same for webhooks."""


@attrs.frozen
class Delivery:
    """How one webhook travels: after which delays it arrives, in milliseconds; empty: never."""

    delays_ms: tuple[int, ...]


class Faults:
    """Draws from the plan, and hands out the single faults that were ordered, oldest first."""

    def __init__(self, plan: FaultPlan | None = None) -> None:
        self.plan = plan or FaultPlan()
        self._chance = random.Random(self.plan.seed)  # noqa: S311 - faults must repeat, not surprise
        self._api: deque[ApiFault] = deque()
        self._media: deque[MediaFault] = deque()

    def break_api(self, fault: ApiFault, times: int = 1) -> None:
        """Let the next *times* requests that the fault fits go wrong."""
        self._api.extend([fault] * times)

    def mend_api(self) -> None:
        """Let no request go wrong any more that was ordered to."""
        self._api.clear()

    def break_media(self, *faults: MediaFault) -> None:
        """Let the next media streams go wrong, one fault each."""
        self._media.extend(faults)

    def next_api(self, method: str) -> ApiFault | None:
        """Return what goes wrong with this request."""
        for fault in self._api:
            if fault.method in (None, method):
                self._api.remove(fault)
                return fault
        return None

    def next_media(self) -> MediaFault:
        """Return what goes wrong with this stream; by default nothing."""
        return self._media.popleft() if self._media else MediaFault()

    def delivery(self, *, droppable: bool) -> Delivery:
        """Return how the next webhook travels."""
        faults = self.plan.webhooks
        # Every webhook draws the same number of times, so that a change of one rate moves nothing else.
        late = self._chance.randint(*faults.delay_ms)
        drops, doubles, waits = (self._chance.random() for _ in range(3))
        if droppable and drops < faults.drop:
            return Delivery(())
        first = late + (faults.hold_ms if waits < faults.reorder else 0)
        return Delivery((first, first + 1) if doubles < faults.duplicate else (first,))
