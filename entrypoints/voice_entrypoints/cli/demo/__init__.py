"""The demonstration: a scripted conversation in real time, on the mock carrier or on an adapter among twins."""

__all__ = ()
