"""`voicecall tool` and `voicecall skill`: documents for agents and for those who set them up."""

from importlib.resources import files

from voice_contracts.tool import tool_document
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import show, show_json

__all__ = ("skill", "tool")

_PLAIN = Shared()


def tool(*, shared: Shared = _PLAIN) -> int:
    """Print the name, the description and the JSON Schema of the agent tool `voice_call`."""
    del shared  # the document is JSON in any case
    show_json(tool_document())
    return 0


def skill(*, shared: Shared = _PLAIN) -> int:
    """Print the document that teaches an agent to use the telephone."""
    text = files("voice_entrypoints.skill").joinpath("SKILL.md").read_text("utf-8")
    if shared.json:
        show_json({"name": "voice-call", "text": text})
    else:
        show(text.rstrip())
    return 0
