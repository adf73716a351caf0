"""Aliyun VMS: conversations (智能外呼 SmartCall) and notices (语音通知)."""

from voice_adapters.carriers.aliyun.callback_token import CallbackToken
from voice_adapters.carriers.aliyun.carrier import AliyunCarrier
from voice_adapters.carriers.aliyun.client import AliyunClient, endpoint_url
from voice_adapters.carriers.aliyun.dialling import Scripts
from voice_adapters.carriers.aliyun.inspection import AliyunInspection
from voice_adapters.carriers.aliyun.signature import AccessKey

__all__ = (
    "AccessKey",
    "AliyunCarrier",
    "AliyunClient",
    "AliyunInspection",
    "CallbackToken",
    "Scripts",
    "endpoint_url",
)
