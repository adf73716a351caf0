"""The commands, in one table: what the help lists, what is dispatched, and what a misspelt word is compared with."""

import difflib
from collections.abc import Sequence
from typing import Final

import attrs

__all__ = ("COMMANDS", "Command", "find_command", "nearest")

_HOME: Final = "voice_entrypoints.cli.commands"


@attrs.frozen
class Command:
    """One command, or a group of them."""

    name: str
    summary: str
    """One sentence for the list of commands."""
    target: str = ""
    """`module:function` below `cli.commands`; empty for a group."""
    members: tuple["Command", ...] = ()
    """The commands of a group."""

    @property
    def import_path(self) -> str:
        """Where the function is, `module:function`."""
        return f"{_HOME}.{self.target}"


COMMANDS: Final = (
    Command("serve", "Run the gateway.", "serve:serve"),
    Command("call", "Place a call and say a message.", "call:call"),
    Command("continue", "Say a message and print what the counterpart answers.", "talk:continue_"),
    Command("speak", "Say something in a call.", "talk:speak"),
    Command("dtmf", "Press keys in a call.", "talk:dtmf"),
    Command("transfer", "Hand the counterpart over to another number.", "talk:transfer"),
    Command("end", "Hang up.", "talk:end"),
    Command("status", "Show one call, or all live ones.", "records:status"),
    Command("history", "List calls, newest first.", "records:history"),
    Command("tail", "Follow what happens in calls.", "tail:tail"),
    Command("latency", "Show how long the counterpart waits for us.", "latency:latency"),
    Command("explain", "Tell what happened in a call, and why.", "explain:explain"),
    Command("replay", "Take the decisions of a call again and compare.", "explain:replay"),
    Command("export", "Write calls as JSON, a line each.", "transport:export"),
    Command("import", "Take in calls from a file.", "transport:import_"),
    Command("expose", "Publish the webhooks by Tailscale.", "expose:expose"),
    Command("doctor", "Find what would keep a call from going well.", "doctor:doctor"),
    Command("plan", "Say whether a number would be called; nothing is dialled.", "plan:plan"),
    Command(
        "pairing",
        "Decide who may call us.",
        members=(
            Command("list", "Show who waits and who was approved.", "pairing:list_"),
            Command("approve", "Admit whoever heard a code.", "pairing:approve"),
            Command("deny", "Forget whoever heard a code.", "pairing:deny"),
        ),
    ),
    Command(
        "config",
        "Read, change and check the settings.",
        members=(
            Command("get", "Print one setting, or all.", "config:get"),
            Command("set", "Change a setting in the file.", "config:set_"),
            Command("unset", "Remove a setting from the file.", "config:unset"),
            Command("path", "Print which file is read.", "config:path"),
            Command("schema", "Print the JSON Schema of the file.", "config:schema"),
            Command("check", "Report every problem of the settings.", "config:check"),
        ),
    ),
    Command("demo", "Hear a conversation on the mock carrier; needs no settings.", "demo:demo"),
    Command("bench", "Measure this installation.", "bench:bench"),
    Command("mcp", "Serve the agent tool over MCP.", "mcp:mcp"),
    Command("simulate", "Play random calls while everything around the gateway fails.", "simulate:simulate"),
    Command("tool", "Print the schema of the agent tool.", "documents:tool"),
    Command("skill", "Print the skill document for agents.", "documents:skill"),
)


def find_command(words: Sequence[str], among: Sequence[Command] = COMMANDS) -> Command | None:
    """Return the command that the first of *words* names; None if there is none."""
    return next((command for command in among if words and command.name == words[0]), None)


def nearest(word: str, among: Sequence[Command] = COMMANDS) -> str:
    """Return the name that looks most like *word*; empty if none does."""
    close = difflib.get_close_matches(word.casefold(), [command.name for command in among], n=1, cutoff=0.5)
    return close[0] if close else ""
