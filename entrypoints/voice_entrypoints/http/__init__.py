"""The gateway's two HTTP listeners: one for carriers, one for whoever holds the token."""

__all__ = ()
