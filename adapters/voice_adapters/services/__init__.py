"""What the online services of speech and language have in common: streamed answers, and reasons for refusals."""

__all__ = ()
