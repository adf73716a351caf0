"""How long a client waits for the status of calls, over HTTP and over a WebSocket, while a hundred calls live."""

from voice_entrypoints.bench.rpc.measurement import measure

__all__ = ("measure",)
