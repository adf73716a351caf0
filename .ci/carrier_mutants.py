"""Ways to break a line of a module: the mutants that `mutate_carriers.py` holds the tests against."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

__all__ = ("Mutant", "mutants_of", "untouched")

_TURNED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.Lt: (ast.GtE, ast.LtE),
    ast.Gt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Gt, ast.Lt),
    ast.GtE: (ast.Lt, ast.Gt),
}
_REASONS = ("_R", "EndReason")
# What makes one spelling out of several: without it, another spelling has to show.
_TIDYING = frozenset(
    {"casefold", "lower", "lstrip", "removeprefix", "removesuffix", "replace", "rstrip", "strip", "translate"}
    | {"upper"}
)
_ORDERING = frozenset({"abs", "set", "sorted"})
_QUANTIFIERS = {"any": "all", "all": "any"}
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_Change = Callable[[Any], Any]


class Mutant(NamedTuple):
    """One change to one line."""

    name: str
    """The module, what is changed, and the line; the same wherever the line stands, and no other mutant's."""
    line: int
    tree: Callable[[], ast.Module]
    """Makes the module's constants, and the class or function that is changed; nothing else of it."""


def mutants_of(title: str, source: str, only: tuple[str, ...] = ()) -> Iterator[Mutant]:
    """Yield every mutant of a module called *title*; of what is named in *only*, where something is."""
    tree = ast.parse(source)
    lines = source.splitlines()
    idle = {id(each) for node in _idle(tree) for each in ast.walk(node)}
    wanted = {id(each) for scope in ast.walk(tree) if _names(scope) & {*only} for each in ast.walk(scope)}
    seen: Counter[str] = Counter()
    for place, node in enumerate(ast.walk(tree)):
        # Neither what is told to people nor what only type checkers read is worth a mutant.
        if id(node) in idle or (only and id(node) not in wanted):
            continue
        for what, change in _changes(node):
            line = getattr(node, "lineno", 0)
            name = f"{title} {what}: {lines[line - 1].strip()}"
            seen[name] += 1
            unique = name if seen[name] == 1 else f"{name} [{seen[name]}]"
            yield Mutant(unique, line, partial(_made, source, place, change))


def untouched(source: str, only: tuple[str, ...] = ()) -> Iterator[ast.Module]:
    """Yield what mutants would be without any change, one for each class and function that has some."""
    for statement in ast.parse(source).body:
        named = {name for each in ast.walk(statement) for name in _names(each)}
        if isinstance(statement, _DEFINITIONS) and (not only or named & {*only}):
            yield _reduced(ast.parse(source), statement.name)


def _names(node: ast.AST) -> set[str]:
    match node:
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            return {name}
        case ast.Assign([ast.Name(name)]) | ast.AnnAssign(ast.Name(name)):
            return {name}
        case _:
            return set()


def _made(source: str, place: int, change: _Change) -> ast.Module:
    tree = ast.parse(source)
    victim = next(each for at, each in enumerate(ast.walk(tree)) if at == place)
    holder = next(each for each in tree.body if any(inner is victim for inner in ast.walk(each)))
    name = holder.name if isinstance(holder, _DEFINITIONS) else ""
    _replace(tree, victim, change(victim))
    return _reduced(tree, name)


def _reduced(tree: ast.Module, name: str) -> ast.Module:
    """Leave out every class and function but *name*: the others stay what they are, whoever holds them."""
    tree.body = [each for each in tree.body if not isinstance(each, _DEFINITIONS) or each.name == name]
    return ast.fix_missing_locations(tree)


def _idle(tree: ast.Module) -> Iterator[ast.AST]:  # noqa: C901 - one case for each kind of line
    for node in ast.walk(tree):
        match node:
            case ast.Import() | ast.ImportFrom():
                yield node
            case ast.Raise():
                yield from ast.iter_child_nodes(node)  # a `raise` itself can be left out
            case ast.Constant(str(text)) if len(text.split()) > 2 and not _is_row_of_codes(text):
                yield node  # a sentence
            case ast.ExceptHandler(ast.Name("ImportError")):
                yield node  # shows in a process of its own that lacks the package
            case ast.Expr(ast.Constant()) | ast.If(ast.Name("TYPE_CHECKING")) | ast.keyword("repr"):
                yield node
            case ast.Assign([ast.Name("__all__")]):
                yield node
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from (*node.decorator_list, node.args, *([node.returns] if node.returns else []))
            case ast.ClassDef():
                yield from node.decorator_list
            case ast.AnnAssign():
                yield node.annotation
            case ast.Call(ast.Attribute(ast.Name("re"), "compile"), [pattern]):
                yield pattern  # has mutants of its own
            case _:
                continue


