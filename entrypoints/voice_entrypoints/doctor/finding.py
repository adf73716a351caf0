"""One thing that was looked at: what was found, why it matters, and what to do about it."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs

from voice_entrypoints.doctor.sentences import SENTENCES, Sentence
from voice_entrypoints.words.language import chinese as translator

__all__ = ("Finding", "Language", "found")

Language: TypeAlias = Literal["en", "zh", "both"]
"""`both` is Chinese with English after it, as users of a Chinese carrier look things up in either."""


@attrs.frozen
class Finding:
    """What was found about one subject."""

    id: str
    """The subject, such as `credentials`; the same in every version."""
    sentence: Sentence
    values: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Whether calls can be placed and taken in spite of it."""
        return self.sentence.state != "failed"

    @property
    def state(self) -> str:
        """`ok`, `warning` or `failed`."""
        return self.sentence.state

    def message(self, language: Language) -> str:
        """Return what was found, and why it matters."""
        return _said(self.sentence.en, self.sentence.zh, self.values, language)

    def remedy(self, language: Language) -> str:
        """Return what to do; empty if nothing."""
        return _said(self.sentence.remedy_en, self.sentence.remedy_zh, self.values, language)

    def json(self, language: Language) -> dict[str, Any]:
        """Return it as a member of `checks`."""
        return {
            "id": self.id,
            "ok": self.ok,
            "message": self.message(language),
            "remedy": self.remedy(language),
        }


def found(sentence: str, /, *, subject: str | None = None, **values: object) -> Finding:
    """Return the finding that says *sentence*, `subject.variant`; *subject* names another subject.

    A value in both languages is Chinese, a full-width semicolon, and English.

    Raises:
        KeyError: if there is no such sentence.
    """
    told = {name: str(value) for name, value in values.items()}
    return Finding(subject or sentence.partition(".")[0], SENTENCES[sentence], told)


def _said(english: str, chinese: str, values: Mapping[str, str], language: Language) -> str:
    if not english:
        return ""
    in_english = english.format_map({name: _part(text, last=True) for name, text in values.items()})
    if language == "en":
        return in_english
    told = {name: translator()(_part(text, last=False)) for name, text in values.items()}
    in_chinese = chinese.format_map(told)
    return in_chinese if language == "zh" else f"{in_chinese}；{in_english}"


def _part(text: str, *, last: bool) -> str:
    """Return the language that is wanted of a text in both: Chinese, a full-width semicolon, then English."""
    before, joint, after = text.rpartition("；")
    if not joint or not after.isascii():
        return text
    return after if last else before
