"""Aliyun as journeys see it: its twin, the settings that lead to it, and what our adapter keeps of its legs."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from support.carrier_rig import HOOK, OURS, CarrierRig, Habits, Landline, Rig

from voice_adapters.carriers.aliyun import AliyunCarrier
from voice_contracts.twins.aliyun import AliyunAccount, aliyun_twin
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.ports.carrier import Capabilities, Carrier
from voice_domain.vocabulary import EndReason

__all__ = ("ALIYUN", "CALLBACK_TOKEN")

CALLBACK_TOKEN = "s3cret-token"
_HABITS = Habits(
    able=Capabilities(native_speech=True, native_listening=True),
    hung_up=EndReason.HANGUP_USER,
    wrong_key_says="签名验证失败",
    unverified_says=None,
    dials_again=False,
    overloaded_says={429: "fewer calls", 503: "try again later"},
    chinese=None,
    asks=True,
    cut_characters=50,  # that somebody spoke is told when they have finished
)


@asynccontextmanager
async def _open(landline: Landline, around: Surroundings) -> AsyncIterator[CarrierRig]:
    account = AliyunAccount(
        numbers=frozenset({OURS.removeprefix("+")}),
        callees={number.removeprefix("+"): callee for number, callee in landline.callees.items()},
        templates={"TTS_000000": "${text}"},
        callback_url=f"{HOOK}/{CALLBACK_TOKEN}",
        report_url=f"{HOOK}/{CALLBACK_TOKEN}",
    )
    secret = "a-secret-of-somebody-else" if landline.refuses_keys else account.key_secret
    async with aliyun_twin(account, around) as twin:
        yield CarrierRig(
            name="aliyun",
            habits=_HABITS,
            twin=twin,
            transport=twin.transport,
            hosts=frozenset({"dyvmsapi.aliyuncs.com"}),
            settings={
                "provider": "aliyun",
                "aliyun": {
                    "accessKeyId": account.key_id,
                    "accessKeySecret": secret,
                    "callbackToken": CALLBACK_TOKEN,
                },
            },
            base_url_path=("aliyun", "endpoint"),
            call_in=_nobody_calls_in,
            kept=_kept,
        )


def _nobody_calls_in(caller: str, callee: Callee) -> str:
    raise AssertionError(f"{caller} cannot call in, {callee} neither")


def _kept(carrier: Carrier) -> Mapping[str, int]:
    assert isinstance(carrier, AliyunCarrier)
    return {"thinking": len(carrier._thinking)}


ALIYUN = Rig(_open, _HABITS)
