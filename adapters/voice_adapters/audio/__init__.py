"""The sound of a call: G.711, formats, resampling, framing, recordings and the voice gate."""

__all__ = ()
