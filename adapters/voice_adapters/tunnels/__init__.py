"""Tunnels: programs on this machine that make the public listener reachable."""

__all__ = ()
