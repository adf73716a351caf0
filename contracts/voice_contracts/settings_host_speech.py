"""The part of the host's `messages.tts` that concerns its chats: checked, and without effect on calls."""

import attrs

from voice_contracts.settings_rules import Flag, Text, Whole, setting
from voice_contracts.settings_terms import NAME

__all__ = ("EdgeSpeechSettings", "ModelOverrideSettings")

_ANY_TEXT = Text(empty=True)


@attrs.frozen(kw_only=True)
class ModelOverrideSettings:
    """What the host's model may change about its own voice."""

    enabled: bool = setting(Flag(), default=True, doc="Not used for calls.", doc_zh="通话不使用。")
    allow_text: bool = setting(Flag(), default=True, doc="Not used for calls.", doc_zh="通话不使用。")
    allow_provider: bool = setting(Flag(), default=True, doc="Not used for calls.", doc_zh="通话不使用。")
    allow_voice: bool = setting(Flag(), default=True, doc="Not used for calls.", doc_zh="通话不使用。")
    allow_model_id: bool = setting(Flag(), default=True, doc="Not used for calls.", doc_zh="通话不使用。")
    allow_voice_settings: bool = setting(
        Flag(), default=True, doc="Not used for calls.", doc_zh="通话不使用。"
    )
    allow_normalization: bool = setting(
        Flag(), default=True, doc="Not used for calls.", doc_zh="通话不使用。"
    )
    allow_seed: bool = setting(Flag(), default=True, doc="Not used for calls.", doc_zh="通话不使用。")


@attrs.frozen(kw_only=True)
class EdgeSpeechSettings:
    """A voice that has no telephone format; calls use the next one that is configured."""

    enabled: bool | None = setting(Flag(), doc="Not used for calls.", doc_zh="通话不使用。")
    voice: str | None = setting(_ANY_TEXT, doc="Not used for calls.", doc_zh="通话不使用。")
    lang: str | None = setting(_ANY_TEXT, doc="Not used for calls.", doc_zh="通话不使用。")
    output_format: str | None = setting(_ANY_TEXT, doc="Not used for calls.", doc_zh="通话不使用。")
    pitch: str | None = setting(_ANY_TEXT, doc="Not used for calls.", doc_zh="通话不使用。")
    rate: str | None = setting(_ANY_TEXT, doc="Not used for calls.", doc_zh="通话不使用。")
    volume: str | None = setting(_ANY_TEXT, doc="Not used for calls.", doc_zh="通话不使用。")
    save_subtitles: bool | None = setting(Flag(), doc="Not used for calls.", doc_zh="通话不使用。")
    proxy: str | None = setting(NAME, doc="Not used for calls.", doc_zh="通话不使用。")
    timeout_ms: int | None = setting(Whole(1000, 120_000), doc="Not used for calls.", doc_zh="通话不使用。")
