"""Every sentence of our source that a person may read, found in the syntax trees."""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator

import attrs
from support.sources import Source, sources

from voice_entrypoints.words.translator import Template

__all__ = ("NOT_FOR_READERS", "NO_SENTENCES", "Spoken", "names_in", "shape_of", "spoken")

NOT_FOR_READERS = {
    "voice_contracts.twins": "twins speak to carriers' clients, and to whoever writes an adapter",
    "voice_contracts.conformance": "promises that a developer's adapter broke, read like a compiler's errors",
    "voice_contracts.rpc": "documents and answers for programs",
    "voice_contracts.openrpc": "a document for programs",
    "voice_contracts.json_schema": "a document for programs",
    "voice_contracts.event_shapes": "a document for programs",
    "voice_contracts.report": "a document for programs",
    "voice_contracts.status": "a document for programs",
    "voice_contracts.tool": "a document for models",
    "voice_contracts.settings_schema": "a document for programs; docs/settings has both languages",
    "voice_entrypoints.bench": "names of measurements, and errors of those who write one",
    "voice_entrypoints.endurance": "findings that a developer looks into",
    "voice_entrypoints.http.loop_watch": "a document for programs",
    "voice_entrypoints.measured_process": "errors of those who write a measurement",
    "voice_entrypoints.simulation": "breaches that a developer looks into, beside the code they are about",
    "voice_entrypoints.mcp.calls": "answers for models",
    "voice_entrypoints.mcp.server": "answers for models",
    "voice_entrypoints.http.metrics": "a document for programs",
    "voice_entrypoints.http.event_stream": "answers for programs",
    "voice_domain.phrases": "has both languages",
    "voice_domain.states": "headings of a generated page",
    "voice_entrypoints.cli.demo.scene.SCENES": "has both languages",
    "voice_adapters.responders.prompts": "for models",
    "voice_adapters.responders.summaries": "for models",
    "voice_adapters.responders.echo": "what a stand-in for a model says",
    "voice_adapters.responders.anthropic._BEGINNING": "has both languages, for models",
    "voice_adapters.tunnels.program._LEASH": "a program",
    "voice_entrypoints.call_log": "lines of the log",
    "voice_entrypoints.doctor.sentences": "has both languages",
    "voice_entrypoints.doctor.sentences_carrier": "has both languages",
    "voice_entrypoints.doctor.sentences_reach": "has both languages",
    "voice_entrypoints.doctor.sentences_service": "has both languages",
    "voice_adapters.carriers.plivo.heard_languages": "codes",
    "voice_adapters.carriers.telnyx.heard_languages": "codes",
    "voice_adapters.carriers.twilio.heard_languages": "codes",
    "voice_adapters.carriers.plivo.voices": "names of voices",
    "voice_adapters.carriers.telnyx.voices": "names of voices",
    "voice_adapters.carriers.twilio.voices": "names of voices",
    "voice_adapters.responders.markup": "patterns",
    "voice_domain.region_zones": "names of zones",
    "voice_adapters.transports.media_server": "reasons that close a carrier's WebSocket",
    "voice_adapters.transports.media_engine": "reasons that close a carrier's WebSocket",
    "voice_adapters.transports.upgrade": "answers to a carrier",
}
"""Modules, or names in them, whose sentences stay English, and why."""

NO_SENTENCES = frozenset(
    {
        ("AccessKey ID",),
        ("AccessKey Secret",),
        ("api request",),
        ("answer xml",),
        ("call recipient",),
        ("Basic ", ""),
        ("Bearer ", ""),
        ("dtmf speech",),
        ('<?xml version="1.0" encoding="UTF-8"?>',),
        ("BEGIN PUBLIC KEY-----",),
        ("END PUBLIC KEY-----",),
        ("answered completed",),
        ("call store writer",),
        ("BEGIN IMMEDIATE",),
        ("AsyncGenerator[bytes, None]",),
        ("started tunnel",),
        ("tailscale ", ""),
        ("handler does not exist",),
        ("tailscale serve off",),
        ("is Tailscale running",),
        ("pip install 'voicecall[local]'",),
        ("voicecall history",),
        ("voicecall call --to ", ' --message "Good morning."'),
        ("voicecall serve",),
        ("voicecall config set ", " VALUE"),
        ("bold ", ""),
        ("dim italic",),
        ("voicecall: ", ""),
        ("voicecall doctor",),
        ("GET, HEAD",),
        ("Not Found",),
        ("not authentic",),
        ("voicecall ", ": ", ""),
        ("ready ", " ", ""),
        ("1 while the tunnel is open, else 0.",),
        ("How often the tunnel was opened, moved to another address and lost.",),
        ("Method Not Allowed",),
        ("Too Many Requests",),
        ("Payload Too Large",),
        ("Request Timeout",),
        ("Bad Request",),
        ("Service Unavailable",),
        ("Internal Server Error",),
        ("Extra data",),
        ("No JSON data",),
        ("Maximum nesting",),
        ("config FILE",),
        ("HTTP ", ""),
    }
)
"""Words of protocols, other programs, code and terminals, and commands to type: shapes that only look like prose."""

