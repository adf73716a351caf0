"""Changes the code of a module that others have imported already, so that all of them have the change."""

import ast
import sys
from enum import EnumType
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

__all__ = ("graft",)


def graft(tree: ast.Module, module: ModuleType, *, below: Path) -> None:
    """Run *tree* in *module*, and put what came of it wherever the module's own was, in modules under *below*.

    A function or class stays the object that it is, and gets the new code; an enumeration, which cannot change, and
    every constant are replaced by the new ones.
    """
    file = str(module.__file__)
    before = {name: value for name, value in vars(module).items() if not name.startswith("__")}
    exec(compile(tree, file, "exec"), vars(module))  # noqa: S102 - that is what a mutant is for
    for name, old in before.items():
        new = vars(module)[name]
        if new is old:
            continue
        if isinstance(old, EnumType) or not (isinstance(old, type) or callable(old)):
            _replace_everywhere(name, old, new, below)
            _replace_defaults(module, old, new)
        else:
            _turn_into(old, new, file)
            setattr(module, name, old)


def _replace_everywhere(name: str, old: Any, new: Any, below: Path) -> None:
    for other in list(sys.modules.values()):
        if str(getattr(other, "__file__", "")).startswith(str(below)) and vars(other).get(name) is old:
            setattr(other, name, new)


def _replace_defaults(module: ModuleType, old: Any, new: Any) -> None:
    """Put *new* where a keyword of one of the module's functions has *old* for its default."""
    classes = [each for each in vars(module).values() if isinstance(each, type)]
    for holder in (module, *(each for each in classes if each.__module__ == module.__name__)):
        for function in vars(holder).values():
            defaults = getattr(function, "__kwdefaults__", None) or {}
            defaults.update({name: new for name, default in defaults.items() if default is old})


def _turn_into(old: Any, new: Any, file: str) -> None:
    """Give a function, or the functions of a class, the code of another that was written in *file*."""
    if isinstance(old, type):
        for name, member in vars(old).items():
            if isinstance(member, str | int) and not name.startswith("__"):
                setattr(old, name, vars(new)[name])
            else:
                _turn_into(member, vars(new).get(name), file)
    elif isinstance(old, property) and new is not None:
        _turn_into(old.fget, new.fget, file)
    elif hasattr(old, "__wrapped__") and new is not None:
        _turn_into(old.__wrapped__, new.__wrapped__, file)
    elif isinstance(old, FunctionType) and isinstance(new, FunctionType) and new.__code__.co_filename == file:
        old.__code__ = new.__code__
