"""TwiML documents, as values: what can be built is what Twilio's grammar allows (www.twilio.com/docs/voice/twiml)."""

import re
from collections.abc import Iterable
from typing import Final, TypeAlias
from xml.sax.saxutils import escape, quoteattr

import attrs

from voice_domain.e164 import PhoneNumber
from voice_domain.errors import VoiceError

__all__ = (
    "BadTwimlError",
    "Connect",
    "Dial",
    "Ending",
    "Gather",
    "Hangup",
    "Pause",
    "PlayDigits",
    "Redirect",
    "Reject",
    "Response",
    "Say",
    "Stream",
    "Verb",
    "readable_text",
)

# XML 1.0, section 2.2: no other control characters, no surrogates.
_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STREAM_URL: Final = re.compile(r"wss://[^?#\s]+")
_WEB_URL: Final = re.compile(r"https?://\S+")
_KEYS: Final = re.compile(r"[0-9A-D*#wW]+")
_LONGEST_SAY: Final = 5000


class BadTwimlError(VoiceError):
    """No such document can be built."""


def readable_text(text: str) -> str:
    """Return *text* on one line, without characters that no XML document may hold."""
    return " ".join(_ILLEGAL.sub("", text).split())


def _require(holds: object, problem: str) -> None:
    if not holds:
        raise BadTwimlError(f"This TwiML cannot be built: {problem}")


def _web_url(_owner: object, field: "attrs.Attribute[str]", value: str) -> None:
    # A document that is given with a request has no address that a relative one could start from.
    _require(_WEB_URL.fullmatch(value), f"{field.name} must be an absolute web address")


@attrs.frozen
class Say:
    """Reads a text; 5000 characters at most, and fewer for most voices."""

    text: str = attrs.field(converter=readable_text)
    voice: str | None = None
    language: str | None = None

    def __attrs_post_init__(self) -> None:
        _require(self.text, "text must not be empty (error 13520)")
        _require(len(self.text) <= _LONGEST_SAY, "text must be shorter (error 13521)")

    @property
    def xml(self) -> str:
        """The element."""
        return _element("Say", escape(self.text), voice=self.voice, language=self.language)


@attrs.frozen
class PlayDigits:
    """Presses keys: 0-9 A-D * #, w waits half a second, W a whole one."""

    digits: str

    def __attrs_post_init__(self) -> None:
        _require(_KEYS.fullmatch(self.digits), "digits may only hold 0-9 A-D * # w W (error 13430)")

    @property
    def xml(self) -> str:
        """The element."""
        return _element("Play", digits=self.digits)


@attrs.frozen
class Pause:
    """Waits in silence; as the first verb it delays the answer."""

    seconds: int = 1

    def __attrs_post_init__(self) -> None:
        _require(self.seconds >= 1, "a pause takes whole seconds above zero")

    @property
    def xml(self) -> str:
        """The element."""
        return _element("Pause", length=str(self.seconds))


@attrs.frozen
class Stream:
    """Both ways of the call's audio; Twilio drops a query from *url*, so none is allowed."""

    url: str
    status_url: str = attrs.field(validator=_web_url)

    def __attrs_post_init__(self) -> None:
        _require(_STREAM_URL.fullmatch(self.url), "a stream's url is wss:// and has no query")

    @property
    def xml(self) -> str:
        """The element."""
        return _element("Stream", url=self.url, statusCallback=self.status_url, statusCallbackMethod="POST")


@attrs.frozen
class Connect:
    """Carries a stream; the document goes on when it is over."""

    stream: Stream

    @property
    def xml(self) -> str:
        """The element."""
        return _element("Connect", self.stream.xml)


@attrs.frozen(kw_only=True)
class Gather:
    """Listens for speech and keys, also while the prompts are read; either cuts them.

    With nothing heard the document goes on. Keys are complete after # or *timeout_seconds* without another one.
    """

    action: str = attrs.field(validator=_web_url)
    partial_url: str = attrs.field(validator=_web_url)
    language: str
    timeout_seconds: int
    prompts: tuple[Say, ...] = ()

    def __attrs_post_init__(self) -> None:
        _require(self.timeout_seconds >= 1, "a timeout takes whole seconds above zero")

    @property
    def xml(self) -> str:
        """The element."""
        return _element(
            "Gather",
            _joined(self.prompts),
            input="dtmf speech",
            action=self.action,
            method="POST",
            language=self.language,
            timeout=str(self.timeout_seconds),
            speechTimeout="auto",
            profanityFilter="false",
            partialResultCallback=self.partial_url,
            partialResultCallbackMethod="POST",
        )


@attrs.frozen(kw_only=True)
class Dial:
    """Calls another number and joins it to this call; *action* is asked for a document when that is over."""

    to: PhoneNumber
    ring_seconds: int
    action: str = attrs.field(validator=_web_url)
    status_url: str = attrs.field(validator=_web_url)
    """Told when the other number answers, and when it is over."""

    @property
    def xml(self) -> str:
        """The element."""
        number = _element(
            "Number",
            self.to.e164,
            statusCallback=self.status_url,
            statusCallbackMethod="POST",
            statusCallbackEvent="answered completed",
        )
        return _element("Dial", number, action=self.action, method="POST", timeout=str(self.ring_seconds))


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
class Reject:
    """Refuses a call without answering it."""

    busy: bool

    @property
    def xml(self) -> str:
        """The element."""
        return _element("Reject", reason="busy" if self.busy else "rejected")


Verb: TypeAlias = Say | PlayDigits | Pause | Connect | Gather | Dial
Ending: TypeAlias = Redirect | Hangup | Reject
"""What nothing can follow."""


@attrs.frozen
class Response:
    """A whole document: verbs in order, and perhaps an ending. A live call that reaches the end of one is over."""

    verbs: tuple[Verb, ...] = ()
    ending: Ending | None = None

    def __attrs_post_init__(self) -> None:
        rejects = isinstance(self.ending, Reject)
        _require(not (rejects and self.verbs), "a call is rejected before anything else, or it is answered")
        _require(self.verbs or self.ending, "an empty document ends the call; say Hangup")

    @property
    def xml(self) -> str:
        """The document."""
        ending = self.ending.xml if self.ending else ""
        content = _joined(self.verbs) + ending
        return '<?xml version="1.0" encoding="UTF-8"?>' + _element("Response", content)


def _joined(parts: Iterable[Verb]) -> str:
    return "".join(part.xml for part in parts)


def _element(tag: str, content: str = "", /, **attributes: str | None) -> str:
    written = "".join(
        f" {name}={quoteattr(_ILLEGAL.sub('', value))}"
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}>{content}</{tag}>" if content else f"<{tag}{written}/>"
