"""Twins: stand-ins for carriers and speech services that speak their real wire protocols, with no account.

Each is written from the wire facts alone and knows no adapter, so that a twin and an adapter cannot share a
misunderstanding. A twin runs on loopback sockets, or in-process in virtual time.
"""

__all__: tuple[str, ...] = ()
