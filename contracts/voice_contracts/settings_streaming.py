"""Settings of media streams and of the transcriber that listens to them."""

# ruff: noqa: RUF009 -- `setting` declares a field, it does not share a value

from typing import Literal, TypeAlias, get_args

import attrs

from voice_contracts.secret import Secret
from voice_contracts.settings_rules import Choice, Flag, Free, Hidden, Number, Section, setting
from voice_contracts.settings_terms import AMOUNT, NAME, URL, URL_PATH

__all__ = (
    "OpenAiTranscriptionSettings",
    "StreamingProvider",
    "StreamingProvidersSettings",
    "StreamingSettings",
    "SttProvider",
    "SttSettings",
)

StreamingProvider: TypeAlias = Literal["openai", "local"]
SttProvider: TypeAlias = Literal["openai", "local"]


@attrs.frozen(kw_only=True)
class OpenAiTranscriptionSettings:
    """Realtime transcription by OpenAI, or by a service with the same protocol."""

    api_key: Secret | None = setting(
        Hidden(), env=("OPENAI_API_KEY",), doc="Key of the service.", doc_zh="服务密钥。"
    )
    model: str = setting(NAME, "gpt-4o-transcribe", doc="Model that transcribes.", doc_zh="语音识别模型。")
    silence_duration_ms: int = setting(
        AMOUNT,
        800,
        doc="Silence after which the counterpart has finished, in milliseconds.",
        doc_zh="判定对方说完所需的静音毫秒数。",
    )
    vad_threshold: float = setting(
        Number(0, 1),
        0.5,
        doc="How sure the service must be that it hears a voice; 0 takes everything for one.",
        doc_zh="语音检测阈值；0 表示把所有声音都当作语音。",
    )


@attrs.frozen(kw_only=True)
class StreamingProvidersSettings:
    """Settings by transcriber; those of services that are not ours are left alone."""

    openai: OpenAiTranscriptionSettings = setting(
        Section(OpenAiTranscriptionSettings),
        doc="Realtime transcription by OpenAI.",
        doc_zh="OpenAI 实时语音识别。",
    )
    deepgram: None = setting(Free(), doc="Not used.", doc_zh="不使用。")
    elevenlabs: None = setting(Free(), doc="Not used.", doc_zh="不使用。")
    mistral: None = setting(Free(), doc="Not used.", doc_zh="不使用。")
    xai: None = setting(Free(), doc="Not used.", doc_zh="不使用。")


@attrs.frozen(kw_only=True)
class StreamingSettings:
    """Media streams: the sound of a call over a WebSocket."""

    enabled: bool = setting(
        Flag(), default=False, doc="Take the sound of calls and hear it ourselves.", doc_zh="启用媒体流。"
    )
    stream_path: str = setting(
        URL_PATH,
        "/voice/stream",
        doc="Path of the WebSocket; a token per call follows it.",
        doc_zh="WebSocket 路径，后接每通电话的一次性令牌。",
    )
    provider: StreamingProvider | None = setting(
        Choice(get_args(StreamingProvider), old=(("openai-realtime", "openai"),)),
        shown_default="`local` with `mock`; else `openai` with a key",
        shown_default_zh="使用 `mock` 时为 `local`；否则有密钥时为 `openai`",
        doc="Who transcribes.",
        doc_zh="由谁识别语音。",
    )
    providers: StreamingProvidersSettings = setting(
        Section(StreamingProvidersSettings, open=True),
        doc="Settings by transcriber.",
        doc_zh="各识别服务的设置。",
    )
    openai_base_url: str | None = setting(
        URL,
        shown_default="`https://api.openai.com/v1`",
        doc="Where realtime transcription is; `http` becomes `ws`, `https` becomes `wss`.",
        doc_zh="实时识别服务地址；`http` 换成 `ws`，`https` 换成 `wss`。",
    )
    pre_start_timeout_ms: int = setting(
        AMOUNT,
        5000,
        doc="How long a connection may last without its `start`, in milliseconds.",
        doc_zh="连接后等待 `start` 的毫秒数。",
    )
    max_pending_connections: int = setting(
        AMOUNT, 32, doc="Connections that have not started yet.", doc_zh="尚未开始的连接数上限。"
    )
    max_pending_connections_per_ip: int = setting(
        AMOUNT, 4, doc="The same, from one address.", doc_zh="同一地址尚未开始的连接数上限。"
    )
    max_connections: int = setting(AMOUNT, 128, doc="Connections in all.", doc_zh="连接总数上限。")


@attrs.frozen(kw_only=True)
class SttSettings:
    """Transcription of whole utterances, without a media stream of ours."""

    provider: SttProvider = setting(
        Choice(get_args(SttProvider)),
        "openai",
        on_mock="local",
        doc="Who transcribes; `local` needs no network.",
        doc_zh="由谁识别语音；`local` 不需要网络。",
    )
    model: str = setting(NAME, "whisper-1", doc="Model that transcribes.", doc_zh="语音识别模型。")
