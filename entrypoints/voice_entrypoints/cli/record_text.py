"""The record of a call, for people. Numbers are masked: screens are shared more often than one thinks."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from voice_domain.e164 import mask_number
from voice_entrypoints.cli.columns import columns, width_of
from voice_entrypoints.words.language import translated, translated_all, translated_word

__all__ = ("history_text", "record_text", "transcript_text")

_Record = Mapping[str, Any]


def record_text(record: _Record) -> str:
    """Return everything that a person wants to know of one call."""
    lines = [
        _labelled(translated("call"), record["callId"]),
        _labelled(translated("state"), _state(record["state"])),
        _labelled(
            translated("who"), translated(f"{_who(record)} over {record['provider']}, {record['mode']}")
        ),
        _labelled(translated("when"), translated(_when(record))),
    ]
    if record.get("error"):
        lines.append(_labelled(translated("error"), translated(record["error"])))
    if record.get("transcript"):
        lines.extend(("", transcript_text(record)))
    return "\n".join(lines)


def transcript_text(record: _Record) -> str:
    """Return who said what, a line each, with the seconds since the answer."""
    began = int(record.get("answeredAt") or record["startedAt"])
    return columns([_entry(entry, began) for entry in record["transcript"]], right=frozenset({0}))


def history_text(records: Sequence[_Record]) -> str:
    """Return calls as a table."""
    if not records:
        return translated("no calls")
    head = translated_all("STARTED", "CALL", "STATE", "WHO", "MODE", "LASTED")
    return columns([head, *(_row(record) for record in records)], right=frozenset({5}))


def _labelled(label: str, text: str) -> str:
    return label + " " * (10 - width_of(label)) + text


def _row(record: _Record) -> tuple[str, ...]:
    who = translated(_who(record))
    return (
        _date(record["startedAt"]),
        record["callId"],
        translated_word(record["state"]),
        who,
        translated_word(record["mode"]),
        translated(_lasted(record)),
    )


def _state(word: str) -> str:
    """Return the state with the word that `history --state` and programs know it by, if that is another."""
    said = translated_word(word)
    return said if said == word else f"{said}（{word}）"


def _entry(entry: _Record, began: int) -> tuple[str, ...]:
    text = str(entry["text"])
    if entry.get("interrupted"):
        cut = translated("— interrupted" if text else "— interrupted before a word was heard")
        text = f"{text} {cut}" if text else cut
    elif not entry["isFinal"]:
        text += " …"
    seconds = max(0, int(entry["timestamp"]) - began) / 1000
    return (f"{seconds:.1f}", translated("we" if entry["speaker"] == "bot" else "they"), text)


def _who(record: _Record) -> str:
    if record["direction"] == "inbound":
        caller = str(record["from"])
        return f"from {mask_number(caller) if caller.startswith('+') else caller}"
    return f"to {mask_number(str(record['to']))}"


def _when(record: _Record) -> str:
    when = _date(record["startedAt"])
    if "answeredAt" in record:
        when += f", answered after {(record['answeredAt'] - record['startedAt']) / 1000:.1f} s"
    return when + (f", lasted {_lasted(record)}" if "endedAt" in record else "")


def _lasted(record: _Record) -> str:
    if "endedAt" not in record:
        return "live"
    return f"{(record['endedAt'] - record.get('answeredAt', record['endedAt'])) / 1000:.1f} s"


def _date(at_ms: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at_ms / 1000))