def _changes(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    match node:
        case ast.If() | ast.IfExp() | ast.While():
            yield "turned round", _with("test", lambda now: ast.UnaryOp(ast.Not(), now))
        case ast.Return(ast.Constant(None | False)):
            return  # nothing is as good as no
        case ast.Return(ast.Tuple([])):
            yield "returns something", _with("value", lambda _: ast.parse("(('7', '7'),)", mode="eval").body)
        case ast.Return(ast.expr()):
            yield "returns None", _with("value", lambda _: ast.Constant(None))
        case ast.Raise() | ast.Expr() | ast.AugAssign() | ast.Delete():
            yield "left out", lambda now: ast.copy_location(ast.Pass(), now)
        case ast.Continue():
            yield "break for continue", lambda now: ast.copy_location(ast.Break(), now)
        case ast.Break():
            yield "continue for break", lambda now: ast.copy_location(ast.Continue(), now)
        case ast.comprehension(_, _, [_, *_]):
            yield "takes all", _with("ifs", lambda _: [])
        case _:
            yield from _other_values(node)


def _other_values(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    match node:
        case ast.Compare():
            yield from _other_comparisons(node)
        case ast.BoolOp():
            other = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
            yield "and for or", _with("op", lambda _: other)
            for place in range(len(node.values)):
                yield f"without part {place + 1}", partial(_without_part, place)
        case ast.UnaryOp(ast.Not()):
            yield "without not", lambda now: now.operand
        case ast.BinOp(_, ast.Add() | ast.FloorDiv() | ast.Sub() | ast.Mult(), _):
            yield "without its right side", lambda now: now.left
            yield "without its left side", lambda now: now.right
        case ast.Attribute(ast.Name(owner), reason) if owner in _REASONS:
            yield "another reason", _with("attr", lambda _: "BUSY" if reason != "BUSY" else "ERROR")
        case ast.Call():
            yield from _other_calls(node)
        case ast.Constant():
            yield from _other_constants(node)
        case _:
            return


def _other_comparisons(node: ast.Compare) -> Iterator[tuple[str, _Change]]:
    for place, operator in enumerate(node.ops):
        for other in _TURNED[type(operator)]:
            ops = [other() if at == place else each for at, each in enumerate(node.ops)]
            yield f"{other.__name__} for {type(operator).__name__}", _with("ops", lambda _, ops=ops: ops)


def _without_part(place: int, now: ast.BoolOp) -> ast.expr:
    left = [each for at, each in enumerate(now.values) if at != place]
    return left[0] if len(left) == 1 else ast.BoolOp(now.op, left)


def _other_calls(node: ast.Call) -> Iterator[tuple[str, _Change]]:
    match node:
        case ast.Call(ast.Attribute(_, method)) if method in _TIDYING:
            yield f"without {method}", lambda now: now.func.value
        case ast.Call(ast.Name(function), [_]) if function in _ORDERING:
            yield f"without {function}", lambda now: now.args[0]
        case ast.Call(ast.Name(function)) if function in _QUANTIFIERS:
            other = ast.Name(_QUANTIFIERS[function], ast.Load())
            yield f"{other.id} for {function}", _with("func", lambda _: other)
        case ast.Call(ast.Attribute(ast.Name("re"), "compile"), [ast.Constant(str(pattern))]):
            for other_pattern in _other_patterns(pattern):
                change = _with("args", lambda _, text=other_pattern: [ast.Constant(text)])
                yield f"{other_pattern!r}", change
        case _:
            return


def _other_patterns(pattern: str) -> Iterator[str]:
    """Yield a regular expression with each letter, digit and sign of it spoiled, one at a time."""
    for place, char in enumerate(pattern):
        other = f"{pattern[:place]}{'¤' if char.isalnum() else ''}{pattern[place + 1 :]}"
        try:
            re.compile(other)
        except re.error:
            continue
        yield other


def _other_constants(node: ast.Constant) -> Iterator[tuple[str, _Change]]:
    value = node.value
    if isinstance(value, bool):
        yield f"{not value}", _with("value", lambda _: not value)
    elif isinstance(value, int | float):
        yield f"{value + 1} for {value}", _with("value", lambda _: value + 1)
    elif isinstance(value, bytes):
        yield f"{value + b'7'!r:.20}", _with("value", lambda _: value + b"7")
    elif isinstance(value, str):
        for other in dict.fromkeys(_other_texts(value)):
            yield f"{other!r:.20} for {value!r:.20}", _with("value", lambda _, other=other: other)


def _other_texts(value: str) -> Iterator[str]:
    if not any(map(str.isalnum, value)):  # signs: one more, and each of them missing
        yield f"{value}!"
        yield from (value[:place] + value[place + 1 :] for place in range(len(value)))
        return
    words = value.split() if _is_row_of_codes(value) else [value]
    for place, word in enumerate(words):
        yield " ".join((*words[:place], f"{word}7", *words[place + 1 :]))


def _is_row_of_codes(value: str) -> bool:
    return value.replace(" ", "").isdigit()


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
            elif isinstance(value, list) and any(each is old for each in value):
                setattr(parent, field, [new if each is old else each for each in value])
