"""How a module of ours looks."""

import ast
import importlib
import io
import re
import tokenize
from pathlib import Path

import pytest
from support.sources import PACKAGES, ROOT, Source, sources

MOST_LINES = 350
MOST_PORT_METHODS = 5
NAMES_THAT_SAY_NOTHING = {"base", "common", "helpers", "manager", "misc", "util", "utils"}
PLAIN_FOLDERS = ("adapters", "contracts", "entrypoints", "tests", "docs", "ADR", "benchmarks")
A_MACHINES_PATH = re.compile(r"(?<![\w.:/~-])/(work|root|tmp|home|Users)/")


def declared(source: Source) -> ast.expr | None:
    for node in source.tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return node.value
    return None


def holds_anything(source: Source) -> bool:
    return any(not isinstance(node, ast.Expr) for node in source.tree.body)


def test_the_four_packages_hold_modules() -> None:
    assert {source.package for source in sources()} == set(PACKAGES)


def test_every_module_declares_its_public_names_in_a_tuple() -> None:
    silent = [
        source.name
        for source in sources()
        if holds_anything(source) and not isinstance(declared(source), ast.Tuple)
    ]

    assert silent == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_can_be_imported_and_has_the_names_it_declares(package: str) -> None:
    mine = [source for source in sources() if source.package == package]
    modules = [importlib.import_module(source.name) for source in mine if source.path.stem != "__main__"]

    missing = [
        f"{module.__name__}.{name}"
        for module in modules
        for name in getattr(module, "__all__", ())
        if not hasattr(module, name)
    ]

    assert missing == []


def test_no_module_is_longer_than_a_subject() -> None:
    long = {
        source.name: source.text.count("\n") for source in sources() if source.text.count("\n") > MOST_LINES
    }

    assert long == {}


def test_every_module_and_folder_is_named_after_its_subject() -> None:
    vague = [source.name for source in sources() if NAMES_THAT_SAY_NOTHING & set(source.name.split("."))]

    assert vague == []


def test_a_folder_that_only_holds_packages_is_no_package() -> None:
    wrong = [folder for folder in PLAIN_FOLDERS if (ROOT / folder / "__init__.py").exists()]

    assert wrong == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_tells_type_checkers_that_it_is_typed(package: str) -> None:
    assert (PACKAGES[package] / "py.typed").is_file()


def test_a_port_has_at_most_five_methods() -> None:
    wide = [
        f"{source.at(node.lineno)} {node.name}"
        for source in sources()
        if source.name.startswith("voice_domain.ports")
        for node in source.tree.body
        if isinstance(node, ast.ClassDef)
        and any("Protocol" in ast.unparse(base) for base in node.bases)
        and sum(
            isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_a_fact(part)
            for part in node.body
        )
        > MOST_PORT_METHODS
    ]

    assert wide == []


def _is_a_fact(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(ast.unparse(decorator) == "property" for decorator in method.decorator_list)


def test_printing_is_left_to_the_command_line() -> None:
    printing = [
        source.at(node.lineno)
        for source in sources()
        if not source.name.startswith("voice_entrypoints.cli")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]

    assert printing == []


def test_nothing_sleeps_in_a_thread() -> None:
    sleeping = [
        source.at(node.lineno)
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "time.sleep"
    ]

    assert sleeping == []


def test_nothing_is_left_unwritten() -> None:
    unwritten = [
        source.at(node.lineno)
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Raise) and node.exc is not None and "NotImplemented" in ast.unparse(node.exc)
    ]

    assert unwritten == []


def test_no_comment_puts_work_off() -> None:
    put_off = [
        f"{path.relative_to(ROOT)}:{line} {comment}"
        for path in _python_files()
        for line, comment in _comments(path, re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b"))
    ]

    assert put_off == []


def test_every_suppression_names_its_rule_and_its_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{line} {comment}"
        for path in _python_files()
        for line, comment in _comments(path, re.compile(r"#\s*(noqa|type:\s*ignore|pragma|ruff:)"))
        if not _explains_itself(comment)
    ]

    assert bare == []


def _explains_itself(comment: str) -> bool:
    names_rule = re.search(
        r"noqa: [A-Z]+\d+|type: ignore\[[\w, -]+\]|pragma: no \w+|ruff: noqa: [A-Z]+\d+", comment
    )
    if names_rule is None:
        return False
    rest = re.sub(r"^[\s,A-Z\d\]]*(\w+-\w+\])?", "", comment[names_rule.end() :])
    return len(re.findall(r"\w+", rest)) >= 2


def test_no_source_names_a_path_of_some_machine() -> None:
    named = [
        f"{source.at(number)} {line.strip()}"
        for source in sources()
        for number, line in enumerate(source.text.splitlines(), start=1)
        if A_MACHINES_PATH.search(line)
    ]

    assert named == []


def _python_files() -> list[Path]:
    folders = (*PACKAGES.values(), ROOT / "tests", ROOT / "docs", ROOT / "benchmarks")
    return [path for folder in folders for path in sorted(folder.rglob("*.py"))]


def _comments(path: Path, wanted: re.Pattern[str]) -> list[tuple[int, str]]:
    text = path.read_text(encoding="utf-8")
    # Taking a file apart is slow, and nearly none says any of this.
    if not wanted.search(text):
        return []
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [
        (token.start[0], token.string)
        for token in tokens
        if token.type == tokenize.COMMENT and wanted.match(token.string)
    ]
