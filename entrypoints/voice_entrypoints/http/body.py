"""Reads the body of a request, up to a size and within a time."""

from collections.abc import Mapping
from typing import Final

import anyio
from starlette.types import Receive

__all__ = ("BodyTooLargeError", "BodyTooSlowError", "ClientGoneError", "read_body")

# A client that is cut off while it still sends may never see the refusal, so a moderate excess is read away.
_EXCESS: Final = 16
_EXCESS_SECONDS: Final = 2.0


class BodyTooLargeError(Exception):
    """The body is larger than allowed."""


class BodyTooSlowError(Exception):
    """The body did not come in time."""


class ClientGoneError(Exception):
    """The client left before the body had come."""


async def read_body(receive: Receive, headers: Mapping[str, str], *, limit: int, seconds: float) -> bytes:
    """Return the body.

    Raises:
        BodyTooLargeError: if it has, or is announced to have, more than *limit* bytes.
        BodyTooSlowError: if it has not come within *seconds*.
        ClientGoneError: if the client left.
    """
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        await _read_away(receive, limit * _EXCESS)
        raise BodyTooLargeError
    try:
        with anyio.fail_after(seconds):
            return await _read(receive, limit)
    except TimeoutError as error:
        raise BodyTooSlowError from error


async def _read(receive: Receive, limit: int) -> bytes:
    pieces: list[bytes] = []
    size, more = 0, True
    while more:
        piece, more = await _piece(receive)
        size += len(piece)
        if size > limit:
            if more:
                await _read_away(receive, limit * _EXCESS)
            raise BodyTooLargeError
        pieces.append(piece)
    return b"".join(pieces)


async def _read_away(receive: Receive, limit: int) -> None:
    size, more = 0, True
    with anyio.move_on_after(_EXCESS_SECONDS):
        while more and size <= limit:
            piece, more = await _piece(receive)
            size += len(piece)


async def _piece(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    return message.get("body", b""), message.get("more_body", False)
