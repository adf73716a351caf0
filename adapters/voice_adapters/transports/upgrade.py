"""The handshake of a WebSocket on the server's side: what is asked for, and the two answers (RFC 6455, section 4.2)."""

from collections.abc import Mapping
from typing import ClassVar, Final

import attrs
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, RejectConnection, RejectData, Request
from wsproto.utilities import RemoteProtocolError

from voice_adapters.transports.media_engine import Refusal
from voice_domain.errors import VoiceError

__all__ = ("Asked", "BadUpgradeError", "Upgrade")

_BAD_REQUEST: Final = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class BadUpgradeError(VoiceError):
    """What came asks for no WebSocket."""

    kind: ClassVar[str] = "socket_error"

    def __init__(self, answer: bytes) -> None:
        super().__init__("A request is no WebSocket handshake")
        self.answer = answer
        """What to tell the client before closing; empty for nothing."""


@attrs.frozen
class Asked:
    """A well-formed handshake."""

    path: str
    """Without the query."""
    headers: Mapping[str, str]
    """With lower-case names."""


class Upgrade:
    """Reads one handshake and words the answer."""

    def __init__(self) -> None:
        self._connection = WSConnection(ConnectionType.SERVER)

    def receive(self, data: bytes) -> Asked | None:
        """Return what is asked for; None while the request is not whole.

        Raises:
            BadUpgradeError: if it is something else.
        """
        try:
            self._connection.receive_data(data)
            request = next((each for each in self._connection.events() if isinstance(each, Request)), None)
        except RemoteProtocolError as error:
            hint = error.event_hint
            answer = b"" if hint is None else self._connection.send(hint)
            raise BadUpgradeError(answer) from error
        except UnicodeError as error:  # wsproto takes host, subprotocols and extensions for ASCII
            raise BadUpgradeError(_BAD_REQUEST) from error
        return None if request is None else _asked(request)

    def accept(self) -> bytes:
        """Return the answer that opens the socket; no extension and no subprotocol is agreed to."""
        return self._connection.send(AcceptConnection())

    def refuse(self, refusal: Refusal) -> bytes:
        """Return the HTTP answer to a socket that is not opened."""
        body = refusal.text.encode()
        lines = (
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
            *refusal.headers,
        )
        headers = [(name.encode(), value.encode()) for name, value in lines]
        head = RejectConnection(status_code=refusal.status, headers=headers, has_body=True)
        return self._connection.send(head) + self._connection.send(RejectData(data=body))


def _asked(request: Request) -> Asked:
    headers: dict[str, str] = {}
    for raw, value in request.extra_headers:
        name, more = raw.decode("latin-1").lower(), value.decode("latin-1")
        # RFC 9110, section 5.2: a header that is there twice is one list.
        headers[name] = f"{headers[name]}, {more}" if name in headers else more
    return Asked(request.target.partition("?")[0], headers)
