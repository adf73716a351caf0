"""What a user may set, as one tree of frozen values. The carrier's name is `provider` here, as in the file."""

# ruff: noqa: RUF009 -- `setting` declares a field, it does not share a value

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, get_args

import attrs

from voice_contracts.settings_carriers import AliyunSettings, PlivoSettings, TelnyxSettings, TwilioSettings
from voice_contracts.settings_dialling import OutboundSettings
from voice_contracts.settings_listeners import (
    ApiSettings,
    ServeSettings,
    TailscaleSettings,
    TunnelSettings,
    WebhookSecuritySettings,
)
from voice_contracts.settings_mock import MockSettings
from voice_contracts.settings_models import ModelsSettings
from voice_contracts.settings_operation import (
    LoggingSettings,
    RecordingSettings,
    ReportSettings,
    RetentionSettings,
)
from voice_contracts.settings_routes import RouteSettings
from voice_contracts.settings_rules import Choice, Flag, ListOf, MapOf, Section, Text, setting
from voice_contracts.settings_streaming import StreamingSettings, SttSettings
from voice_contracts.settings_terms import AMOUNT, AMOUNT_OR_OFF, E164, LOCALE, NAME, URL
from voice_contracts.settings_tts import TtsSettings

__all__ = ("CARRIERS", "MOCK_NUMBER", "CarrierName", "InboundPolicyName", "SessionScope", "Settings")

CarrierName: TypeAlias = Literal["mock", "twilio", "telnyx", "plivo", "aliyun"]
InboundPolicyName: TypeAlias = Literal["disabled", "allowlist", "pairing", "open"]
SessionScope: TypeAlias = Literal["per-phone", "per-call", "main"]

CARRIERS: Final = get_args(CarrierName)
MOCK_NUMBER: Final = "+15550000000"
"""The number that calls of the carrier `mock` come from, if no other is set."""


