"""Calls outside the store: one line of JSON each, which this or another installation can take in again."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import msgspec

from voice_adapters.stores.codec import decode_event, decode_rulings, encode_event, encode_rulings
from voice_adapters.stores.reference_record import FormatError, events_of_record
from voice_domain.events import CallEvent, Opened
from voice_domain.evolve import BrokenHistoryError, fold
from voice_domain.identity import CallId
from voice_domain.ports.event_store import Ruling, StoreError

__all__ = ("ImportedCall", "export_line", "read_lines")

_FORMAT: Final = 1


@attrs.frozen
class ImportedCall:
    """One call that was read from a file; it is over."""

    call_id: CallId
    events: tuple[CallEvent, ...]
    rulings: tuple[Ruling, ...] = ()


class _Line(msgspec.Struct):
    voicecall: int
    events: list[msgspec.Raw]
    rulings: msgspec.Raw


def export_line(record: Mapping[str, Any], events: Sequence[CallEvent], rulings: Sequence[Ruling]) -> str:
    """Return one call as a line: its *record* for readers, its events and why they were kept for `read_lines`."""
    written = b'{"voicecall":%d,"call":%b,"events":[%b],"rulings":%b}' % (
        _FORMAT,
        msgspec.json.encode(record),
        b",".join(map(encode_event, events)),
        encode_rulings(rulings),
    )
    return written.decode()


def read_lines(lines: Sequence[bytes]) -> tuple[tuple[ImportedCall, ...], tuple[str, ...]]:
    """Return the calls in *lines*, and a sentence for each line that cannot be taken in, with its number.

    Understands what `export_line` wrote, and the `calls.jsonl` of OpenClaw's voice-call plugin: whole records, one
    for each change of a call, bare or as `{"version": 2, "call": …}`; the last one of a call counts. A call that had
    not ended in such a file is taken in as ended with `error`. Blank lines are passed over.
    """
    calls: dict[CallId, ImportedCall] = {}
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            call = _read(line)
        except (FormatError, StoreError, BrokenHistoryError) as error:
            problems.append(f"line {number}: {error}")
        else:
            calls[call.call_id] = call
    return tuple(calls.values()), tuple(problems)


def _read(line: bytes) -> ImportedCall:
    try:
        document = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"it is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise FormatError("it is no JSON object")
    if "voicecall" in document:
        return _own(line)
    record = document["call"] if isinstance(document.get("call"), dict) else document
    events = events_of_record(record)
    return ImportedCall(fold(events).call_id, events)


def _own(line: bytes) -> ImportedCall:
    try:
        read = msgspec.json.decode(line, type=_Line)
    except msgspec.DecodeError as error:
        raise FormatError(f"it is no exported call: {error}") from error
    if read.voicecall != _FORMAT:
        raise FormatError(
            f"it has the format {read.voicecall}, and this version reads {_FORMAT}; upgrade voicecall"
        )
    events = tuple(decode_event(bytes(each)) for each in read.events)
    call = fold(events)
    if not call.is_over or not isinstance(events[0], Opened):
        raise FormatError(f"call {call.call_id} had not ended when it was exported; export it again")
    return ImportedCall(call.call_id, events, decode_rulings(bytes(read.rulings)))
