"""Settings of what is written down: logs and recordings, and how long it is kept."""

# ruff: noqa: RUF009 -- `setting` declares a field, it does not share a value

from typing import Literal, TypeAlias, get_args

import attrs

from voice_contracts.secret import Secret
from voice_contracts.settings_rules import Choice, Flag, Hidden, setting
from voice_contracts.settings_terms import AMOUNT, URL

__all__ = (
    "LogFormat",
    "LogLevel",
    "LoggingSettings",
    "RecordingSettings",
    "ReportSettings",
    "RetentionSettings",
)

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]
LogFormat: TypeAlias = Literal["text", "json"]


@attrs.frozen(kw_only=True)
class LoggingSettings:
    """Logs, on standard error; secrets never appear in them."""

    level: LogLevel = setting(
        Choice(get_args(LogLevel), old=(("warn", "warning"),)),
        "info",
        doc="The least important kind of line that is written.",
        doc_zh="最低日志级别。",
    )
    format: LogFormat = setting(
        Choice(get_args(LogFormat)), "text", doc="For people, or for machines.", doc_zh="文本或 JSON。"
    )
    show_numbers: bool = setting(
        Flag(), default=False, doc="Write whole telephone numbers.", doc_zh="日志中显示完整号码。"
    )
    show_transcripts: bool = setting(
        Flag(), default=False, doc="Write what was said.", doc_zh="日志中显示通话文字。"
    )


@attrs.frozen(kw_only=True)
class RecordingSettings:
    """Recordings of the media stream, under `<home>/recordings`."""

    enabled: bool = setting(
        Flag(),
        default=False,
        on_mock=True,
        doc="Write a stereo WAV per call, us left and the counterpart right. Ask for consent where the law does.",
        doc_zh="每通电话写一个立体声 WAV，左声道为我方，右声道为对方。请依法征得同意。",
    )


@attrs.frozen(kw_only=True)
class RetentionSettings:
    """How long calls that are over are kept, with their transcripts and recordings."""

    days: int | None = setting(
        AMOUNT,
        shown_default="for ever",
        shown_default_zh="永久",
        doc="Calls that began longer ago are erased, with their recordings.",
        doc_zh="超过这么多天的通话及其录音会被删除。",
    )


@attrs.frozen(kw_only=True)
class ReportSettings:
    """The report of a call that is over: outcome, summary, transcript."""

    webhook_url: str | None = setting(
        URL,
        doc="Where each report is posted, until the address answers with 2xx or a day is over.",
        doc_zh="通话报告的投递地址；直到收到 2xx 或满一天为止。",
    )
    webhook_secret: Secret | None = setting(
        Hidden(),
        doc="Signs the posts as Standard Webhooks say; `whsec_` and base64, or any text.",
        doc_zh="按 Standard Webhooks 规范对投递签名；`whsec_` 加 base64，或任意文本。",
    )
    summary: bool = setting(
        Flag(),
        default=True,
        doc="Let the language model sum up calls in which the counterpart said something.",
        doc_zh="由语言模型为对方说过话的通话写摘要。",
    )
