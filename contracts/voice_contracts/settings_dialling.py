"""Settings of outbound calls: how they go, and who may be dialled when."""

# ruff: noqa: RUF009 -- `setting` declares a field, it does not share a value

from typing import Literal, TypeAlias, get_args

import attrs

from voice_contracts.settings_rules import Choice, Flag, ListOf, Section, Text, setting
from voice_contracts.settings_terms import AMOUNT, AMOUNT_OR_OFF, NUMBER_PATTERN, REGION

__all__ = ("CallMode", "OutboundSettings", "QuietHoursSettings")

CallMode: TypeAlias = Literal["notify", "conversation"]

_CLOCK = Text(
    r"([01][0-9]|2[0-3]):[0-5][0-9]", "a time of day as HH:MM, e.g. 21:00", "HH:MM 格式的时间，例如 21:00"
)
_ZONE = Text(
    r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*",
    "a time zone's name (IANA), e.g. Europe/Berlin",
    "IANA 时区名，例如 Asia/Shanghai",
)
_DENIED = Text(
    r"\+[1-9][0-9]{0,14}\*?",
    "an E.164 number or its beginning, e.g. +1900",
    "E.164 号码或其开头，例如 +1900",
    private=True,
)


@attrs.frozen(kw_only=True)
class QuietHoursSettings:
    """Hours in which nobody is rung; both ends are needed."""

    from_: str | None = setting(_CLOCK, doc="First quiet minute.", doc_zh="开始时间（含）。")
    to: str | None = setting(
        _CLOCK, doc="First minute in which we may ring again.", doc_zh="结束时间（不含）。"
    )
    timezone: str | None = setting(
        _ZONE,
        shown_default="the callee's own",
        shown_default_zh="被叫当地时区",
        doc="The clock that counts for everybody.",
        doc_zh="统一使用的时区。",
    )


@attrs.frozen(kw_only=True)
class OutboundSettings:
    """Calls that we place."""

    default_mode: CallMode = setting(
        Choice(get_args(CallMode)),
        "notify",
        doc="Say one thing and hang up, or take turns, if a request does not say which.",
        doc_zh="请求未指明时的通话方式：播报一条消息后挂断，或进行对话。",
    )
    notify_hangup_delay_seconds: int = setting(
        AMOUNT_OR_OFF,
        3,
        wire="notifyHangupDelaySec",
        doc="Wait after the message was heard, before we hang up.",
        doc_zh="消息播完后到挂断之间的秒数。",
    )
    allow_countries: tuple[str, ...] | None = setting(
        ListOf(REGION),
        shown_default="all",
        shown_default_zh="全部",
        doc="Regions that may be dialled; an empty list allows none.",
        doc_zh="允许呼叫的地区；空列表表示全部禁止。",
    )
    deny_numbers: tuple[str, ...] = setting(
        ListOf(_DENIED),
        (),
        doc="Numbers, or beginnings of numbers, that are never dialled.",
        doc_zh="禁止呼叫的号码或号段。",
    )
    allow_numbers: tuple[str, ...] = setting(
        ListOf(NUMBER_PATTERN),
        (),
        doc="Numbers, or beginnings with a `*`, for which every block but the one on emergency numbers is lifted.",
        doc_zh="豁免号码（或开头加 `*`）：除紧急号码外，其他限制全部放行。",
    )
    max_calls_per_hour: int | None = setting(
        AMOUNT,
        shown_default="no cap",
        shown_default_zh="不限",
        doc="Cap on calls placed in an hour.",
        doc_zh="每小时最多拨出的次数。",
    )
    detect_machines: bool = setting(
        Flag(),
        default=False,
        doc="Let the carrier find out whether a machine answered, and end the call as `voicemail` then. Twilio, Telnyx "
        "and Plivo can; it costs extra.",
        doc_zh="让运营商判断是否为语音信箱接听，若是则以 `voicemail` 结束。Twilio、Telnyx、Plivo 支持；另行计费。",
    )
    quiet_hours: QuietHoursSettings | None = setting(
        Section(QuietHoursSettings),
        optional=True,
        shown_default="none",
        shown_default_zh="无",
        doc="Hours in which nobody is rung; where the callee's time is not known the call is refused.",
        doc_zh="免打扰时段；无法确定被叫当地时间时拒绝呼叫。",
    )
    adopt_external: bool = setting(
        Flag(),
        default=False,
        doc="Track calls that others placed with our webhook URL.",
        doc_zh="接管由他人发起、但指向本机回调地址的呼叫。",
    )
