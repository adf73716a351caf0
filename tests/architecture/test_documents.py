"""What the pages show must be true: blocks that can be read, commands that exist, links that lead somewhere."""

import ast
import contextlib
import functools
import importlib
import importlib.util
import io
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyjson5
import pytest
from support.documents import anchors, blocks, commands, links, outline, pages, sections
from support.sources import ROOT

from voice_contracts.settings_reading import read_settings
from voice_entrypoints import bench as measurements
from voice_entrypoints.cli.main import run

COMMANDS = {
    "voicecall": "voice_entrypoints.cli.main",
    "voicecall-http": "voice_entrypoints.http.main",
    "voicecall-mcp": "voice_entrypoints.mcp.main",
    "voicecall-rpc": "voice_entrypoints.rpc.main",
}
SHELL = ("bash", "sh", "shell", "console")
WRITTEN = ("python", "py", "json5", "json", "toml", "nginx", "text")
PAIRS = [page for page in pages() if page.with_name(page.name.replace(".md", ".zh-CN.md")) in pages()]


def test_shell_blocks_are_shell() -> None:
    broken = [
        f"{block.place}: {done.stderr}"
        for block in blocks(*SHELL)
        if (
            done := subprocess.run(
                ["bash", "-n"], input=block.text, capture_output=True, text=True, check=False
            )
        ).returncode
    ]

    assert broken == []


def test_python_blocks_are_python() -> None:
    for block in blocks("python", "py"):
        compile(block.text, block.place, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def test_settings_blocks_are_json5() -> None:
    for block in blocks("json5", "json"):
        text = block.text if re.match(r"\s*(//.*\s*|/\*.*?\*/\s*)*[\[{]", block.text) else f"{{{block.text}}}"
        pyjson5.decode(text)


def test_every_link_into_the_repository_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages()
        for target in links(page)
        if not (page.parent / target).exists()
    ]

    assert broken == []


def test_every_link_to_a_section_leads_to_one() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target.name}#{section}"
        for page in pages()
        for target, section in anchors(page)
        if section not in sections(target)
    ]

    assert broken == []


def test_what_the_pages_import_of_ours_exists() -> None:
    imported = [
        (block.place, node.module, name.name)
        for block in blocks("python", "py")
        for node in ast.walk(ast.parse(block.text))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("voice_")
        for name in node.names
    ]

    assert [each for each in imported if not hasattr(importlib.import_module(each[1]), each[2])] == []
    assert imported


def test_the_measurements_that_the_pages_name_exist() -> None:
    named = {word for _, words in _our_commands() if words[1] == "bench" for word in words[2:]}

    assert named - {"--json"} <= {module.name for module in pkgutil.iter_modules(measurements.__path__)}
    assert named


def test_every_page_of_docs_and_every_decision_is_in_its_index() -> None:
    lost = [
        str(page.relative_to(ROOT))
        for index in (ROOT / "docs" / "README.md", ROOT / "ADR" / "README.md")
        for page in index.parent.glob("*.md")
        if page != index and page.name not in links(index)
    ]

    assert lost == []


def test_every_page_has_both_languages() -> None:
    english = {page for page in pages() if ".zh-CN" not in page.name and page.parent != ROOT / "ADR"}

    assert [page.name for page in english if not _in_chinese(page).exists()] == ["CHANGELOG.md"]
    assert [page for page in pages() if ".zh-CN" in page.name and page not in map(_in_chinese, english)] == []


@pytest.mark.parametrize("page", PAIRS, ids=lambda page: str(page.relative_to(ROOT)))
def test_both_languages_of_a_page_have_the_same_sections_tables_blocks_and_links(page: Path) -> None:
    english, chinese = outline(page), outline(_in_chinese(page))

    assert english.headings == chinese.headings, "levels of the sections, in their order"
    assert english.rows == chinese.rows, "rows of the tables of each section"
    assert english.items == chinese.items, "items of the lists of each section"
    assert english.blocks == chinese.blocks, "languages of the fenced blocks of each section"
    assert _same_pages(page) == _same_pages(_in_chinese(page))


