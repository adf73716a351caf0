"""What we say to people who do not read English: one table of sentences, and the language that is spoken now."""

__all__ = ()
