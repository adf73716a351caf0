"""The machine of a call: what the line does, who has the floor, and the word for both that the outside sees.

Two small coupled tables. Every pair of state and fact has exactly one verdict: it moves the call (to stay where
it is is a move), it is IGNORED (late and repeated facts are rows), or it is ILLEGAL. A third table says what each
input may do while the line is in each state. `docs/call-states.md` is rendered from these tables, and tested.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from voice_domain.vocabulary import EndReason

__all__ = (
    "BRIDGED_WORDS",
    "FLOOR_TABLE",
    "GATE_TABLE",
    "IGNORED",
    "ILLEGAL",
    "LINE_TABLE",
    "WORD_TABLE",
    "Floor",
    "FloorFact",
    "Gate",
    "InputKind",
    "Line",
    "LineFact",
    "Verdict",
    "floor_after",
    "gate_of",
    "is_live",
    "line_after",
    "outside_word",
)


class Line(StrEnum):
    """What the phone line does."""

    DIALLING = "dialling"
    RINGING = "ringing"
    UP = "up"
    CLOSING = "closing"
    """We have decided to hang up; the carrier has not confirmed it yet."""
    ENDED = "ended"


class Floor(StrEnum):
    """Who may speak now; nobody only until the first word is spoken."""

    NOBODY = "nobody"
    OURS = "ours"
    THEIRS = "theirs"


class LineFact(StrEnum):
    """Facts about the line; each is one event."""

    DIALLED = "dialled"
    RANG = "rang"
    ANSWERED = "answered"
    BRIDGED = "bridged"
    CLOSING_BEGAN = "closing-began"
    ENDED = "ended"


class FloorFact(StrEnum):
    """Facts about the floor; each is one event."""

    SPEECH_STARTED = "speech-started"
    SPEECH_OVER = "speech-over"
    COUNTERPART_SPOKE = "counterpart-spoke"


class Verdict(Enum):
    """What a table says of a pair that does not move the call."""

    IGNORED = "ignored"
    ILLEGAL = "illegal"


IGNORED: Final = Verdict.IGNORED
ILLEGAL: Final = Verdict.ILLEGAL

_L, _LF, _F, _FF = Line, LineFact, Floor, FloorFact
_LineRow: TypeAlias = Mapping[LineFact, Line | Verdict]
_FloorRow: TypeAlias = Mapping[FloorFact, Floor | Verdict]

LINE_TABLE: Mapping[Line, _LineRow] = MappingProxyType(
    {
        _L.DIALLING: {
            _LF.DIALLED: _L.DIALLING,
            _LF.RANG: _L.RINGING,
            _LF.ANSWERED: _L.UP,
            _LF.BRIDGED: IGNORED,
            _LF.CLOSING_BEGAN: _L.CLOSING,
            _LF.ENDED: _L.ENDED,
        },
        _L.RINGING: {
            _LF.DIALLED: _L.RINGING,
            _LF.RANG: IGNORED,
            _LF.ANSWERED: _L.UP,
            _LF.BRIDGED: IGNORED,
            _LF.CLOSING_BEGAN: _L.CLOSING,
            _LF.ENDED: _L.ENDED,
        },
        _L.UP: {
            _LF.DIALLED: _L.UP,
            _LF.RANG: IGNORED,
            _LF.ANSWERED: IGNORED,
            _LF.BRIDGED: _L.UP,
            _LF.CLOSING_BEGAN: _L.CLOSING,
            _LF.ENDED: _L.ENDED,
        },
        _L.CLOSING: {
            _LF.DIALLED: _L.CLOSING,
            _LF.RANG: IGNORED,
            _LF.ANSWERED: IGNORED,
            _LF.BRIDGED: IGNORED,
            _LF.CLOSING_BEGAN: IGNORED,
            _LF.ENDED: _L.ENDED,
        },
        _L.ENDED: {
            _LF.DIALLED: IGNORED,
            _LF.RANG: IGNORED,
            _LF.ANSWERED: IGNORED,
            _LF.BRIDGED: IGNORED,
            _LF.CLOSING_BEGAN: ILLEGAL,
            _LF.ENDED: IGNORED,
        },
    }
)

FLOOR_TABLE: Mapping[Floor, _FloorRow] = MappingProxyType(
    {
        _F.NOBODY: {
            _FF.SPEECH_STARTED: _F.OURS,
            _FF.SPEECH_OVER: _F.THEIRS,
            _FF.COUNTERPART_SPOKE: _F.THEIRS,
        },
        _F.OURS: {
            _FF.SPEECH_STARTED: _F.OURS,
            _FF.SPEECH_OVER: _F.THEIRS,
            _FF.COUNTERPART_SPOKE: _F.THEIRS,
        },
        _F.THEIRS: {
            _FF.SPEECH_STARTED: _F.OURS,
            _FF.SPEECH_OVER: _F.THEIRS,
            _FF.COUNTERPART_SPOKE: IGNORED,
        },
    }
)


class InputKind(StrEnum):
    """The kinds of input that the gate tells apart."""

    COMMAND = "command to speak, send digits or transfer"
    HANG_UP = "command to hang up"
    DIAL_REPORT = "report of the dial"
    LINE_NEWS = "carrier's news of the line"
    HEARING = "voice, words or digits heard"
    SPEECH_REPORT = "report of our speech"
    REPLY = "the responder's reply"
    STREAM_OPENED = "media stream opened"
    STREAM_LOST = "media stream or hearing lost"
    TRANSFER_REPORT = "report of a transfer"
    TRANSFER_VERDICT = "dial policy's refusal of a transfer"
    STATUS_REPORT = "report of the leg's status"
    CLOSE_REPORT = "report of the hang-up"
    TIMER = "timer fired"


class Gate(StrEnum):
    """What an input may do while the line is in a state. A new name for the leg is taken from every input."""

    OPEN = "taken"
    PROVES_ANSWER = "taken, and proves an answer that was not told"
    IGNORED = "ignored"
    NOT_CONNECTED = "refused: not connected"
    CALL_ENDED = "refused: call ended"


_K, _G = InputKind, Gate

GATE_TABLE: Mapping[InputKind, Mapping[Line, Gate]] = MappingProxyType(
    {
        kind: dict(zip(Line, row, strict=True))
        for kind, row in {
            # …………………  DIALLING          RINGING           UP         CLOSING        ENDED
            _K.COMMAND: (_G.NOT_CONNECTED, _G.NOT_CONNECTED, _G.OPEN, _G.CALL_ENDED, _G.CALL_ENDED),
            _K.HANG_UP: (_G.OPEN, _G.OPEN, _G.OPEN, _G.IGNORED, _G.IGNORED),
            _K.DIAL_REPORT: (_G.OPEN, _G.OPEN, _G.OPEN, _G.OPEN, _G.IGNORED),
            _K.LINE_NEWS: (_G.OPEN, _G.OPEN, _G.OPEN, _G.OPEN, _G.IGNORED),
            _K.HEARING: (_G.PROVES_ANSWER, _G.PROVES_ANSWER, _G.OPEN, _G.IGNORED, _G.IGNORED),
            _K.SPEECH_REPORT: (_G.IGNORED, _G.IGNORED, _G.OPEN, _G.OPEN, _G.IGNORED),
            _K.REPLY: (_G.IGNORED, _G.IGNORED, _G.OPEN, _G.IGNORED, _G.IGNORED),
            _K.STREAM_OPENED: (_G.PROVES_ANSWER, _G.PROVES_ANSWER, _G.OPEN, _G.IGNORED, _G.IGNORED),
            _K.STREAM_LOST: (_G.IGNORED, _G.IGNORED, _G.OPEN, _G.IGNORED, _G.IGNORED),
            _K.TRANSFER_REPORT: (_G.IGNORED, _G.IGNORED, _G.OPEN, _G.IGNORED, _G.IGNORED),
            _K.TRANSFER_VERDICT: (_G.OPEN, _G.OPEN, _G.OPEN, _G.OPEN, _G.IGNORED),
            _K.STATUS_REPORT: (_G.OPEN, _G.OPEN, _G.OPEN, _G.IGNORED, _G.IGNORED),
            _K.CLOSE_REPORT: (_G.IGNORED, _G.IGNORED, _G.IGNORED, _G.OPEN, _G.IGNORED),
            _K.TIMER: (_G.OPEN, _G.OPEN, _G.OPEN, _G.IGNORED, _G.IGNORED),
        }.items()
    }
)


def line_after(line: Line, fact: LineFact) -> Line | Verdict:
    """Return where *fact* moves the line, or why it does not."""
    return LINE_TABLE[line][fact]


def floor_after(floor: Floor, fact: FloorFact) -> Floor | Verdict:
    """Return who has the floor after *fact*, or why it changes nothing."""
    return FLOOR_TABLE[floor][fact]


def gate_of(kind: InputKind, line: Line) -> Gate:
    """Return what an input of *kind* may do while the line is in this state."""
    return GATE_TABLE[kind][line]


WORD_TABLE: Mapping[Line, Mapping[Floor, str]] = MappingProxyType(
    {
        _L.DIALLING: {_F.NOBODY: "initiated", _F.OURS: "initiated", _F.THEIRS: "initiated"},
        _L.RINGING: {_F.NOBODY: "ringing", _F.OURS: "ringing", _F.THEIRS: "ringing"},
        _L.UP: {_F.NOBODY: "answered", _F.OURS: "speaking", _F.THEIRS: "listening"},
    }
)
"""The word for a call, by how far its line came and who has the floor."""

BRIDGED_WORDS: Mapping[str, str] = MappingProxyType({"answered": "active"})
"""What some words become once audio can flow."""


def is_live(line: Line) -> bool:
    """Whether *line* is a state of a call that nobody has begun to end."""
    return line in WORD_TABLE


def outside_word(
    line: Line, floor: Floor, *, answered: bool, bridged: bool, end_reason: EndReason | None
) -> str:
    """Return the state as clients see it: one live word, or the end reason.

    *line* is how far the line came while it lived, so that a closing call keeps the word that it had; a line
    of which only the end is known counts as dialling. *bridged* is whether audio can flow.
    """
    if end_reason is not None:
        return end_reason.value
    word = WORD_TABLE.get(Line.UP if answered else line, WORD_TABLE[Line.DIALLING])[floor]
    return BRIDGED_WORDS.get(word, word) if bridged else word
