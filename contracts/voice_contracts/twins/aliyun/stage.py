"""How the twin of Aliyun's voice service is set up."""

import json
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

import attrs

from voice_contracts.twins.aliyun.account import AliyunAccount
from voice_contracts.twins.aliyun.as_dialled import CalleesAsDialled, as_dialled
from voice_contracts.twins.aliyun.leg import ANSWERED
from voice_contracts.twins.aliyun.twin import AliyunTwin, aliyun_twin
from voice_contracts.twins.ledger import LegRecord
from voice_contracts.twins.stage import Arrangement, CarrierStage, Notice, StageFacts, Telling
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.vocabulary import EndReason

__all__ = ("STAGE", "AliyunStage")

_FACTS: Final = StageFacts(
    name="aliyun",
    title="Aliyun",
    hosts=frozenset({"dyvmsapi.aliyuncs.com"}),
    takes_calls=False,
    streams=False,
    takes_commands=False,
    fetches_texts=True,
    tells_words_at_once=False,
    left_by="用户",
)
_REASONS: Final = {"200002": EndReason.BUSY, "200003": EndReason.NO_ANSWER, "200005": EndReason.FAILED}
_LEFT: Final = {"用户": EndReason.HANGUP_USER, "机器": EndReason.HANGUP_BOT}


@attrs.frozen
class AliyunStage(CarrierStage):
    """A number that was bought, an approved template, and callbacks to an address with a secret in it."""

    facts: ClassVar[StageFacts] = _FACTS

    def settings(self, arranged: Arrangement, api_url: str | None = None) -> dict[str, Any]:
        """Return the access key and the secret of the callbacks."""
        account = _account(arranged)
        known = {
            "accessKeyId": account.key_id,
            "accessKeySecret": account.key_secret,
            "callbackToken": _callback_token(arranged),
        }
        address = {} if api_url is None else {"endpoint": api_url}
        return {"provider": "aliyun", "aliyun": {**known, **address}}

    def open(self, arranged: Arrangement, around: Surroundings) -> AbstractAsyncContextManager[AliyunTwin]:
        """Run the twin."""
        return aliyun_twin(_account(arranged), around)

    def address(self, arranged: Arrangement) -> str:
        """Return the address of our webhooks, with the secret at its end."""
        return f"{arranged.webhook_url}/{_callback_token(arranged)}"

    def signed(self, arranged: Arrangement, notice: Notice) -> dict[str, str]:
        """Sign nothing: it is believed for the address."""
        del arranged, notice
        return {}

    def telling(self, body: bytes) -> Telling:
        """Read a question, which is a form, or a report, which is one of an array."""
        if body.startswith(b"["):
            (report,) = json.loads(body)
            state = report["status_code"]
            return Telling(leg=report["call_id"], state=state, up=state == ANSWERED)
        fields = dict(parse_qsl(body.decode()))
        kind = fields["content_type"]
        words = json.loads(fields["content"])["words"] if kind == "normal" else ""
        return Telling(leg=fields["call_id"], state=kind, words=words)

    def end_reason(self, leg: LegRecord) -> EndReason:
        """Go by the code of the end, and by who hung up where that says more."""
        return _REASONS.get(leg.state) or _LEFT.get(leg.ended_by or "", EndReason.COMPLETED)


def _account(arranged: Arrangement) -> AliyunAccount:
    url = STAGE.address(arranged)
    return AliyunAccount(
        key_secret=arranged.secret,
        numbers=frozenset({as_dialled(arranged.number)}),
        callees=CalleesAsDialled(arranged.callees),
        templates={"TTS_000000": "${text}"},
        callback_url=url,
        report_url=url,
    )


def _callback_token(arranged: Arrangement) -> str:
    return f"callback-{arranged.secret}"


STAGE: Final = AliyunStage()
