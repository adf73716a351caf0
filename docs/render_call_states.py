"""Write `docs/call-states.md` from the tables of the domain, or check (`--check`) that it is up to date."""

import ast
import inspect
import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

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

__all__ = ("PAGE", "main", "page")

PAGE = Path(__file__).resolve().parent / "call-states.md"

_INTRODUCTION = """\
# The states of a call

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


def page() -> str:
    """Return the whole page."""
    sections = (
        _INTRODUCTION,
        _machine("The line", _LINE, LINE_TABLE, ((Line.DIALLING, "outbound"), (Line.RINGING, "inbound"))),
        _machine("The floor", _FLOOR, FLOOR_TABLE, ((Floor.NOBODY, ""),)),
        _section("The gate", _GATE, _gate_grid()),
        _section("The word for it", _WORDS, _word_grid(), _bridged()),
        _section("Modes", _mode_grid()),
        _section("Timers", _TIMERS, _timer_grid(), _terms_grid()),
        _section("End reasons", _reason_grid()),
    )
    return "\n".join(sections)


def _section(title: str, *blocks: str) -> str:
    return f"## {title}\n\n" + "\n\n".join(blocks) + "\n"


def _grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _machine(
    title: str, sentence: str, table: Mapping[Any, Mapping[Any, Any]], beginnings: Sequence[tuple[Enum, str]]
) -> str:
    facts = list(next(iter(table.values())))
    head = ["", *(f"`{fact.value}`" for fact in facts)]
    rows = [
        [f"**{state.value}**", *(_verdict(state, row[fact]) for fact in facts)]
        for state, row in table.items()
    ]
    return _section(title, sentence, _diagram(table, beginnings), _grid(head, rows))


def _verdict(state: Enum, after: Enum) -> str:
    if after is IGNORED:
        return "*ignored*"
    if after is ILLEGAL:
        return "**illegal**"
    return "stays" if after is state else f"→ {after.value}"


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


def _gate_grid() -> str:
    inputs = {
        kind: [name.__name__ for name, of in KIND_OF_INPUT.items() if of is kind] for kind in GATE_TABLE
    }
    marks = {gate: gate.value for gate in Gate} | {Gate.IGNORED: "*ignored*"}
    rows = [
        [kind.value + ":<br>" + ", ".join(f"`{name}`" for name in inputs[kind])]
        + [marks[row[line]] for line in Line]
        for kind, row in GATE_TABLE.items()
    ]
    return _grid(["", *(line.value for line in Line)], rows)


def _word_grid() -> str:
    rows = [
        [f"**{line.value}**", *(f"`{row[floor]}`" for floor in Floor)] for line, row in WORD_TABLE.items()
    ]
    return _grid(["", *(floor.value for floor in Floor)], rows)


def _bridged() -> str:
    words = "; ".join(f"`{word}` is `{after}` then" for word, after in BRIDGED_WORDS.items())
    return f"Once audio can flow: {words}."


def _mode_grid() -> str:
    notes = _notes(ModeRules)
    rows = [
        [notes[field.name], *("yes" if getattr(rules, field.name) else "no" for rules in MODE_RULES.values())]
        for field in attrs.fields(ModeRules)
    ]
    return _grid(["", *(f"`{mode.value}`" for mode in MODE_RULES)], rows)


def _timer_grid() -> str:
    notes = _notes(Timer)
    rows = []
    for timer in Timer:
        begins, dropped, fires = _three_parts(notes[timer.name])
        rows.append([f"`{timer.value}`", begins, dropped, fires])
    return _grid(["timer", "set", "dropped", "when it fires"], rows)


def _three_parts(note: str) -> tuple[str, str, str]:
    """Return when a timer is set, by what it is dropped, and what follows when it fires."""
    life, fires = note.removesuffix(".").split(". When it fires: ")
    begins, dropped = life.removeprefix("Set ").split("; dropped ")
    return begins, dropped, fires


def _terms_grid() -> str:
    notes = _notes(CallTerms)
    rows = [[f"`{field.name}`", f"{field.default:,}", notes[field.name]] for field in attrs.fields(CallTerms)]
    return _grid(["duration", "milliseconds unless set", "meaning"], rows)


def _reason_grid() -> str:
    notes = _notes(EndReason)
    return _grid(["reason", "meaning"], [[f"`{reason.value}`", notes[reason.name]] for reason in EndReason])


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
    """Write the page, or with `--check` only compare. Returns 1 if a check found a difference."""
    text = page()
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        print(f"stale: {PAGE.name}")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"written: {PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
