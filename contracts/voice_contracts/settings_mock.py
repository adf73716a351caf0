"""Settings of the carrier `mock`: what its callee does."""

# ruff: noqa: RUF009 -- `setting` declares a field, it does not share a value

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

import attrs

from voice_contracts.settings_rules import Choice, Flag, ListOf, MapOf, Section, Text, setting
from voice_contracts.settings_terms import AMOUNT_OR_OFF, NAME, NUMBER_PATTERN

__all__ = ("MockOutcome", "MockSettings", "MockStep")

MockOutcome: TypeAlias = Literal["answer", "busy", "no-answer", "failed", "voicemail"]
_OUTCOME = Choice(get_args(MockOutcome))


@attrs.frozen(kw_only=True)
class MockStep:
    """One thing the callee does; exactly one of say, press, interrupt and hang up is given."""

    after_ms: int = setting(
        AMOUNT_OR_OFF,
        0,
        doc="Wait, counted from the moment the callee has heard us out.",
        doc_zh="等待的毫秒数，从被叫听完我方说话算起。",
    )
    say: str | None = setting(NAME, doc="The callee says this.", doc_zh="被叫说出的话。")
    press: str | None = setting(
        Text(r"[0-9A-Da-d*#]+", "keys of a telephone (0-9, *, #, A-D)", "电话按键（0-9、*、#、A-D）"),
        doc="The callee presses these keys.",
        doc_zh="被叫按下的键。",
    )
    interrupt: str | None = setting(
        NAME,
        doc="The callee says this while we speak, without hearing us out.",
        doc_zh="被叫在我方说话时插话的内容。",
    )
    hang_up: bool = setting(Flag(), default=False, doc="The callee hangs up.", doc_zh="被叫挂断。")


@attrs.frozen(kw_only=True)
class MockSettings:
    """The scripted callee; without a script it answers and stays silent."""

    ring_ms: int = setting(
        AMOUNT_OR_OFF,
        200,
        doc="From the dial until it rings, in milliseconds.",
        doc_zh="从拨号到振铃的毫秒数。",
    )
    answer_ms: int = setting(
        AMOUNT_OR_OFF,
        600,
        doc="From the dial until the outcome, in milliseconds.",
        doc_zh="从拨号到接通（或其他结果）的毫秒数。",
    )
    outcome: MockOutcome = setting(
        _OUTCOME, "answer", doc="What becomes of every call.", doc_zh="每次呼叫的结果。"
    )
    outcomes: Mapping[str, MockOutcome] = setting(
        MapOf(NUMBER_PATTERN, _OUTCOME),
        MappingProxyType({}),
        doc="Outcomes by callee: a number, or its beginning with a `*`; they win over `outcome`.",
        doc_zh="按被叫号码指定结果：完整号码，或开头加 `*`；优先于 `outcome`。",
    )
    script: tuple[MockStep, ...] = setting(
        ListOf(Section(MockStep)),
        (),
        doc="What the callee does, step by step.",
        doc_zh="被叫逐步执行的动作。",
    )
    realtime: bool = setting(
        Flag(),
        default=True,
        doc="Whether playback takes the time it would take on a telephone.",
        doc_zh="播放是否按真实时间进行。",
    )
