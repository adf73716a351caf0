"""English sentences, put together from known pieces, said in another language.

Errors are built in English where they happen, out of sentences that hold other sentences. Nothing of that has to know
of languages: here a finished sentence is compared with the templates of a table, and what stands in their places with
the templates again. Of all readings the one counts that leaves the least English.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import Final

import attrs

__all__ = ("LISTS", "OF_RECORDS", "VERBATIM", "Template", "Translator")

VERBATIM: Final = frozenset({"text", "key", "path", "command", "url", "value"})
"""Places that hold what others wrote, said or will type: it stays as it is, even if it reads like a sentence."""

OF_RECORDS: Final = frozenset({"reason", "state", "mode", "direction", "floor", "given"})
"""Places that may hold a word of a record, which means something else in other places."""

LISTS: Final = frozenset(
    {
        "actions",
        "answers",
        "carriers",
        "choices",
        "faults",
        "known",
        "lifted",
        "lost",
        "missing",
        "names",
        "numbers",
        "packages",
        "ports",
        "programs",
    }
)
"""Places that may hold several things with commas between, which users may have to type: they stay as they are."""

_SEPARATORS: Final = (("\n", "\n"), ("; ", "；"), (": ", "："), (" — ", "——"), (", ", "，"))
_BETWEEN_THINGS: Final = "、"
_THING: Final = re.compile(r"[^\s;]+(?: \d+)?")
_LONGEST: Final = 3_000
_MOST_CUTS: Final = 60
_MEETING: Final = re.compile(r"[\u4e00-\u9fff][A-Za-z0-9+]|[A-Za-z0-9][\u4e00-\u9fff]")
_HAN_PAIR: Final = re.compile(r"[\u4e00-\u9fff]{2}")
_LETTER: Final = re.compile(r"[A-Za-z]")

_Reading = tuple[int, str]
"""How many letters of it could be translated, and the result."""


@attrs.frozen
class Template:
    """A sentence with named places, in the notation of `str.format`."""

    text: str
    literals: tuple[str, ...] = attrs.field(init=False)
    """What stands around the places; one more than there are places."""
    names: tuple[str, ...] = attrs.field(init=False)
    """The places, in order."""
    pattern: re.Pattern[str] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        literals, names = [""], []
        for literal, name, _, _ in Formatter().parse(self.text):
            literals[-1] += literal
            if name is not None:
                names.append(name)
                literals.append("")
        object.__setattr__(self, "literals", tuple(literals))
        object.__setattr__(self, "names", tuple(names))
        object.__setattr__(self, "pattern", re.compile("(.*?)".join(map(re.escape, literals)), re.DOTALL))

    @property
    def weight(self) -> int:
        """How many letters it has outside of its places."""
        return sum(len(_LETTER.findall(literal)) for literal in self.literals)

    @property
    def quotes(self) -> bool:
        """Whether all that follows its own words is what somebody said."""
        return self.names[-1:] == ("text",) and bool(self.literals[0]) and not self.literals[-1]

    @property
    def anchor(self) -> str:
        """Its longest piece: whatever lacks it cannot match."""
        return max(self.literals, key=len)


class Translator:
    """Says sentences by *sentences* and, if they stand alone, by *words*; both map English templates to others.

    *record* are the words that may stand in places `OF_RECORDS`.
    """

    def __init__(
        self, sentences: Mapping[str, str], words: Mapping[str, str], record: Mapping[str, str] | None = None
    ) -> None:
        self._record = record or {}
        parsed = [(Template(english), other) for english, other in sentences.items()]
        self._whole = {
            template.literals[0]: other.format() for template, other in parsed if not template.names
        }
        self._templates: Sequence[tuple[str, int, Template, str]] = sorted(
            (
                (template.anchor, template.weight, template, other)
                for template, other in parsed
                if template.names
            ),
            key=lambda row: (-row[1], -sum(map(len, row[2].literals))),
        )
        self._quoting = [(template, other) for _, _, template, other in self._templates if template.quotes]
        self._words = words

    def __call__(self, text: str) -> str:
        """Return *text* in the other language; what is not known of it stays English."""
        if text in self._words:
            return self._words[text]
        if len(text) > _LONGEST:
            return text
        return self._read(text, {})[1]

    def _read(self, text: str, known: dict[str, _Reading]) -> _Reading:
        found = known.get(text)
        if found is None:
            known[text] = 0, text  # a sentence that holds itself has nothing to add
            found = known[text] = max(self._readings(text, known), key=lambda reading: reading[0])
        return found

    def _readings(self, text: str, known: dict[str, _Reading]) -> Iterator[_Reading]:
        """Yield what *text* may mean; of equally good readings the first counts."""
        yield 0, text
        if text in self._whole:
            yield len(_LETTER.findall(text)), self._whole[text]
            return
        if not _LETTER.search(text):
            return
        for template, other in self._quoting:
            if match := template.pattern.fullmatch(text):
                yield self._filled(template.weight, template, other, match, known)
                return
        for anchor, weight, template, other in self._templates:
            if anchor in text and (match := template.pattern.fullmatch(text)):
                yield self._filled(weight, template, other, match, known)
        yield from self._cut(text, known)

    def _filled(
        self, weight: int, template: Template, other: str, match: re.Match[str], known: dict[str, _Reading]
    ) -> _Reading:
        values: dict[str, str] = {}
        for name, value in zip(template.names, match.groups(), strict=True):
            if name in OF_RECORDS and value in self._record:
                gained, said = len(_LETTER.findall(value)), self._record[value]
            elif name in VERBATIM:
                gained, said = 0, value
            else:
                gained, said = self._held(name, value, known)
            weight += gained
            values[name] = said
        return weight, _joined(other, values)

    def _held(self, name: str, value: str, known: dict[str, _Reading]) -> _Reading:
        things = value.split(", ")
        if name in LISTS and len(things) > 1 and all(map(_THING.fullmatch, things)):
            return len(_LETTER.findall(value)), _BETWEEN_THINGS.join(things)
        gained, said = self._read(value, known)
        # Of two sentences in a row, or where one leads on to another, read each: a tie is theirs.
        return gained - sum(separator in value for separator in (", ", "; ", ": ")), said

    def _cut(self, text: str, known: dict[str, _Reading]) -> Iterator[_Reading]:
        """Yield *text* read as two sentences in a row, as one with another in brackets, or as one that leads on."""
        if text.endswith(":") and (before := self._read(text[:-1], known))[0]:
            yield before[0], f"{before[1]}："
        at = text.rfind(" (") if text.endswith(")") else -1
        if at >= 0:
            before, inside = self._read(text[:at], known), self._read(text[at + 2 : -1], known)
            if before[0] + inside[0]:
                yield before[0] + inside[0], f"{before[1]}（{inside[1]}）"
        cuts = 0
        for separator, other in _SEPARATORS:
            at = text.find(separator)
            while at >= 0 and cuts < _MOST_CUTS:
                cuts += 1
                left = self._read(text[:at], known)
                right = self._read(text[at + len(separator) :], known)
                if left[0] + right[0]:
                    yield left[0] + right[0], f"{left[1]}{other}{right[1]}"
                at = text.find(separator, at + 1)


def _joined(template: str, values: Mapping[str, str]) -> str:
    """Return *template* with *values* in their places; where Han meets Latin or a digit stands a space, else none."""
    said, kept = "", False
    for literal, name, _, _ in Formatter().parse(template):
        for piece, keeps in ((literal, False), ("" if name is None else values[name], name in VERBATIM)):
            left, right = said.rstrip(" "), piece.lstrip(" ")
            if _HAN_PAIR.fullmatch(left[-1:] + right[:1]) and not (keeps or kept):
                said = left + right
            else:
                said += f" {piece}" if _MEETING.fullmatch(said[-1:] + piece[:1]) else piece
            kept = keeps if piece else kept
    return said
