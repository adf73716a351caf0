"""Clients that cost next to nothing: one connection, one question at a time, no event loop."""

import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Protocol, Self
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, RejectConnection, Request, TextMessage

from voice_contracts.secret import Secret
from voice_domain.errors import VoiceError

__all__ = ("Asker", "HttpAsker", "SocketAsker", "WrongAnswerError", "wire_text")

_SECONDS = 10.0
_READ_BYTES = 1 << 18


class WrongAnswerError(VoiceError):
    """The gateway did not answer what it was asked, so there is nothing to measure."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, answer: bytes) -> None:
        super().__init__(f"the gateway gave an answer that is none: {answer[:120]!r}; try it by hand")


class Asker(Protocol):
    """Asks a gateway."""

    def ask(self, question: bytes) -> bytes:
        """Send one JSON-RPC request and return its answer."""
        ...


def wire_text(method: str, params: Mapping[str, Any]) -> bytes:
    """Return a JSON-RPC request."""
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()


class HttpAsker(Asker):
    """Asks by `POST /rpc` on a connection that stays open."""

    def __init__(self, url: str, token: Secret) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=_SECONDS, blocksize=_READ_BYTES
        )
        self._headers = {"Authorization": f"Bearer {token.reveal()}", "Content-Type": "application/json"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, question: bytes) -> bytes:
        """Post it."""
        self._connection.request("POST", "/rpc", question, self._headers)
        return self._connection.getresponse().read()

    def look(self) -> bytes:
        """Fetch the health page, which needs neither a token nor the telephone: what HTTP itself takes."""
        self._connection.request("GET", "/healthz")
        return self._connection.getresponse().read()


class SocketAsker(Asker):
    """Asks over a WebSocket."""

    def __init__(self, url: str, token: Secret) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        headers = [(b"authorization", f"Bearer {token.reveal()}".encode())]
        request = Request(host=parts.netloc, target="/rpc", extra_headers=headers)
        self._socket.sendall(self._protocol.send(request))
        answer = next(self._events())
        if not isinstance(answer, AcceptConnection):
            status = answer.status_code if isinstance(answer, RejectConnection) else 0
            raise WrongAnswerError(f"status {status} to the upgrade".encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, question: bytes) -> bytes:
        """Send it as one text message."""
        self._socket.sendall(self._protocol.send(TextMessage(question.decode())))
        whole = ""
        for event in self._events():
            if isinstance(event, TextMessage):
                whole += event.data
                if event.message_finished:
                    break
        return whole.encode()

    def _events(self) -> Iterator[object]:
        while True:
            data = self._socket.recv(_READ_BYTES)
            if not data:
                raise WrongAnswerError(b"a closed socket")
            self._protocol.receive_data(data)
            yield from self._protocol.events()
