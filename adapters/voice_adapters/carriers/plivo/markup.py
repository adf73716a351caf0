"""Plivo XML documents, as values: what can be built is what its grammar allows (www.plivo.com/docs/voice/xml)."""

import re
from collections.abc import Iterable
from typing import Final, TypeAlias
from xml.sax.saxutils import escape, quoteattr

import attrs

from voice_domain.errors import VoiceError

__all__ = (
    "BadXmlError",
    "Breath",
    "Dial",
    "Ending",
    "GetInput",
    "Hangup",
    "Redirect",
    "Refusal",
    "Response",
    "Speak",
    "Stream",
    "Verb",
    "Wait",
    "readable_text",
)

# XML 1.0, section 2.2: no other control characters, no surrogates.
_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STREAM_URL: Final = re.compile(r"wss://[^?#\s]+")
_WEB_URL: Final = re.compile(r"https?://\S+")
_VOICE: Final = re.compile(r"WOMAN|MAN|Polly\.[A-Za-z]+[A-Za-z-]*")
_NUMBER: Final = re.compile(r"[0-9]{3,15}")
_LONGEST_STREAM_URL: Final = 2048
_LONGEST_SPEAK: Final = 3000
"""Characters that an Amazon voice reads at a time (docs.aws.amazon.com/polly, SynthesizeSpeech)."""
_LARGEST_DOCUMENT: Final = 100_000
"""Bytes (www.plivo.com/docs/voice/xml/request)."""
_EXECUTION_SECONDS: Final = (5, 60)
_END_SECONDS: Final = (2, 10)


class BadXmlError(VoiceError):
    """No such document can be built."""


def readable_text(text: str) -> str:
    """Return *text* on one line, without characters that no XML document may hold."""
    return " ".join(_ILLEGAL.sub("", text).split())


def _require(holds: object, problem: str) -> None:
    if not holds:
        raise BadXmlError(f"This Plivo XML cannot be built: {problem}")


def _web_url(_owner: object, field: "attrs.Attribute[str]", value: str) -> None:
    _require(_WEB_URL.fullmatch(value), f"{field.name} must be an absolute web address")


@attrs.frozen
class Speak:
    """Reads a text of 3000 characters at most, and listens to nobody meanwhile."""

    text: str = attrs.field(converter=readable_text)
    voice: str
    language: str

    def __attrs_post_init__(self) -> None:
        _require(self.text, "text must not be empty")
        _require(len(self.text) <= _LONGEST_SPEAK, "text must be shorter")
        _require(_VOICE.fullmatch(self.voice), "a voice is WOMAN, MAN or Polly.…")

    @property
    def xml(self) -> str:
        """The element."""
        return _element("Speak", escape(self.text), voice=self.voice, language=self.language)


@attrs.frozen
class Breath:
    """A tenth of a second of silence that answers a call; `Wait` would leave it ringing."""

    @property
    def xml(self) -> str:
        """The element."""
        return _element("Speak", _element("break", time="100ms"), voice="Polly.Joanna")


@attrs.frozen
class Wait:
    """Waits in silence; as the first element it delays the answer."""

    seconds: int = 1

    def __attrs_post_init__(self) -> None:
        _require(self.seconds >= 1, "a wait takes whole seconds above zero")

    @property
    def xml(self) -> str:
        """The element."""
        return _element("Wait", length=str(self.seconds))


@attrs.frozen
class Stream:
    """Both ways of the call's audio, in µ-law; the document goes on when it is over."""

    url: str
    status_url: str = attrs.field(validator=_web_url)

    def __attrs_post_init__(self) -> None:
        _require(_STREAM_URL.fullmatch(self.url), "a stream's url is wss:// and has no query")
        _require(len(self.url) <= _LONGEST_STREAM_URL, "a stream's url has at most 2048 characters")

    @property
    def xml(self) -> str:
        """The element."""
        return _element(
            "Stream",
            escape(self.url),
            bidirectional="true",
            audioTrack="inbound",
            # Pages of Plivo's disagree about the default.
            contentType="audio/x-mulaw;rate=8000",
            # Without it the document would go on at once.
            keepCallAlive="true",
            statusCallbackUrl=self.status_url,
            statusCallbackMethod="POST",
        )


