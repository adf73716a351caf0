"""The demonstration: a scripted conversation on the mock carrier, in real time."""

__all__ = ()
