"""The document that teaches an agent to use the telephone; `voicecall skill` prints it."""

__all__ = ()
