"""Speech in and out: what turns text into audio and audio into text."""

__all__ = ()
