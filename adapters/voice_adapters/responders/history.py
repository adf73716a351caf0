"""The call so far, as the messages of a chat: what we said is what was heard of it."""

from collections.abc import Sequence

import attrs

from voice_adapters.responders.prompts import CUT_OFF
from voice_domain.ports.responder import ReplyRequest
from voice_domain.transcript import Entry, joined
from voice_domain.vocabulary import Speaker

__all__ = ("ChatMessage", "chat_messages")

_MOST_ENTRIES = 60
_MOST_CHARACTERS = 16_000


@attrs.frozen
class ChatMessage:
    """One turn of a chat."""

    role: str
    """`user` for the counterpart, `assistant` for us."""
    text: str


def chat_messages(request: ReplyRequest, earlier: Sequence[Entry] = ()) -> tuple[ChatMessage, ...]:
    """Return the newest part of the call as turns of alternating roles; the last one is the utterance.

    *earlier* is what was said in calls before this one. At most 60 entries and 16,000 characters are told; the
    utterance is in any case.
    """
    entries = _newest((*earlier, *request.transcript))
    messages: list[ChatMessage] = []
    for entry in entries:
        _add(messages, "assistant" if entry.speaker is Speaker.US else "user", _said(entry))
    # An utterance that is not in the transcript yet, or one that we spoke over, is still what wants an answer.
    if not messages or messages[-1].role != "user":
        _add(messages, "user", request.utterance)
    return tuple(messages)


def _newest(transcript: Sequence[Entry]) -> list[Entry]:
    newest: list[Entry] = []
    characters = 0
    for entry in reversed(transcript[-_MOST_ENTRIES:]):
        characters += len(entry.text)
        if newest and characters > _MOST_CHARACTERS:
            break
        newest.append(entry)
    return newest[::-1]


def _said(entry: Entry) -> str:
    text = entry.text.strip()
    return f"{text}{CUT_OFF}" if text and entry.interrupted else text


def _add(messages: list[ChatMessage], role: str, text: str) -> None:
    if not text.strip():
        return
    if messages and messages[-1].role == role:
        messages[-1] = ChatMessage(role, joined((messages[-1].text, text)))
    else:
        messages.append(ChatMessage(role, text.strip()))
