"""The agent tool over the Model Context Protocol."""

__all__ = ()
