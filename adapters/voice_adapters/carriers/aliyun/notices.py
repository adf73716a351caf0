"""What Aliyun sends to the callback address: questions of a running conversation, and reports; taken apart.

Fields come in the query, as a form or as JSON; reports as one object or as an array of them. All of them are read.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

import attrs
import msgspec

from voice_domain.identity import CarrierCallId
from voice_domain.ports.webhook_reader import BadWebhookError, WebhookRequest

__all__ = ("Notice", "Question", "Report", "notices_of")

_EARLY_MEDIA: Final = "early_media"


@attrs.frozen(kw_only=True)
class Question:
    """Aliyun says what happened in a conversation and asks what to do (help.aliyun.com/document_detail/112703.html)."""

    carrier_call_id: CarrierCallId
    kind: str
    """normal, mute, timebreak, dtmf, parallel_transfer; callin for a caller."""
    content: Mapping[str, Any]
    timestamp: str

    @property
    def name(self) -> str:
        """Ours for the call, as it was handed over; empty if it did not come back."""
        return text_of(self.content, "dynamic_id")

    @property
    def before_answer(self) -> bool:
        """Whether it is about what the network says while the phone rings."""
        return text_of(self.content, "current_media_code") == _EARLY_MEDIA

    @property
    def playing(self) -> bool:
        """Whether something is being read."""
        return text_of(self.content, "is_playing").lower() == "true"

    def text(self, field: str) -> str:
        """Return a field of the content; empty if it is missing or no text."""
        return text_of(self.content, field)


@attrs.frozen(kw_only=True)
class Report:
    """Aliyun says what became of a call."""

    carrier_call_id: CarrierCallId
    fields: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Ours for the call, as it was handed over; empty if it did not come back."""
        return text_of(self.fields, "out_id")

    def text(self, field: str) -> str:
        """Return a field; empty if it is missing or no text."""
        return text_of(self.fields, field)


Notice: TypeAlias = Question | Report


def notices_of(request: WebhookRequest) -> tuple[Notice, ...]:
    """Return what *request* holds, in order, at least one.

    Raises:
        BadWebhookError: if nothing in it names a call.
    """
    notices = _read(request.body) or tuple(_notices([request.query]))
    if not notices:
        raise BadWebhookError("回调中没有 call_id；it names no call, so it is no callback of Aliyun's")
    return notices


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """Return a field as text: numbers and truth values as JSON writes them; empty for anything else."""
    value = fields.get(name)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() if isinstance(value, str | int | float) else ""


# A callback is looked at three times: to be translated, held back for a moment, and answered.
@lru_cache(maxsize=16)
def _read(body: bytes) -> tuple[Notice, ...]:
    start = body.lstrip()[:1]
    if start in (b"[", b"{"):
        value = _json(body)
        return tuple(_notices(value if isinstance(value, list) else [value]))
    return tuple(_notices([dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))]))


def _notices(values: list[Any]) -> Iterator[Notice]:
    for fields in values:
        name = text_of(fields, "call_id") if isinstance(fields, Mapping) else ""
        if not name:
            continue
        carrier_call_id = CarrierCallId(name)
        if "content_type" not in fields:
            yield Report(carrier_call_id=carrier_call_id, fields=fields)
            continue
        content = fields.get("content")
        content = _json(content.encode()) if isinstance(content, str) else content
        yield Question(
            carrier_call_id=carrier_call_id,
            kind=text_of(fields, "content_type").lower(),
            content=content if isinstance(content, dict) else {},
            timestamp=text_of(fields, "timestamp"),
        )


def _json(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
