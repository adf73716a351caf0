"""Reads a stream of server-sent events (WHATWG HTML, section 9.2) however it was cut."""

import codecs

import attrs

__all__ = ("SentEvent", "ServerSentEvents")

_MOST_CHARACTERS = 1_000_000  # of one event: more is no text of a model


@attrs.frozen
class SentEvent:
    """One event."""

    name: str
    """What the stream calls it; empty if it does not say."""
    data: str


class ServerSentEvents:
    """Bytes in, events out. Comments, ids and unknown fields are passed over, and so are bytes that are no UTF-8."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._line = ""
        self._after_return = False
        self._name = ""
        self._data: list[str] = []

    def push(self, piece: bytes) -> list[SentEvent]:
        """Return the events that *piece* completes."""
        return self._lines(self._decoder.decode(piece))

    def flush(self) -> list[SentEvent]:
        """Return the last event, for streams that end without the blank line that should close it."""
        return self._lines(self._decoder.decode(b"", final=True) + "\n\n")

    def _lines(self, text: str) -> list[SentEvent]:
        # A line ends with CR, LF or CR LF, and the LF may come with the next piece.
        if text:
            again = self._after_return and text.startswith("\n")
            self._after_return = text.endswith("\r")
            text = text[1:] if again else text
        lines = (self._line + text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
        self._line = lines.pop()[:_MOST_CHARACTERS]
        return [event for line in lines if (event := self._take(line)) is not None]

    def _take(self, line: str) -> SentEvent | None:
        if not line:
            event = SentEvent(self._name, "\n".join(self._data)) if self._data else None
            self._name, self._data = "", []
            return event
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "data" and sum(map(len, self._data)) < _MOST_CHARACTERS:
            self._data.append(value)
        return None
