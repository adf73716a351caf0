"""Ways to break a line of a module: the mutants that `mutate_carriers.py` holds the tests against."""

import ast
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

__all__ = ("Mutant", "mutants_of")

_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Lt: ast.GtE,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.GtE: ast.Lt,
}
_REASONS = ("_R", "EndReason")
_Change = Callable[[Any], Any]


class Mutant(NamedTuple):
    """One change to one line."""

    name: str
    tree: Callable[[], ast.Module]
    """Makes the whole module with it."""


def mutants_of(title: str, source: str, only: tuple[str, ...] = ()) -> Iterator[Mutant]:
    """Yield every mutant of a module called *title*; of the functions named in *only*, where some are."""
    tree = ast.parse(source)
    lines = source.splitlines()
    idle = {id(each) for node in _idle(tree) for each in ast.walk(node)}
    scopes = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and each.name in only]
    wanted = {id(each) for scope in scopes for each in ast.walk(scope)}
    for place, node in enumerate(ast.walk(tree)):
        # Neither what is told to people nor what only type checkers read is worth a mutant.
        if id(node) in idle or (only and id(node) not in wanted):
            continue
        for what, change in _changes(node):
            line = getattr(node, "lineno", 0)
            yield Mutant(
                f"{title}:{line} {what}: {lines[line - 1].strip()}", partial(_made, source, place, change)
            )


def _made(source: str, place: int, change: _Change) -> ast.Module:
    tree = ast.parse(source)
    victim = next(each for at, each in enumerate(ast.walk(tree)) if at == place)
    _replace(tree, victim, change(victim))
    return ast.fix_missing_locations(tree)


def _idle(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Raise():
                yield from ast.iter_child_nodes(node)  # a `raise` itself can be left out
                if not isinstance(node, ast.Raise):
                    yield node
            case ast.Expr(ast.Constant()) | ast.If(ast.Name("TYPE_CHECKING")) | ast.keyword("repr"):
                yield node
            case ast.Assign([ast.Name("__all__")]):
                yield node
            case ast.FunctionDef():
                yield from (*node.decorator_list, node.args, *([node.returns] if node.returns else []))
            case ast.ClassDef():
                yield from node.decorator_list
            case ast.AnnAssign():
                yield node.annotation
            case _:
                continue


def _changes(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    match node:
        case ast.If() | ast.IfExp():
            yield "turned round", _with("test", lambda now: ast.UnaryOp(ast.Not(), now))
        case ast.Return(ast.Constant(None)):
            return
        case ast.Return(ast.expr()):
            yield "returns None", _with("value", lambda _: ast.Constant(None))
        case ast.Raise() | ast.Expr() | ast.Continue():
            yield "left out", lambda now: ast.copy_location(ast.Pass(), now)
        case _:
            yield from _other_values(node)


def _other_values(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    match node:
        case ast.Compare(_, [operator], _):
            yield "compared otherwise", _with("ops", lambda _: [_TURNED[type(operator)]()])
        case ast.BoolOp():
            other = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
            yield "and for or", _with("op", lambda _: other)
        case ast.UnaryOp(ast.Not()):
            yield "without not", lambda now: now.operand
        case ast.BinOp(_, ast.Add() | ast.FloorDiv() | ast.Sub(), _):
            yield "without its right side", lambda now: now.left
        case ast.Attribute(ast.Name(owner), reason) if owner in _REASONS:
            yield "another reason", _with("attr", lambda _: "BUSY" if reason != "BUSY" else "ERROR")
        case ast.Constant():
            yield from _other_constants(node)
        case _:
            return


def _other_constants(node: ast.Constant) -> Iterator[tuple[str, _Change]]:
    value = node.value
    if isinstance(value, bool):
        yield f"{not value}", _with("value", lambda _: not value)
    elif isinstance(value, int):
        yield f"{value + 1} for {value}", _with("value", lambda _: value + 1)
    elif isinstance(value, str):
        words = value.split() if value.replace(" ", "").isdigit() else [value]
        for word in words:
            other = value.replace(word, f"{word}7", 1) if word else "7"
            yield f"{other!r:.20}", _with("value", lambda _, other=other: other)


def _with(field: str, change: _Change) -> _Change:
    def apply(node: Any) -> Any:
        setattr(node, field, change(getattr(node, field)))
        return node

    return apply


def _replace(tree: ast.Module, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list) and old in value:
                value[value.index(old)] = new
