"""Write `docs/call-states.md`, and the same in Chinese, from the tables of the domain, or check (`--check`) them.

`docs/call_states.zh-CN.toml` has the Chinese of every sentence; one that is missing there, or is there for nothing,
ends the script.
"""

import ast
import inspect
import itertools
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from voice_domain.decide import KIND_OF_INPUT
from voice_domain.mode_rules import MODE_RULES, ModeRules
from voice_domain.states import (
    BRIDGED_WORDS,
    FLOOR_TABLE,
    GATE_TABLE,
    IGNORED,
    ILLEGAL,
    LINE_TABLE,
    WORD_TABLE,
    Floor,
    Gate,
    Line,
)
from voice_domain.terms import CallTerms, Timer
from voice_domain.vocabulary import EndReason

__all__ = ("PAGE", "PAGE_IN_CHINESE", "main", "page", "page_in_chinese")

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER / "call-states.md"
PAGE_IN_CHINESE = FOLDER / "call-states.zh-CN.md"

Say: TypeAlias = Callable[[str], str]
"""Gives a sentence in the language of the page."""

_INTRODUCTION = """\
# The states of a call

[中文](call-states.zh-CN.md)

Made by `python docs/render_call_states.py` from `voice_domain/states.py` and its neighbours: change a table there,
run it, and read the difference here.

A call is two small machines, the *line* and the *floor*, and a *gate* that says which inputs they are shown. Every
pair of state and fact has exactly one verdict: it **moves** the call (to stay is a move too), it is *ignored*
because it is late or repeated, or it is **illegal** and no history can hold it. Why a call ended is data of its
end, not a state.
"""
_LINE = "What the phone line does. `closing` is ours: we have decided to hang up, and the carrier has not confirmed it."
_FLOOR = "Who may speak now. Nobody, only until the first word is spoken."
_GATE = """\
What an input may do, by the state of the line. Ignored news of a carrier are remembered by their event id, so that
telling them again changes nothing either; a new name for the leg is taken from every input, and a leg that turns
up under a call that is over is hung up."""
_WORDS = """\
The one word that clients see while a call lives, by how far its line came and who has the floor; a closing call
keeps its word. Once it is over the word is its end reason."""
_TIMERS = """\
At most one timer of each name runs in a call. When a call begins to close, or ends, all are dropped; one that fires
too early is set again, and one that the call does not wait for changes nothing."""


def page(say: Say = str) -> str:
    """Return the whole page, in English unless *say* gives its sentences in another language."""
    sections = (
        say(_INTRODUCTION),
        _machine(
            say, "The line", _LINE, LINE_TABLE, ((Line.DIALLING, "outbound"), (Line.RINGING, "inbound"))
        ),
        _machine(say, "The floor", _FLOOR, FLOOR_TABLE, ((Floor.NOBODY, ""),)),
        _section(say, "The gate", say(_GATE), _gate_grid(say)),
        _section(say, "The word for it", say(_WORDS), _word_grid(), _bridged(say)),
        _section(say, "Modes", _mode_grid(say)),
        _section(say, "Timers", say(_TIMERS), _timer_grid(say), _terms_grid(say)),
        _section(say, "End reasons", _reason_grid(say)),
    )
    return "\n".join(sections)


def page_in_chinese() -> str:
    """Return the whole page in Chinese.

    Raises:
        KeyError: if a sentence has no Chinese.
        ValueError: if there is Chinese for what no sentence says.
    """
    table = tomllib.loads((FOLDER / "call_states.zh-CN.toml").read_text(encoding="utf-8"))
    unsaid = set(table)

    def say(text: str) -> str:
        unsaid.discard(text.strip())
        return str(table[text.strip()]) + ("\n" if text.endswith("\n") else "")

    whole = page(say)
    if unsaid:
        raise ValueError(f"nothing says: {sorted(unsaid)}")
    return whole


def _section(say: Say, title: str, *blocks: str) -> str:
    return f"## {say(title)}\n\n" + "\n\n".join(blocks) + "\n"


def _grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _machine(
    say: Say,
    title: str,
    sentence: str,
    table: Mapping[Any, Mapping[Any, Any]],
    beginnings: Sequence[tuple[Enum, str]],
) -> str:
    facts = list(next(iter(table.values())))
    head = ["", *(f"`{fact.value}`" for fact in facts)]
    rows = [
        [f"**{state.value}**", *(_verdict(say, state, row[fact]) for fact in facts)]
        for state, row in table.items()
    ]
    return _section(say, title, say(sentence), _diagram(table, beginnings), _grid(head, rows))


