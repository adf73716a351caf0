"""What Aliyun's error codes mean for whoever runs the gateway, and what to do about each.

Every sentence begins with the Chinese text that people look up, and ends with the same in English.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from voice_adapters.transports.http_client import HttpAnswer, UnreachableError, is_passing
from voice_domain.e164 import mask_number
from voice_domain.errors import VoiceError
from voice_domain.ports.carrier import CarrierError

__all__ = (
    "CARRIER",
    "REMEDIES",
    "UNREACHABLE_CALLBACK",
    "MissingAccessKeyError",
    "callback_missing",
    "refused",
    "unreachable",
)

CARRIER: Final = "aliyun"

_SIGNATURE = (
    "签名验证失败：AccessKey 错误或已过期，请在 RAM 控制台重新生成并更新 aliyun.accessKeyId、aliyun.accessKeySecret；"
    "The signature was refused: create a new AccessKey in the RAM console and put both parts into the settings"
)
_CLOCK = (
    "签名验证失败：本机时间与阿里云相差超过 15 分钟，请校准系统时间；"
    "The signature was refused: set this machine's clock, it is more than 15 minutes off"
)
_PERMISSION = (
    "权限不足：请给 RAM 用户授予 AliyunDyvmsFullAccess 或 dyvms:* 权限；"
    "Permission denied: grant the RAM user the policy AliyunDyvmsFullAccess, or dyvms:*"
)
_CALLEE = (
    "号码格式错误：被叫号码无法呼叫，请检查号码是否存在，并写成 E.164 格式（+86…）；"
    "The callee's number cannot be called: check that it exists and write it in E.164 form, beginning with +86"
)
_SHOWN = (
    "号码格式错误：fromNumber 不是本账号已购买的号码，请在控制台“真实号管理”中核对，并写成 E.164 格式（+86…）；"
    "fromNumber is not a number that this account has bought: compare it with the console, and begin it with +86"
)
_TEMPLATE = (
    "语音模板不可用：请核对 aliyun.ttsCode，并确认话术已报备且审核通过；"
    "The template cannot be used: compare aliyun.ttsCode with the console, and wait until it is approved"
)
_PARAMETERS = (
    "模板变量不匹配：请把 aliyun.ttsParam 设为模板中的变量名；"
    "The template's variables do not fit: set aliyun.ttsParam to the name of the variable in the template"
)
_FILE = (
    "语音文件不可用：请核对 aliyun.voiceCode 中的文件名，并确认文件已审核通过；"
    "The voice file cannot be used: compare aliyun.voiceCode with the console, and wait until it is approved"
)
_SERVICE = (
    "语音服务未开通：请在控制台开通语音服务及所用功能（语音通知、智能语音交互）；"
    "The service is not activated: activate the voice service and the feature used in the console"
)
_ACCOUNT = (
    "账号异常：请在控制台检查实名认证和账号状态；"
    "There is a problem with the account: check its real-name verification and its state in the console"
)
_BALANCE = "余额不足：请充值或购买套餐包；The balance is too low: top the account up or buy a package"
_FLOW = (
    "触发流控：同一被叫每分钟 1 次、每小时 5 次、每天 20 次，请稍后再拨，或在控制台申请调整；"
    "Flow control: one number can be called once a minute, 5 times an hour, 20 times a day; call later"
)
_BLACK_LIST = (
    "黑名单管控：被叫已投诉或被列入黑名单，不要再拨打；"
    "The callee is on a black list or has complained: do not call this number"
)
_CALL = "呼叫失败：请稍后重试；The call could not be placed: try again later"
_ASR = (
    "语音识别模型不可用：请在控制台检查识别模型；"
    "The recognition model cannot be used: check it in the console"
)
_VALUES = "参数错误：请检查 aliyun.* 设置；A parameter was refused: check the settings under aliyun"
_TROUBLE = "阿里云服务异常：请稍后重试；Aliyun has trouble of its own: try again later"
_RATE = "请求过于频繁：请降低并发；Too many requests from this account: place fewer calls at a time"

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "SignatureDoesNotMatch": _SIGNATURE,
        "IncompleteSignature": _SIGNATURE,
        "InvalidAccessKeyId.NotFound": _SIGNATURE,
        "InvalidAccessKeyId.Inactive": _SIGNATURE,
        "InvalidSecurityToken.Expired": _SIGNATURE,
        "InvalidTimeStamp.Expired": _CLOCK,
        "SignatureNonceUsed": _TROUBLE,
        "Throttling.User": _RATE,
        "isp.RAM_PERMISSION_DENY": _PERMISSION,
        "isp.SYSTEM_ERROR": _TROUBLE,
        "isv.OUT_OF_SERVICE": _BALANCE,
        "isv.PRODUCT_UN_SUBSCRIPT": _SERVICE,
        "isv.PRODUCT_UNSUBSCRIBE": _SERVICE,
        "isv.ACCOUNT_NOT_EXISTS": _ACCOUNT,
        "isv.ACCOUNT_ABNORMAL": _ACCOUNT,
        "isv.VOICE_FILE_ILLEGAL": _FILE,
        "isv.DISPLAY_NUMBER_ILLEGAL": _SHOWN,
        "isv.TTS_TEMPLATE_ILLEGAL": _TEMPLATE,
        "isv.TEMPLATE_PARAMS_ILLEGAL": _PARAMETERS,
        "isv.INVALID_PARAMETERS": _VALUES,
        "isv.MOBILE_NUMBER_ILLEGAL": _CALLEE,
        "isv.BUSINESS_LIMIT_CONTROL": _FLOW,
        "isv.AMOUNT_NOT_ENOUGH": _BALANCE,
        "isv.VOICE_CALL_FAIL": _CALL,
        "isv.COMPLAINT_REJECT": _BLACK_LIST,
        "isv.BLACK_KEY_CONTROL_LIMIT": _BLACK_LIST,
        "isv.ASR_MODEL_ERROR": _ASR,
    }
)
"""The sentence for each code (help.aliyun.com/document_detail/178344.html, and those of every interface)."""

UNREACHABLE_CALLBACK: Final = (
    "回调地址不可达：阿里云没有来询问下一步，请确保 publicUrl 公网可访问，并在控制台填写网关的 callbackUrl；"
    "Aliyun did not come to ask what to do next: check that publicUrl can be reached from the internet, and enter "
    "the gateway's callbackUrl into the console"
)

_RETRYABLE: Final = frozenset(
    {"Throttling.User", "SignatureNonceUsed", "isp.SYSTEM_ERROR", "isv.BUSINESS_LIMIT_CONTROL"}
)
_LONG_NUMBER: Final = re.compile(r"\+?[0-9]{7,}")
_LONGEST: Final = 300


class MissingAccessKeyError(VoiceError):
    """There are no credentials to ask Aliyun with."""

    kind: ClassVar[str] = "invalid_settings"

    def __init__(self, part: str, key: str, variable: str) -> None:
        super().__init__(
            f"{part} 是必需的：请设置 {key} 或环境变量 {variable}；"
            f"{part} is required: set {key} or the environment variable {variable}"
        )
        self.field = key


def refused(answer: HttpAnswer) -> CarrierError:
    """Return the error for an answer that is no success: Aliyun's code, the HTTP status, and what to do."""
    said = answer.json_object()
    code = said.get("Code")
    code = code if isinstance(code, str) else ""
    return CarrierError(
        CARRIER,
        _problem(code, answer.status, said.get("Message")),
        code=code,
        status=answer.status,
        retryable=is_passing(answer.status) or code in _RETRYABLE,
    )


def unreachable(error: UnreachableError) -> CarrierError:
    """Return the error for a request that got no answer."""
    advice = f"无法连接阿里云：请检查网络和 aliyun.endpoint；{error}; check the network, and aliyun.endpoint"
    return CarrierError(CARRIER, advice, retryable=error.passing)


def callback_missing() -> CarrierError:
    """Return the error for a wish that Aliyun did not come to ask for."""
    return CarrierError(CARRIER, UNREACHABLE_CALLBACK, retryable=True)


def _problem(code: str, status: int, message: object) -> str:
    if code in REMEDIES:
        return REMEDIES[code]
    if code.startswith("Throttling") or status == 429:
        return _RATE
    if status >= 500:
        return _TROUBLE
    said = _shown(message)
    if not said:
        return "阿里云拒绝了请求，未说明原因；Aliyun refused the request without a reason: see the console"
    return f"阿里云拒绝了请求：{said}；Aliyun refused the request with this reason: look its code up"


def _shown(message: object) -> str:
    """Return what Aliyun said, on one line and with every number in it masked."""
    line = " ".join(message.split()) if isinstance(message, str) else ""
    return _LONG_NUMBER.sub(lambda found: mask_number(found.group()), line)[:_LONGEST]
