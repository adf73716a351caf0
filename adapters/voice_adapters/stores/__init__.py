"""Where calls are kept: in memory, or in a SQLite file in the state folder."""

__all__ = ()
