"""Wires: WebSockets that carry media streams, sockets to services, and HTTP."""

__all__ = ()
