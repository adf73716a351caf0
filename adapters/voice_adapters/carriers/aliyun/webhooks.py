"""What Aliyun's notices tell, in our words. Pure: the same notice always tells the same, under the same ids.

Times are those of the arrival: Aliyun's own have no time zone, and belong to a clock that is not ours.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import attrs

from voice_adapters.carriers.aliyun.notices import Notice, Question, Report
from voice_adapters.carriers.aliyun.statuses import ANSWERED_CODES, Progress, end_reason
from voice_domain.identity import CallId
from voice_domain.inputs import CarrierNews, KeysPressed, LineAnswered, LineEnded, LineRang, WordsHeard
from voice_domain.ports.carrier import CarrierSignal
from voice_domain.vocabulary import EndReason

__all__ = ("brings_words", "repeats_question", "signals_of", "tells_end")

_CALLER = "callin"


def signals_of(
    notice: Notice, *, call_id: CallId | None, now_ms: int, reads_template: bool = False
) -> tuple[CarrierSignal, ...]:
    """Return what a notice tells, in order; *call_id* is our name for its call, None if only the store knows it.

    In a call that *reads_template* nothing but the template's end makes the machine hang up: its message was heard.
    """
    told = _asked(notice, now_ms) if isinstance(notice, Question) else _reported(notice, now_ms)
    if reads_template:
        told = map(_completed, told)
    return tuple(
        CarrierSignal(news=news, carrier_call_id=notice.carrier_call_id, call_id=call_id) for news in told
    )


def brings_words(notice: Notice) -> bool:
    """Whether the counterpart has said something, which makes worthless what we were about to say."""
    if not isinstance(notice, Question) or notice.before_answer:
        return False
    return notice.kind in ("normal", "timebreak") and bool(notice.text("words"))


def repeats_question(notice: Notice) -> bool:
    """Whether it tells of keys, which are asked about too in calls in which Aliyun asks."""
    return isinstance(notice, Report) and notice.text("status_code") == Progress.KEYS


def tells_end(notice: Notice) -> bool:
    """Whether the call is over."""
    if isinstance(notice, Question):
        return False
    return notice.text("status_code") == Progress.ENDED or _is_final(notice)


def _asked(question: Question, now_ms: int) -> Iterator[CarrierNews]:
    leg = question.carrier_call_id
    if question.kind == _CALLER:
        return  # a caller, whom this product does not bring to us
    if question.before_answer:
        yield LineRang(now_ms, f"{leg}:rang", leg)
        return
    # Aliyun only asks in calls that were answered, and need not have reported the answer.
    yield LineAnswered(now_ms, f"{leg}:answered", leg)
    words = _WORDS.get(question.kind)
    if words is not None:
        yield from words(question, now_ms)


def _said(question: Question, now_ms: int) -> Iterator[CarrierNews]:
    text = question.text("words")
    if text:
        event_id = _event_id(question, "words", "begin_offset", "end_offset", "words")
        yield WordsHeard(now_ms, text, event_id=event_id, carrier_call_id=question.carrier_call_id)


def _is_saying(question: Question, now_ms: int) -> Iterator[CarrierNews]:
    text = question.text("words")
    if text:
        event_id = _event_id(question, "partial", "begin_offset", "end_offset", "words")
        yield WordsHeard(
            now_ms, text, final=False, event_id=event_id, carrier_call_id=question.carrier_call_id
        )


def _pressed(question: Question, now_ms: int) -> Iterator[CarrierNews]:
    digits = question.text("dtmf_digits")
    if digits:
        event_id = _event_id(question, "keys", "dtmf_digits", "begin_time")
        yield KeysPressed(now_ms, digits, event_id, question.carrier_call_id)


_WORDS: Mapping[str, Callable[[Question, int], Iterator[CarrierNews]]] = MappingProxyType(
    {"normal": _said, "timebreak": _is_saying, "dtmf": _pressed}
)


def _reported(report: Report, now_ms: int) -> Iterator[CarrierNews]:
    leg, code = report.carrier_call_id, report.text("status_code")
    if code == Progress.RINGING:
        yield LineRang(now_ms, f"{leg}:rang", leg)
    elif code == Progress.ANSWERED:
        yield LineAnswered(now_ms, f"{leg}:answered", leg)
    elif code == Progress.KEYS and report.text("dtmf"):
        name = f"{leg}:keys:{report.text('status_time')}:{report.text('dtmf')}"
        yield KeysPressed(now_ms, report.text("dtmf"), name, leg)
    elif _is_final(report):
        if code in ANSWERED_CODES:
            yield LineAnswered(now_ms, f"{leg}:answered", leg)
        reason = end_reason(code, report.text("hangup_direction"))
        cause = " ".join(filter(None, (code, report.text("smart_status_code"))))
        yield LineEnded(now_ms, reason, cause, f"{leg}:ended", leg)


def _completed(news: CarrierNews) -> CarrierNews:
    if isinstance(news, LineEnded) and news.reason is EndReason.HANGUP_BOT:
        return attrs.evolve(news, reason=EndReason.COMPLETED)
    return news


def _is_final(report: Report) -> bool:
    """Whether a report says why the call is over. That it is over, without a why, is no news: the why follows."""
    return report.text("status_code") not in ("", *Progress)


def _event_id(question: Question, kind: str, *fields: str) -> str:
    """Return an id that a repetition of the same event has too; without offsets, the moment tells events apart."""
    offsets = question.text("begin_offset") or question.text("begin_time")
    parts = [question.text(field) for field in fields] + ([] if offsets else [question.timestamp])
    digest = hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
    return f"{question.carrier_call_id}:{kind}:{digest}"
