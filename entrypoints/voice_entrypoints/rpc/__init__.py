"""JSON-RPC 2.0: the methods of the phone, and the ways to call them over pipes and sockets."""

__all__ = ()
