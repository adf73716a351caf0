"""The whole runtime on the Aliyun adapter, against Aliyun's twin."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeAlias

import httpx
from support.runtime_world import CLOCK, Parties, RuntimeWorld, runtime_world

from voice_adapters.carriers.aliyun import AccessKey, AliyunCarrier, AliyunClient, CallbackToken, Scripts
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.twins.aliyun import AliyunAccount, AliyunTwin, aliyun_twin
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.faults import FaultPlan
from voice_domain.e164 import PhoneNumber

__all__ = ("HOOK", "OURS", "THEIRS", "TOKEN", "AliyunWorld", "aliyun_world")

OURS = PhoneNumber("+865710000000")
THEIRS = PhoneNumber("+8613900000000")
TOKEN = "s3cret-token"
HOOK = f"https://voice.example.com/voice/webhook/{TOKEN}"

AliyunWorld: TypeAlias = RuntimeWorld[AliyunTwin, AliyunCarrier]


@asynccontextmanager
async def aliyun_world(
    *,
    callee: Callee | None = None,
    faults: FaultPlan | None = None,
    account: dict[str, Any] | None = None,
    **scripts: Any,
) -> AsyncIterator[AliyunWorld]:
    """Run everything for as long as the block lasts."""
    known = AliyunAccount(
        **{
            "callees": {THEIRS.national_digits: callee or Callee()},
            "callback_url": HOOK,
            "report_url": HOOK,
            **(account or {}),
        }
    )

    def carrier(http: httpx.AsyncClient) -> AliyunCarrier:
        return AliyunCarrier(
            client=AliyunClient(
                http=HttpClient(http, CLOCK), key=AccessKey(known.key_id, known.key_secret), clock=CLOCK
            ),
            token=CallbackToken(lambda: TOKEN),
            scripts=Scripts(**scripts),
            clock=CLOCK,
        )

    parties, twin = Parties(OURS, THEIRS, "zh-CN"), partial(aliyun_twin, known)
    async with runtime_world(twin, carrier, parties, faults=faults) as world:
        yield world