@attrs.frozen(kw_only=True)
class GetInput:
    """Listens for speech and keys; the first of the two that comes is told to *action*.

    With nothing heard for *seconds* the document goes on. Keys are complete *key_pause_seconds* after the last one.
    """

    action: str = attrs.field(validator=_web_url)
    partial_url: str = attrs.field(validator=_web_url)
    language: str
    seconds: int
    key_pause_seconds: int

    def __attrs_post_init__(self) -> None:
        least, most = _EXECUTION_SECONDS
        _require(least <= self.seconds <= most, "listening takes 5 to 60 seconds")
        least, most = _END_SECONDS
        _require(least <= self.key_pause_seconds <= most, "a pause between keys takes 2 to 10 seconds")

    @property
    def xml(self) -> str:
        """The element."""
        return _element(
            "GetInput",
            inputType="dtmf speech",
            action=self.action,
            method="POST",
            language=self.language,
            executionTimeout=str(self.seconds),
            speechEndTimeout="auto",
            digitEndTimeout=str(self.key_pause_seconds),
            # Every key is told, # too.
            finishOnKey="none",
            profanityFilter="false",
            interimSpeechResultsCallback=self.partial_url,
            interimSpeechResultsCallbackMethod="POST",
        )


@attrs.frozen(kw_only=True)
class Dial:
    """Calls another number and joins it to this call; *action* is asked for a document when that is over."""

    to: str
    """Without a plus sign."""
    shown: str | None
    """Whose number the other sees, without a plus sign; None for the counterpart's."""
    ring_seconds: int
    action: str = attrs.field(validator=_web_url)
    news_url: str = attrs.field(validator=_web_url)
    """Told when the other number answers, and when it is over."""

    def __attrs_post_init__(self) -> None:
        for number in (self.to, self.shown):
            _require(number is None or _NUMBER.fullmatch(number), "a number is digits only")

    @property
    def xml(self) -> str:
        """The element."""
        return _element(
            "Dial",
            _element("Number", self.to),
            action=self.action,
            method="POST",
            timeout=str(self.ring_seconds),
            callerId=self.shown,
            callbackUrl=self.news_url,
            callbackMethod="POST",
        )


@attrs.frozen
class Redirect:
    """Goes on with another document."""

    url: str = attrs.field(validator=_web_url)

    @property
    def xml(self) -> str:
        """The element."""
        return _element("Redirect", escape(self.url), method="POST")


@attrs.frozen
class Hangup:
    """Ends the call."""

    @property
    def xml(self) -> str:
        """The element."""
        return _element("Hangup")


@attrs.frozen
class Refusal:
    """Refuses a call without answering it."""

    busy: bool

    @property
    def xml(self) -> str:
        """The element."""
        return _element("Hangup", reason="busy" if self.busy else "rejected")


Verb: TypeAlias = Speak | Breath | Wait | Stream | GetInput | Dial
Ending: TypeAlias = Redirect | Hangup | Refusal
"""What nothing can follow."""


@attrs.frozen
class Response:
    """A whole document: verbs in order, and perhaps an ending. A live call that reaches the end of one is over."""

    verbs: tuple[Verb, ...] = ()
    ending: Ending | None = None

    def __attrs_post_init__(self) -> None:
        refuses = isinstance(self.ending, Refusal)
        _require(not (refuses and self.verbs), "a call is refused before anything else, or it is answered")
        _require(self.verbs or self.ending, "an empty document ends the call; say Hangup")
        _require(len(self.xml.encode()) <= _LARGEST_DOCUMENT, "it is larger than 100 KB; say less at a time")

    @property
    def xml(self) -> str:
        """The document."""
        ending = self.ending.xml if self.ending else ""
        return '<?xml version="1.0" encoding="UTF-8"?>' + _element("Response", _joined(self.verbs) + ending)


def _joined(parts: Iterable[Verb]) -> str:
    return "".join(part.xml for part in parts)


def _element(tag: str, content: str = "", /, **attributes: str | None) -> str:
    written = "".join(
        f" {name}={quoteattr(_ILLEGAL.sub('', value))}"
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}>{content}</{tag}>" if content else f"<{tag}{written}/>"