def _verdict(say: Say, state: Enum, after: Enum) -> str:
    if after is IGNORED:
        return say("*ignored*")
    if after is ILLEGAL:
        return say("**illegal**")
    return say("stays") if after is state else f"→ {after.value}"


def _diagram(table: Mapping[Any, Mapping[Any, Any]], beginnings: Sequence[tuple[Enum, str]]) -> str:
    lines = [_arrow("[*]", state.value, why) for state, why in beginnings]
    for state, row in table.items():
        moves: dict[str, list[str]] = {}
        for fact, after in row.items():
            if after is not IGNORED and after is not ILLEGAL:
                moves.setdefault(after.value, []).append(fact.value)
        lines += [_arrow(state.value, after, ", ".join(facts)) for after, facts in moves.items()]
        if not moves:
            lines.append(_arrow(state.value, "[*]", ""))
    return "```mermaid\nstateDiagram-v2\n" + "\n".join(lines) + "\n```"


def _arrow(start: str, end: str, why: str) -> str:
    return f"    {start} --> {end}" + (f": {why}" if why else "")


def _gate_grid(say: Say) -> str:
    inputs = {
        kind: [name.__name__ for name, of in KIND_OF_INPUT.items() if of is kind] for kind in GATE_TABLE
    }
    marks = {gate: say("*ignored*" if gate is Gate.IGNORED else gate.value) for gate in Gate}
    rows = [
        [say(kind.value) + "<br>" + " · ".join(f"`{name}`" for name in inputs[kind])]
        + [marks[row[line]] for line in Line]
        for kind, row in GATE_TABLE.items()
    ]
    return _grid(["", *(line.value for line in Line)], rows)


def _word_grid() -> str:
    rows = [
        [f"**{line.value}**", *(f"`{row[floor]}`" for floor in Floor)] for line, row in WORD_TABLE.items()
    ]
    return _grid(["", *(floor.value for floor in Floor)], rows)


def _bridged(say: Say) -> str:
    words = "; ".join(
        say("`{word}` is `{after}` then").format(word=word, after=after)
        for word, after in BRIDGED_WORDS.items()
    )
    return say("Once audio can flow: {words}.").format(words=words)


def _mode_grid(say: Say) -> str:
    notes = _notes(ModeRules)
    rows = [
        [
            say(notes[field.name]),
            *(say("yes" if getattr(rules, field.name) else "no") for rules in MODE_RULES.values()),
        ]
        for field in attrs.fields(ModeRules)
    ]
    return _grid(["", *(f"`{mode.value}`" for mode in MODE_RULES)], rows)


def _timer_grid(say: Say) -> str:
    notes = _notes(Timer)
    rows = [[f"`{timer.value}`", *map(say, _three_parts(notes[timer.name]))] for timer in Timer]
    return _grid([*map(say, ("timer", "set", "dropped", "when it fires"))], rows)


def _three_parts(note: str) -> tuple[str, str, str]:
    """Return when a timer is set, by what it is dropped, and what follows when it fires."""
    life, fires = note.removesuffix(".").split(". When it fires: ")
    begins, dropped = life.removeprefix("Set ").split("; dropped ")
    return begins, dropped, fires


def _terms_grid(say: Say) -> str:
    notes = _notes(CallTerms)
    rows = [
        [f"`{field.name}`", f"{field.default:,}", say(notes[field.name])] for field in attrs.fields(CallTerms)
    ]
    return _grid([*map(say, ("duration", "milliseconds unless set", "meaning"))], rows)


def _reason_grid(say: Say) -> str:
    notes = _notes(EndReason)
    rows = [[f"`{reason.value}`", say(notes[reason.name])] for reason in EndReason]
    return _grid([*map(say, ("reason", "meaning"))], rows)


def _notes(kind: type) -> dict[str, str]:
    """Return the sentence below each attribute of a class, by the attribute's name."""
    (definition,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(definition, ast.ClassDef)
    return dict(_attributes_with_notes(definition.body))


def _attributes_with_notes(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    for attribute, note in itertools.pairwise(body):
        target = (
            attribute.targets[0] if isinstance(attribute, ast.Assign) else getattr(attribute, "target", None)
        )
        if (
            isinstance(target, ast.Name)
            and isinstance(note, ast.Expr)
            and isinstance(note.value, ast.Constant)
        ):
            yield target.id, " ".join(str(note.value.value).split())


def main(arguments: list[str]) -> int:
    """Write the pages that differ, or with `--check` only name them. Returns 1 if a check found a difference."""
    stale = 0
    for path, text in ((PAGE, page()), (PAGE_IN_CHINESE, page_in_chinese())):
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            print(f"stale: {path.name}")
            stale = 1
        else:
            path.write_text(text, encoding="utf-8")
            print(f"written: {path.name}")
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