@pytest.mark.parametrize("page", PAIRS, ids=lambda page: str(page.relative_to(ROOT)))
def test_both_languages_of_a_page_show_the_same_commands_and_settings(page: Path) -> None:
    assert _without_words(page) == _without_words(_in_chinese(page))


def test_every_block_of_settings_is_understood() -> None:
    wrong = [f"{block.place}: {problem}" for block in blocks("json5") for problem in _problems(block.text)]

    assert wrong == []


def test_the_checks_set_up_and_test_with_the_commands_of_the_readme() -> None:
    checks = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    second = _texts(ROOT / "README.md")[1]

    assert all(part.strip() in checks for part in second.split("&&"))


def test_commands_and_flags_that_the_pages_name_exist() -> None:
    wrong = [f"{place}: {' '.join(words)}" for place, words in _our_commands() if not _exists(words)]

    assert wrong == []


def _in_chinese(page: Path) -> Path:
    return page.with_name(page.name.replace(".md", ".zh-CN.md"))


def _problems(text: str) -> Iterator[str]:
    """Yield what the reader of settings says of a block, every secret that it refers to being there."""
    document = pyjson5.decode(text if re.match(r"\s*(//.*\s*)*\{", text) else f"{{{text}}}")
    report = read_settings(
        document,
        dict.fromkeys(re.findall(r'source: "env", id: "(\w+)"', text), "placeholder"),
        lambda _name: "placeholder",
        installed=lambda: ["example"],
    )
    yield from map(str, report.problems)


def _without_words(page: Path) -> list[str]:
    """The blocks of a page without comments and without sentences, which are in the page's language."""
    texts = [block.text for block in blocks(*SHELL, *WRITTEN) if block.page == page]
    bare = [re.sub(r"[ \t]*(//|#) .*", "", text) for text in texts]
    return [re.sub(r'"[^"\n]*"', lambda quoted: _unless_said(quoted[0]), text) for text in bare]


def _unless_said(quoted: str) -> str:
    return quoted if re.fullmatch(r'"[!-~]*(?<!\.)"', quoted) else "SENTENCE"


def _same_pages(page: Path) -> set[str]:
    """The pages that *page* leads to, whichever of their languages it chose; without itself."""
    return {target.replace(".zh-CN", "") for target in links(page)} - {"README.md"}


def _texts(page: Path) -> list[str]:
    return [block.text for block in blocks(*SHELL, "python", "json5") if block.page == page]


def _our_commands() -> Iterator[tuple[str, tuple[str, ...]]]:
    for block in blocks(*SHELL):
        yield from ((block.place, words) for words in commands(block) if words[0] in COMMANDS)


def _exists(words: tuple[str, ...]) -> bool:
    binary = words[0]
    if not _is_built(COMMANDS[binary]):
        return True
    path = list(_command_path(words[1:]))
    help_of_parent = _help(binary, *path[:-1])
    if path and not re.search(rf"^\W*{re.escape(path[-1])}\b", help_of_parent, re.MULTILINE):
        return False
    flags = [word.partition("=")[0] for word in words[1:] if word.startswith("--")]
    known = _help(binary) + _help(binary, *path)
    return all(re.search(rf"(?<![\w-]){flag}(?![\w-])", known) for flag in flags)


def _command_path(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the sub-commands: the leading plain words that the help of their parent lists."""
    for index, word in enumerate(words):
        if word.startswith("-") or (index and not _has_sub_commands(words[:index])):
            return
        yield word


def _has_sub_commands(path: tuple[str, ...]) -> bool:
    return path in {("config",), ("pairing",)}


def _is_built(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@functools.cache
def _help(binary: str, *path: str) -> str:
    if binary == "voicecall":
        return _help_of_voicecall(*path)
    command = [str(Path(sys.executable).parent / binary), *path, "--help"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"COLUMNS": "200", "NO_COLOR": "1"}
    )
    return done.stdout


def _help_of_voicecall(*path: str) -> str:
    """Return the same without a process of its own: pages name nearly every command."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert run([*path, "--help"]) == 0
    return printed.getvalue()
