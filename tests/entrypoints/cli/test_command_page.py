"""The pages of the command line, the table of commands and the parsers say the same."""

import re
from collections.abc import Iterator

import pytest
from support.sources import ROOT

from voice_entrypoints.cli.help_page import front_page, group_page
from voice_entrypoints.cli.parsing import command_app
from voice_entrypoints.cli.table import COMMANDS, Command

PAGES = ("command-line.md", "command-line.zh-CN.md")
SHARED = {"--json", "--config", "--help", "-h"}


def every_command() -> Iterator[tuple[tuple[str, ...], Command]]:
    for command in COMMANDS:
        if command.members:
            yield from (((command.name, member.name), member) for member in command.members)
        else:
            yield (command.name,), command


def flags_of(path: tuple[str, ...], command: Command) -> set[str]:
    arguments = command_app(command, path).assemble_argument_collection()
    return {name for argument in arguments for name in argument.names if name.startswith("-")}


def sections_of(page: str) -> dict[str, str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    titles = re.split(r"^### (.+)$", text, flags=re.MULTILINE)
    return dict(zip(titles[1::2], titles[2::2], strict=True))


@pytest.mark.parametrize("page", PAGES)
def test_the_page_has_a_section_for_every_command_and_no_other(page: str) -> None:
    assert set(sections_of(page)) == {" ".join(path) for path, _ in every_command()}


@pytest.mark.parametrize("page", PAGES)
def test_the_page_lists_every_option_of_every_command_and_no_other(page: str) -> None:
    sections = sections_of(page)
    listed = {
        name: set(re.findall(r"`(--?[a-z-]+)`", "".join(re.findall(r"^\| `.*?\|", text, re.MULTILINE))))
        for name, text in sections.items()
    }

    assert listed == {" ".join(path): flags_of(path, command) - SHARED for path, command in every_command()}


def test_every_command_takes_the_shared_options() -> None:
    lacking = [
        path for path, command in every_command() if not {"--json", "--config"} <= flags_of(path, command)
    ]

    assert lacking == []


def test_every_command_and_option_explains_itself() -> None:
    silent = [
        f"{' '.join(path)} {argument.names}"
        for path, command in every_command()
        for argument in command_app(command, path).assemble_argument_collection()
        if argument.show and not argument.parameter.help
    ]

    assert silent == []


def test_the_pages_of_help_list_the_table() -> None:
    assert all(f"  {command.name} " in front_page() for command in COMMANDS)
    assert all(
        f"  {member.name} " in group_page(command) for command in COMMANDS for member in command.members
    )
