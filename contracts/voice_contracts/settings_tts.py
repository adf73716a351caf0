"""Settings of speech synthesis: `tts`, laid over the host's `messages.tts`."""

# ruff: noqa: RUF009 -- `setting` declares a field, it does not share a value

from typing import Literal, TypeAlias, get_args

import attrs

from voice_contracts.secret import Secret
from voice_contracts.settings_host_speech import EdgeSpeechSettings, ModelOverrideSettings
from voice_contracts.settings_rules import Choice, Flag, Free, Hidden, Number, Section, Text, Whole, setting
from voice_contracts.settings_terms import NAME

__all__ = (
    "ElevenLabsTtsSettings",
    "ElevenLabsVoiceSettings",
    "OpenAiTtsSettings",
    "TextNormalization",
    "TtsProvider",
    "TtsSettings",
)

TtsProvider: TypeAlias = Literal["openai", "elevenlabs", "local"]
TextNormalization: TypeAlias = Literal["auto", "on", "off"]

_OR_DEFAULT = Text(blank_is_absent=True)
_BASE_URL = Text(
    r"[hH][tT][tT][pP][sS]?://[^\s/?#@\\]+([/?#][^\s]*)?",
    "a URL with http:// or https:// and without a user name, e.g. https://example.com",
    "以 http:// 或 https:// 开头、不含用户名的网址，例如 https://example.com",
    suffix_stripped="/",
)
_NO_TELEPHONE_FORMAT = ("edge", "microsoft")
_MOST_SEED = 2**32 - 1


@attrs.frozen(kw_only=True)
class OpenAiTtsSettings:
    """Speech by OpenAI, or by a service with the same protocol."""

    api_key: Secret | None = setting(Hidden(), env=("OPENAI_API_KEY",), doc="Key.", doc_zh="密钥。")
    model: str = setting(
        _OR_DEFAULT, "gpt-4o-mini-tts", doc="Model; blank means the default.", doc_zh="模型；留空即默认值。"
    )
    voice: str = setting(
        _OR_DEFAULT, "alloy", doc="Voice; blank means the default.", doc_zh="音色；留空即默认值。"
    )
    base_url: str | None = setting(
        _BASE_URL,
        env=("OPENAI_TTS_BASE_URL",),
        shown_default="`https://api.openai.com/v1`",
        doc="Where the service is; ends in `/v1`. Another than the vendor's may have other models and voices.",
        doc_zh="服务地址，以 `/v1` 结尾；非官方地址可使用其他模型和音色。",
    )
    speed: float | None = setting(
        Number(0.25, 4), shown_default="1.0", doc="How fast it speaks.", doc_zh="语速。"
    )
    instructions: str | None = setting(
        Text(empty=True),
        doc="How it speaks, for models that take advice.",
        doc_zh="说话方式的提示，仅部分模型支持。",
    )


@attrs.frozen(kw_only=True)
class ElevenLabsVoiceSettings:
    """How an ElevenLabs voice sounds."""

    stability: float = setting(Number(0, 1), 0.5, doc="Evenness.", doc_zh="稳定度。")
    similarity_boost: float = setting(Number(0, 1), 0.75, doc="Likeness to the original.", doc_zh="相似度。")
    style: float = setting(Number(0, 1), 0, doc="Exaggeration.", doc_zh="风格强度。")
    use_speaker_boost: bool = setting(Flag(), default=True, doc="Speaker boost.", doc_zh="说话人增强。")
    speed: float = setting(Number(0.5, 2), 1.0, doc="How fast it speaks.", doc_zh="语速。")