_PROSE = re.compile(r"[A-Za-z]{2,}[,;:]? [A-Za-z(\x00`]|`")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NAMED_PLACE = re.compile(r"\{[a-z_]+\}")
_SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|ALTER|DROP) ")
_LOGGING = {"debug", "info", "warning", "error", "exception", "critical"}
_PLACE = "\x00"
_LEADING, _TRAILING = " ;:,(.\n-—", " ;:,(\n"


@attrs.frozen
class Spoken:
    """A sentence, its places unnamed."""

    shape: tuple[str, ...]
    """What stands around the places."""
    shown: str
    where: str = attrs.field(eq=False)
    is_word: bool = False
    """Whether it is handed to `translated` as it is."""


def shape_of(text: str) -> tuple[str, ...]:
    """Return the shape of a template, as `Spoken.shape`."""
    return Template(text).literals


def spoken() -> list[Spoken]:
    """Return every sentence that a person may read, in the order of the source."""
    return [found for source in sources() if not _is_excepted(source.name) for found in _Reader(source).all()]


def _is_excepted(name: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in NOT_FOR_READERS)


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source

    def all(self) -> Iterator[Spoken]:
        for node in self.source.tree.body:
            if not any(_is_excepted(f"{self.source.name}.{name}") for name in names_in(node)):
                yield from self.read(node, in_words=False)
        if self.source.name.startswith("voice_entrypoints.cli.commands."):
            yield from self.docstrings()

    def docstrings(self) -> Iterator[Spoken]:
        """Yield what commands say of themselves: the public functions that take the shared options."""
        for node in self.source.tree.body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if any(argument.arg == "shared" for argument in node.args.kwonlyargs):
                for paragraph in inspect.cleandoc(ast.get_docstring(node) or "").split("\n\n"):
                    text = " ".join(paragraph.split())
                    yield Spoken((text,), text, self.source.at(node.lineno))

    def read(self, node: ast.AST, *, in_words: bool) -> Iterator[Spoken]:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        if isinstance(node, ast.Tuple) and _says_chinese(node.elts):
            return
        if isinstance(node, ast.Call) and self.is_no_speech(node):
            return
        if isinstance(node, ast.Call):
            in_words = _called(node) in ("translated", "translated_all")
        template = _template(node)
        if template is not None:
            yield from self.sentence(node, template, in_words=in_words)
            for part in node.values if isinstance(node, ast.JoinedStr) else ():
                if isinstance(part, ast.FormattedValue):
                    yield from self.read(part.value, in_words=False)
            return
        for child in ast.iter_child_nodes(node):
            yield from self.read(
                child, in_words=in_words and not isinstance(node, ast.Subscript | ast.Compare)
            )

    def is_no_speech(self, call: ast.Call) -> bool:
        """Whether it is a line of a log, a pattern, or says its Chinese itself."""
        function = call.func
        if (
            isinstance(function, ast.Attribute)
            and function.attr in _LOGGING
            and "log" in ast.unparse(function)
        ):
            return True
        if ast.unparse(function) == "re.compile":
            return True
        if ast.unparse(function) == "Text":  # a rule of the settings: errors hold its English words
            return False
        return _says_chinese((*call.args, *(keyword.value for keyword in call.keywords)))

    def sentence(self, node: ast.AST, template: str, *, in_words: bool) -> Iterator[Spoken]:
        if _CHINESE.search(template) or _SQL.match(template):
            return
        is_prose = bool(_PROSE.search(template))
        if not is_prose and not (in_words and re.search("[A-Za-z]", template)):
            return
        text = template if in_words and not is_prose else _bare(template)
        if text.replace(_PLACE, "").strip() and tuple(text.split(_PLACE)) not in NO_SENTENCES:
            line = node.lineno if isinstance(node, ast.expr) else 0
            shown = text.replace("{", "{{").replace("}", "}}").replace(_PLACE, "{}")
            yield Spoken(
                tuple(text.split(_PLACE)), shown, self.source.at(line), is_word=in_words and not is_prose
            )


def _says_chinese(nodes: Iterable[ast.expr]) -> bool:
    return any(_CHINESE.search(_template(node) or "") for node in nodes)


def _template(node: ast.AST) -> str | None:
    """Return the text of a literal, its places marked; None if it is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _NAMED_PLACE.sub(_PLACE, node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else _PLACE for part in node.values)
    return None


def _bare(template: str) -> str:
    """Return a sentence without what links it to the one before or after it."""
    text = template.lstrip(_LEADING).rstrip(_TRAILING)
    return text.removesuffix(")") if text.count(")") > text.count("(") else text


def names_in(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement of a module gives."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name):
                yield target.id


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""
