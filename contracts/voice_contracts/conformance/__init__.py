"""Suites that every adapter of a port must pass, for anybody's adapters; run by pytest with anyio's plugin."""

__all__ = ()
