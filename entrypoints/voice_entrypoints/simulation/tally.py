"""What is left of a run once it has been judged: its numbers. What was seen of two thousand calls is hundreds of MB."""

import hashlib
from collections import Counter
from collections.abc import Sequence

import attrs

from voice_entrypoints.simulation.seen import Seen

__all__ = ("Tally", "tally_of")


@attrs.frozen(kw_only=True)
class Tally:
    """The numbers of one plan, carried out."""

    digest: str
    """One number for everything that passed the gateway's boundaries."""
    streamed_calls: int
    """How many of its calls had media streams."""
    records: int
    legs: int
    streams: int
    """How many media streams were asked for."""
    lives: int
    seconds: float
    """How much virtual time passed."""
    injected: Counter[str]
    """How often each kind of fault struck."""
    replies: Counter[str]
    """How the responder's answers ended."""


def tally_of(runs: Sequence[Seen]) -> Tally:
    """Return the numbers of the halves of a plan."""
    digests = [seen.trace.digest for seen in runs]
    return Tally(
        digest=digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest(),
        streamed_calls=sum(len(seen.plan.calls) for seen in runs if seen.streamed),
        records=sum(len(seen.histories) for seen in runs),
        legs=sum(len(seen.legs) for seen in runs),
        streams=sum(seen.streams for seen in runs),
        lives=sum(seen.lives for seen in runs),
        seconds=sum(seen.seconds for seen in runs),
        injected=sum((seen.trace.injected for seen in runs), Counter[str]()),
        replies=sum((seen.replies for seen in runs), Counter[str]()),
    )
