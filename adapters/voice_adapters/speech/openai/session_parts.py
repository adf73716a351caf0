"""What a realtime session works with."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import attrs

from voice_adapters.services.openai_refusals import OpenAiRefusals
from voice_adapters.speech.openai.realtime_messages import ListeningTerms
from voice_domain.ports.clock import Clock

__all__ = ("SessionParts", "SocketOpener", "TextSocket")


class TextSocket(Protocol):
    """An open WebSocket."""

    async def send(self, message: str) -> None:
        """Send one text message.

        Raises:
            WebSocketClosedError: if the socket is closed.
        """
        ...

    async def receive(self) -> str | bytes:
        """Return the next message.

        Raises:
            WebSocketClosedError: if the socket is closed.
        """
        ...


SocketOpener = Callable[[str, Sequence[tuple[str, str]]], AbstractAsyncContextManager[TextSocket]]
"""Takes a URL and the headers of the handshake; fails with the errors of `websocket_errors`."""


@attrs.frozen(kw_only=True)
class SessionParts:
    """Where the service is, how it is asked, and what is asked of it."""

    url: str
    headers: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    terms: ListeningTerms
    open_socket: SocketOpener
    clock: Clock
    refusals: OpenAiRefusals
