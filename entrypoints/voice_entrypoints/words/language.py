"""The language of this program's words to its user: that of the settings, else that of the environment."""

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

from voice_entrypoints.settings_place import settings_places
from voice_entrypoints.words.translator import Translator

__all__ = (
    "chinese",
    "language_of_environment",
    "speaking_to",
    "table",
    "translated",
    "translated_all",
    "translated_list",
    "translated_word",
)

_LANGUAGE_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")  # POSIX: the first that is set counts

_language: ContextVar[str] = ContextVar("language", default="en")


def translated(text: str) -> str:
    """Return *text*, English words of ours for a person, in the language that is spoken now."""
    return chinese()(text) if _language.get() == "zh" else text


def translated_all(*texts: str) -> tuple[str, ...]:
    """Return each of *texts* as `translated` does."""
    return tuple(translated(text) for text in texts)


def translated_list(words: Iterable[str]) -> str:
    """Return *words*, which are in the language that is spoken now, as a list."""
    return ("、" if _language.get() == "zh" else ", ").join(words)


def translated_word(word: str) -> str:
    """Return *word*, which stands for something in a record or a decision, as `translated` does.

    Such words are those of the wire: what a user may have to type is told beside them where that matters.
    """
    return table()["record"].get(word, word) if _language.get() == "zh" else word


@contextmanager
def speaking_to(words: Sequence[str], environ: Mapping[str, str]) -> Iterator[None]:
    """Speak the language of whoever wrote the command line *words*, as long as the context is open.

    That of `locale` in the settings file, wrong as the rest of it may be, else that of the terminal.
    """
    token = _language.set(language_of_environment(_settings_locale(words, environ), environ))
    try:
        yield
    finally:
        _language.reset(token)


def language_of_environment(locale: str | None, environ: Mapping[str, str]) -> str:
    """Return `zh` or `en`: that of *locale* (BCP 47) if it is given, else that of the terminal."""
    given = locale or next((value for name in _LANGUAGE_VARIABLES if (value := environ.get(name))), "")
    return "zh" if given.casefold().startswith("zh") else "en"


@functools.cache
def chinese() -> Translator:
    """Return what says our English sentences in Chinese."""
    sections = table()
    sentences = sections["sentences"] | sections["values"] | sections["elsewhere"]
    return Translator(sentences, sections["words"], sections["record"])


@functools.cache
def table() -> Mapping[str, dict[str, str]]:
    """Return the one table of our words: its sections, each with Chinese by English.

    `sentences` may hold each other and `values`, single words; `words` stand alone, `record` are
    those of records, and `elsewhere` are sentences of
    the libraries we use.
    """
    import tomllib
    from importlib.resources import files

    text = files("voice_entrypoints.words").joinpath("chinese.toml").read_text("utf-8")
    return tomllib.loads(text)


def _settings_locale(words: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """Return the `locale` of the settings file that counts; None without one, or if it cannot be told."""
    named = _named_file(words)
    if not any(_speaks_of_a_locale(place) for place in settings_places(named, environ)):
        return None
    from voice_contracts.settings_shape import CONFIG_PATH, is_host_document
    from voice_domain.errors import VoiceError
    from voice_entrypoints.settings_source import find_source

    try:
        config: Any = find_source(named, environ).document
    except VoiceError:  # told to the user by whoever needs the settings
        return None
    for key in CONFIG_PATH if is_host_document(config) else ():
        config = config.get(key) if isinstance(config, Mapping) else None
    locale = config.get("locale") if isinstance(config, Mapping) else None
    return locale if isinstance(locale, str) else None


def _named_file(words: Sequence[str]) -> Path | None:
    for word, following in itertools.pairwise((*words, "")):
        if word == "--config" and following:
            return Path(following)
        if word.startswith("--config="):
            return Path(word.partition("=")[2])
    return None


def _speaks_of_a_locale(path: Path) -> bool:
    """Whether it is worth while to understand a file: that takes longer than most commands."""
    try:
        return b"locale" in path.read_bytes()
    except (OSError, ValueError):
        return False
