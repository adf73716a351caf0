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

__all__ = ("OF_RECORDS", "VERBATIM", "Template", "Translator")

VERBATIM: Final = frozenset({"text", "key", "path", "command", "url", "value"})
"""Places that hold what others wrote, said or will type: it stays as it is, even if it reads like a sentence."""

OF_RECORDS: Final = frozenset({"reason", "state", "mode", "direction", "floor", "given"})
"""Places that may hold a word of a record, which means something else in other places."""

_SEPARATORS: Final = (("\n", "\n"), ("; ", "；"), (": ", "："), (" — ", "——"), (", ", "，"))
_LONGEST: Final = 3_000
_MOST_CUTS: Final = 60
_MEETING: Final = re.compile(r"[\u4e00-\u9fff][A-Za-z0-9+]|[A-Za-z0-9][\u4e00-\u9fff]")
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
            else:
                gained, said = (0, value) if name in VERBATIM else self._read(value, known)
            weight += gained
            values[name] = said
            weight -= ", " in value or "; " in value  # of two sentences in a row, read each: a tie is theirs
        return weight, _joined(other, values)

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
    """Return *template* with *values* in their places; where Han meets Latin or a digit stands a space."""
    said = ""
    for literal, name, _, _ in Formatter().parse(template):
        for piece in (literal, "" if name is None else values[name]):
            needs_space = _MEETING.fullmatch(said[-1:] + piece[:1])
            said += f" {piece}" if needs_space else piece
    return said