@attrs.frozen(kw_only=True)
class ElevenLabsTtsSettings:
    """Speech by ElevenLabs."""

    api_key: Secret | None = setting(
        Hidden(), env=("ELEVENLABS_API_KEY", "XI_API_KEY"), doc="Key.", doc_zh="密钥。"
    )
    base_url: str = setting(
        _BASE_URL, "https://api.elevenlabs.io", doc="Where the service is.", doc_zh="服务地址。"
    )
    voice_id: str = setting(
        _OR_DEFAULT,
        "pMsXgVXv3BLzUgSXRplE",
        doc="Voice, 10 to 40 letters and digits.",
        doc_zh="音色 ID，10 到 40 个字母或数字。",
    )
    model_id: str = setting(_OR_DEFAULT, "eleven_multilingual_v2", doc="Model.", doc_zh="模型。")
    seed: int | None = setting(
        Whole(0, _MOST_SEED), doc="The same seed speaks the same way.", doc_zh="随机种子；相同种子发音一致。"
    )
    apply_text_normalization: TextNormalization | None = setting(
        Choice(get_args(TextNormalization)), doc="Whether numbers are spelled out.", doc_zh="文本规范化。"
    )
    language_code: str | None = setting(
        NAME,
        doc="Language (ISO 639-1), for models that take one.",
        doc_zh="语言代码（ISO 639-1），仅部分模型支持。",
    )
    voice_settings: ElevenLabsVoiceSettings = setting(
        Section(ElevenLabsVoiceSettings), doc="How it sounds.", doc_zh="音色参数。"
    )


@attrs.frozen(kw_only=True)
class TtsSettings:
    """Speech synthesis for calls."""

    provider: TtsProvider | None = setting(
        Choice(get_args(TtsProvider), ignored=_NO_TELEPHONE_FORMAT),
        shown_default="`local` with `mock`; else `openai` with a key, `elevenlabs` with a key, the carrier's voices",
        shown_default_zh="使用 `mock` 时为 `local`；否则依次为有密钥的 `openai`、有密钥的 `elevenlabs`、运营商自带语音",
        doc="Who speaks; `local` needs no network. `edge` has no telephone format and is ignored.",
        doc_zh="由谁合成语音；`local` 不需要网络；`edge` 无电话音频格式，会被忽略。",
    )
    openai: OpenAiTtsSettings = setting(
        Section(OpenAiTtsSettings), doc="Speech by OpenAI.", doc_zh="OpenAI 语音合成。"
    )
    elevenlabs: ElevenLabsTtsSettings = setting(
        Section(ElevenLabsTtsSettings), doc="Speech by ElevenLabs.", doc_zh="ElevenLabs 语音合成。"
    )
    providers: None = setting(
        Free(),
        doc="Another place for `openai` and `elevenlabs`; services that calls cannot use are left alone.",
        doc_zh="`openai`、`elevenlabs` 的另一种写法；通话不支持的服务保持不变。",
    )
    max_text_length: int = setting(
        Whole(1, 1_000_000),
        4096,
        doc="Longest text spoken at once, in characters.",
        doc_zh="单次合成的最大字符数。",
    )
    timeout_ms: int = setting(
        Whole(1000, 120_000),
        8000,
        doc="How long a synthesis may be silent, in milliseconds.",
        doc_zh="语音合成的超时毫秒数。",
    )
    auto: str | None = setting(
        Choice(("off", "always", "inbound", "tagged")), doc="Not used for calls.", doc_zh="通话不使用。"
    )
    enabled: bool | None = setting(Flag(), doc="Not used for calls.", doc_zh="通话不使用。")
    mode: str | None = setting(Choice(("final", "all")), doc="Not used for calls.", doc_zh="通话不使用。")
    summary_model: str | None = setting(NAME, doc="Not used for calls.", doc_zh="通话不使用。")
    prefs_path: str | None = setting(NAME, doc="Not used for calls.", doc_zh="通话不使用。")
    model_overrides: ModelOverrideSettings = setting(
        Section(ModelOverrideSettings), doc="Not used for calls.", doc_zh="通话不使用。"
    )
    edge: EdgeSpeechSettings = setting(
        Section(EdgeSpeechSettings), doc="Not used for calls.", doc_zh="通话不使用。"
    )
