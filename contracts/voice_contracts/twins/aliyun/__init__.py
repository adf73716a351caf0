"""A twin of Aliyun's voice service: its interface, its questions and reports, and the people whom it calls."""

from voice_contracts.twins.aliyun.account import AliyunAccount
from voice_contracts.twins.aliyun.twin import AliyunTwin, aliyun_twin

__all__ = ("AliyunAccount", "AliyunTwin", "aliyun_twin")
