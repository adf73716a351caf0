"""Settings that one of our numbers has of its own."""

# ruff: noqa: RUF009 -- `setting` declares a field, it does not share a value

import attrs

from voice_contracts.settings_rules import Section, Text, setting
from voice_contracts.settings_terms import AMOUNT, NAME
from voice_contracts.settings_tts import TtsSettings

__all__ = ("RouteSettings",)


@attrs.frozen(kw_only=True)
class RouteSettings:
    """What differs for calls to one of our numbers; None is no difference."""

    inbound_greeting: str | None = setting(
        Text(empty=True), doc="What callers hear first.", doc_zh="来电接通后的第一句话。"
    )
    tts: TtsSettings | None = setting(
        Section(TtsSettings),
        optional=True,
        doc="Speech synthesis, laid over the top-level `tts`.",
        doc_zh="语音合成设置，覆盖在顶层 `tts` 之上。",
    )
    response_model: str | None = setting(NAME, doc="Who answers.", doc_zh="由哪个模型应答。")
    response_system_prompt: str | None = setting(
        Text(empty=True), doc="What the model is told about the call.", doc_zh="给模型的系统提示。"
    )
    response_timeout_ms: int | None = setting(
        AMOUNT, doc="How long the model may think, in milliseconds.", doc_zh="等待模型应答的毫秒数。"
    )
