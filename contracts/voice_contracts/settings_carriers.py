"""Settings of the carriers: credentials, regions, addresses."""

# ruff: noqa: RUF009 -- `setting` declares a field, it does not share a value

from collections.abc import Mapping
from typing import ClassVar, Literal, TypeAlias, get_args

import attrs

from voice_contracts.secret import Secret
from voice_contracts.settings_rules import Choice, Hidden, Text, setting
from voice_contracts.settings_terms import NAME, URL

__all__ = ("AliyunSettings", "PlivoSettings", "TelnyxSettings", "TwilioRegion", "TwilioSettings")

TwilioRegion: TypeAlias = Literal["us1", "ie1", "au1"]


@attrs.frozen(kw_only=True)
class TwilioSettings:
    """Twilio, Programmable Voice and Media Streams."""

    account_sid: str | None = setting(
        NAME,
        env=("TWILIO_ACCOUNT_SID",),
        required=True,
        doc="Account SID; required with Twilio.",
        doc_zh="Account SID；使用 Twilio 时必填。",
    )
    auth_token: Secret | None = setting(
        Hidden(),
        env=("TWILIO_AUTH_TOKEN",),
        required=True,
        doc="Auth token; required with Twilio, it also proves that webhooks are Twilio's.",
        doc_zh="Auth Token；使用 Twilio 时必填，也用于验证回调签名。",
    )
    region: TwilioRegion = setting(
        Choice(get_args(TwilioRegion)),
        "us1",
        doc="Where Twilio processes the calls; credentials belong to one region.",
        doc_zh="Twilio 处理呼叫的区域；凭据按区域发放。",
    )
    api_base_url: str | None = setting(
        URL,
        shown_default="`https://api.twilio.com`, or the region's",
        shown_default_zh="`https://api.twilio.com`，或所选区域的地址",
        doc="Scheme, host and optional prefix of the API, without the version path.",
        doc_zh="接口地址：协议、主机和可选前缀，不含版本路径。",
    )


@attrs.frozen(kw_only=True)
class TelnyxSettings:
    """Telnyx, Call Control v2."""

    api_key: Secret | None = setting(
        Hidden(),
        env=("TELNYX_API_KEY",),
        required=True,
        doc="API key; required with Telnyx.",
        doc_zh="API Key；使用 Telnyx 时必填。",
    )
    connection_id: str | None = setting(
        NAME,
        env=("TELNYX_CONNECTION_ID",),
        required=True,
        doc="Id of the Call Control application; required with Telnyx.",
        doc_zh="Call Control 应用的 ID；使用 Telnyx 时必填。",
    )
    public_key: str | None = setting(
        NAME,
        env=("TELNYX_PUBLIC_KEY",),
        required=True,
        doc="Key that webhooks are signed with (raw base64, DER base64 or PEM); required with Telnyx unless "
        "`skipSignatureVerification` is on.",
        doc_zh="回调签名公钥（原始 base64、DER base64 或 PEM）；除非打开 `skipSignatureVerification`，否则必填。",
    )
    api_base_url: str | None = setting(
        URL,
        shown_default="`https://api.telnyx.com`",
        doc="Scheme, host and optional prefix of the API, without the version path.",
        doc_zh="接口地址：协议、主机和可选前缀，不含版本路径。",
    )


@attrs.frozen(kw_only=True)
class PlivoSettings:
    """Plivo, Voice API, XML and GetInput."""

    auth_id: str | None = setting(
        NAME,
        env=("PLIVO_AUTH_ID",),
        required=True,
        doc="Auth id; required with Plivo.",
        doc_zh="Auth ID；使用 Plivo 时必填。",
    )
    auth_token: Secret | None = setting(
        Hidden(),
        env=("PLIVO_AUTH_TOKEN",),
        required=True,
        doc="Auth token; required with Plivo, it also proves that webhooks are Plivo's.",
        doc_zh="Auth Token；使用 Plivo 时必填，也用于验证回调签名。",
    )
    api_base_url: str | None = setting(
        URL,
        shown_default="`https://api.plivo.com`",
        doc="Scheme, host and optional prefix of the API, without the version path.",
        doc_zh="接口地址：协议、主机和可选前缀，不含版本路径。",
    )


@attrs.frozen(kw_only=True)
class AliyunSettings:
    """Aliyun VMS, 智能外呼 SmartCall and 语音通知."""

    MISSING_WORDS: ClassVar[Mapping[str, str]] = {
        "aliyun.accessKeyId": "AccessKey ID 是必需的：请检查配置或环境变量；",
        "aliyun.accessKeySecret": "AccessKey Secret 是必需的：请检查配置或环境变量；",
    }
    """What its users look up when something is missing."""
    WRONG_WORDS: ClassVar[Mapping[str, str]] = {
        "fromNumber": "号码格式错误：请使用 E.164 格式（+86…）；",
        "toNumber": "号码格式错误：请使用 E.164 格式（+86…）；",
    }
    """What they look up when something is wrong."""

    access_key_id: str | None = setting(
        NAME,
        env=("ALIYUN_ACCESS_KEY_ID",),
        required=True,
        doc="AccessKey id; required with Aliyun.",
        doc_zh="AccessKey ID；使用阿里云时必填。",
    )
    access_key_secret: Secret | None = setting(
        Hidden(),
        env=("ALIYUN_ACCESS_KEY_SECRET",),
        required=True,
        doc="AccessKey secret; required with Aliyun.",
        doc_zh="AccessKey Secret；使用阿里云时必填。",
    )
    region_id: str = setting(
        NAME, "cn-hangzhou", env=("ALIYUN_REGION_ID",), doc="Region of the account.", doc_zh="账号所在地域。"
    )
    endpoint: str = setting(
        Text(
            r"([hH][tT][tT][pP][sS]?://)?[^\s/?#@\\]+(/[^\s]*)?",
            "a host name or a URL, e.g. dyvmsapi.aliyuncs.com",
            "主机名或网址，例如 dyvmsapi.aliyuncs.com",
        ),
        "dyvmsapi.aliyuncs.com",
        doc="Host or URL of the voice service.",
        doc_zh="语音服务的主机名或网址。",
    )
    tts_code: str | None = setting(
        NAME,
        doc="Code of the approved template that a notify call speaks; without one SmartCall is used.",
        doc_zh="通知呼叫播报的已审核话术模板编号（话术报备）；未填时使用智能外呼。",
    )
    tts_param: str = setting(
        NAME,
        "text",
        doc="The template's parameter that takes the message.",
        doc_zh="模板中接收通知内容的变量名。",
    )
    voice_code: str = setting(
        NAME,
        "$message$",
        doc="How a SmartCall opens: file names and `$variables$`; `$message$` is the opening text.",
        doc_zh="智能外呼的开场：录音文件名和 `$变量$`；`$message$` 为开场文本。",
    )
    callback_token: Secret | None = setting(
        Hidden(),
        shown_default="random, kept in the state folder",
        shown_default_zh="随机生成，保存在状态目录",
        doc="Last segment of the callback path; keeps strangers out.",
        doc_zh="回调路径的最后一段，用于拒绝陌生请求。",
    )
