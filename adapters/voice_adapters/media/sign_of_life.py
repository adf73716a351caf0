"""What a far end's silence says of what it has played."""

from voice_domain.ports.media import MediaLink

__all__ = ("known_until",)

# Frames come every 20 ms; a network may be late with two of them.
_SUSPICIOUS_SECONDS = 0.06


def known_until(now: float, link: MediaLink) -> float:
    """Return until when the far end is known to have played: who has fallen silent may have stopped then."""
    silent = link.silent_seconds
    return now - silent if silent > _SUSPICIOUS_SECONDS else now