@attrs.frozen(kw_only=True)
class Settings:
    """Everything, with defaults; `read_settings` makes one from a document and the environment."""

    enabled: bool = setting(
        Flag(), default=True, doc="Whether calls are taken and placed at all.", doc_zh="是否启用电话功能。"
    )
    provider: str = setting(
        Choice(CARRIERS, old=(("log", "mock"),), with_installed=True),
        "mock",
        doc="The carrier; `mock` needs no network and no account. The name of a carrier that another "
        "package brings is a word too, and its settings stand in a section of that name.",
        doc_zh="运营商；`mock` 不需要网络和账号。也可以写其他软件包提供的运营商的名字，"
        "它的设置写在同名的一节里。",
    )
    from_number: str | None = setting(
        E164,
        env=("TWILIO_FROM_NUMBER",),
        on_mock=MOCK_NUMBER,
        doc="The number our calls come from; required with every carrier but `mock`.",
        doc_zh="主叫号码；除 `mock` 外必填。",
    )
    to_number: str | None = setting(
        E164, doc="Who is called if a request names nobody.", doc_zh="请求未指明被叫时的默认号码。"
    )
    inbound_policy: InboundPolicyName = setting(
        Choice(get_args(InboundPolicyName)),
        "disabled",
        doc="Whose calls are taken: nobody's, those in `allowFrom`, approved callers, everybody's.",
        doc_zh="来电策略：全部拒绝、仅 `allowFrom`、配对批准、全部接听。",
    )
    allow_from: tuple[str, ...] = setting(
        ListOf(E164), (), doc="Callers whose calls are taken.", doc_zh="允许来电的号码。"
    )
    inbound_greeting: str | None = setting(
        Text(empty=True),
        shown_default="a sentence in the call's language",
        shown_default_zh="按通话语言的内置问候语",
        doc="What callers hear first.",
        doc_zh="来电接通后的第一句话。",
    )
    max_duration_seconds: int = setting(
        AMOUNT, 300, doc="Longest call, counted from the answer.", doc_zh="通话最长秒数，从接通算起。"
    )
    silence_timeout_ms: int = setting(
        AMOUNT,
        800,
        doc="Silence after which the counterpart has finished, where we decide it, in milliseconds.",
        doc_zh="由我方判断对方说完时所需的静音毫秒数。",
    )
    transcript_timeout_ms: int = setting(
        AMOUNT,
        180_000,
        doc="How long `continue` waits for an utterance, in milliseconds.",
        doc_zh="`continue` 等待对方说话的毫秒数。",
    )
    ring_timeout_ms: int = setting(
        AMOUNT, 30_000, doc="How long we let it ring, in milliseconds.", doc_zh="振铃超时毫秒数。"
    )
    max_concurrent_calls: int = setting(
        AMOUNT, 1, doc="Live calls at a time.", doc_zh="同时进行的通话数上限。"
    )
    stale_call_reaper_seconds: int = setting(
        AMOUNT_OR_OFF,
        120,
        doc="After this an unanswered call is ended, whatever the carrier says; 0 is never.",
        doc_zh="未接通的呼叫最多保留的秒数；0 表示不清理。",
    )
    public_url: str | None = setting(
        URL,
        doc="Full public URL of the webhooks; wins over tunnels.",
        doc_zh="回调的完整公网地址；优先于隧道。",
    )
    skip_signature_verification: bool = setting(
        Flag(),
        default=False,
        doc="Take webhooks from anybody; for development only.",
        doc_zh="不验证回调签名；仅供开发使用。",
    )
    store: str | None = setting(
        NAME,
        shown_default="`<home>/voice-calls`",
        doc="Folder of the call records; `~` is your home.",
        doc_zh="通话记录的目录；`~` 表示用户主目录。",
    )
    response_model: str = setting(
        NAME,
        "openai/gpt-4o-mini",
        doc="Who answers, as `<id>/<model>` with an id of `models.providers`; without a key callers hear an echo.",
        doc_zh="由哪个模型应答，写作 `<id>/<model>`，id 见 `models.providers`；没有密钥时复述对方的话。",
    )
    response_system_prompt: str | None = setting(
        Text(empty=True),
        shown_default="built in, in the call's language",
        shown_default_zh="按通话语言的内置提示",
        doc="What the model is told about the call.",
        doc_zh="给模型的系统提示。",
    )
    response_timeout_ms: int = setting(
        AMOUNT,
        30_000,
        doc="How long the model may think before we apologize, in milliseconds.",
        doc_zh="等待模型应答的毫秒数，超时则致歉。",
    )
    session_scope: SessionScope = setting(
        Choice(get_args(SessionScope)),
        "per-phone",
        doc="What the responder remembers: by counterpart, by call, or everything.",
        doc_zh="会话记忆范围：按号码、按通话或全部共用。",
    )
    locale: str | None = setting(
        LOCALE,
        shown_default="`zh-CN` for callees in China, else `en-US`",
        shown_default_zh="被叫在中国时为 `zh-CN`，否则为 `en-US`",
        doc="Language of speech, prompts and built-in sentences.",
        doc_zh="语音、提示和内置语句的语言。",
    )
    numbers: Mapping[str, RouteSettings] = setting(
        MapOf(E164, Section(RouteSettings)),
        MappingProxyType({}),
        doc="Other settings for calls to one of our numbers.",
        doc_zh="按被叫号码（我方号码）单独设置。",
    )
    twilio: TwilioSettings = setting(Section(TwilioSettings), doc="Twilio.", doc_zh="Twilio。")
    telnyx: TelnyxSettings = setting(Section(TelnyxSettings), doc="Telnyx.", doc_zh="Telnyx。")
    plivo: PlivoSettings = setting(Section(PlivoSettings), doc="Plivo.", doc_zh="Plivo。")
    aliyun: AliyunSettings = setting(Section(AliyunSettings), doc="Aliyun.", doc_zh="阿里云。")
    mock: MockSettings = setting(
        Section(MockSettings), doc="The callee of `mock`.", doc_zh="`mock` 的模拟被叫。"
    )
    serve: ServeSettings = setting(Section(ServeSettings), doc="The public listener.", doc_zh="公开监听。")
    api: ApiSettings = setting(Section(ApiSettings), doc="The private listener.", doc_zh="内部监听。")
    tunnel: TunnelSettings = setting(Section(TunnelSettings), doc="The tunnel.", doc_zh="隧道。")
    tailscale: TailscaleSettings = setting(Section(TailscaleSettings), doc="Tailscale.", doc_zh="Tailscale。")
    webhook_security: WebhookSecuritySettings = setting(
        Section(WebhookSecuritySettings), doc="Webhooks behind proxies.", doc_zh="代理后的回调。"
    )
    outbound: OutboundSettings = setting(
        Section(OutboundSettings), doc="Calls that we place.", doc_zh="呼出。"
    )
    streaming: StreamingSettings = setting(
        Section(StreamingSettings), doc="Media streams.", doc_zh="媒体流。"
    )
    stt: SttSettings = setting(Section(SttSettings), doc="Transcription.", doc_zh="语音识别。")
    tts: TtsSettings = setting(Section(TtsSettings), doc="Speech synthesis.", doc_zh="语音合成。")
    models: ModelsSettings = setting(
        Section(ModelsSettings, open=True), doc="Language models.", doc_zh="语言模型。"
    )
    logging: LoggingSettings = setting(Section(LoggingSettings), doc="Logs.", doc_zh="日志。")
    recording: RecordingSettings = setting(Section(RecordingSettings), doc="Recordings.", doc_zh="录音。")
    report: ReportSettings = setting(Section(ReportSettings), doc="Reports of calls.", doc_zh="通话报告。")
    retention: RetentionSettings = setting(
        Section(RetentionSettings), doc="How long calls are kept.", doc_zh="通话保留多久。"
    )
    installed_carrier: Mapping[str, Any] = attrs.field(factory=lambda: MappingProxyType({}), repr=False)
    """The section of the carrier that `provider` names, where another package brings it; its own to check."""
