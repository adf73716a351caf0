"""How Plivo's twin is set up."""

from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

import attrs

from voice_contracts.twins.ledger import LegRecord
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.endings import LegStatus
from voice_contracts.twins.plivo.signature import sign_v2, sign_v3
from voice_contracts.twins.plivo.twin import PlivoTwin, plivo_twin
from voice_contracts.twins.stage import Arrangement, CarrierStage, Notice, StageFacts, Telling
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.vocabulary import EndReason

__all__ = ("STAGE", "PlivoStage")

_FACTS: Final = StageFacts(
    name="plivo", title="Plivo", hosts=frozenset({"api.plivo.com"}), fetches_texts=True
)
_ANSWERED: Final = {
    "callee": EndReason.HANGUP_USER,
    "api": EndReason.HANGUP_BOT,
    "document": EndReason.HANGUP_BOT,
    "bad-document": EndReason.ERROR,
    "time-limit": EndReason.TIMEOUT,
}
_UNANSWERED: Final = {
    LegStatus.BUSY: EndReason.BUSY,
    LegStatus.NO_ANSWER: EndReason.NO_ANSWER,
    LegStatus.TIMEOUT: EndReason.NO_ANSWER,
}


@attrs.frozen
class PlivoStage(CarrierStage):
    """A number whose application has an answer URL and a hang-up URL."""

    facts: ClassVar[StageFacts] = _FACTS

    def settings(self, arranged: Arrangement, api_url: str | None = None) -> dict[str, Any]:
        """Return the account's auth id and token."""
        account = _account(arranged)
        known = {"authId": account.auth_id, "authToken": account.token}
        address = {} if api_url is None else {"apiBaseUrl": api_url}
        return {"provider": "plivo", "plivo": {**known, **address}}

    def open(self, arranged: Arrangement, around: Surroundings) -> AbstractAsyncContextManager[PlivoTwin]:
        """Run the twin."""
        return plivo_twin(_account(arranged), around)

    def address(self, arranged: Arrangement) -> str:
        """Return the address of our webhooks as it is."""
        return arranged.webhook_url

    def signed(self, arranged: Arrangement, notice: Notice) -> dict[str, str]:
        """Sign URL, fields and a nonce, as version 3 and version 2 do."""
        token, nonce = _account(arranged).token, f"{notice.serial:020d}"
        return {
            "x-plivo-signature-v3": sign_v3(token, "POST", notice.url, nonce, notice.fields),
            "x-plivo-signature-v3-nonce": nonce,
            "x-plivo-signature-v2": sign_v2(token, notice.url, nonce),
            "x-plivo-signature-v2-nonce": nonce,
        }

    def telling(self, body: bytes) -> Telling:
        """Read the fields of a form."""
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        state = fields.get("CallStatus")
        return Telling(
            leg=fields.get("CallUUID", ""),
            state=state,
            words=fields.get("Speech", ""),
            up=state == LegStatus.IN_PROGRESS,
        )

    def end_reason(self, leg: LegRecord) -> EndReason:
        """Go by who ended it once it was answered, and before by the last state."""
        if leg.answered_ms is not None or leg.ended_by == "bad-document":
            return _ANSWERED[leg.ended_by or ""]
        left = {"api": EndReason.HANGUP_BOT, "callee": EndReason.HANGUP_USER}.get(leg.ended_by or "")
        return _UNANSWERED.get(LegStatus(leg.state), left or EndReason.FAILED)


def _account(arranged: Arrangement) -> PlivoAccount:
    hook = arranged.webhook_url
    return PlivoAccount(
        token=arranged.secret,
        numbers={arranged.number: Application(hook, hangup_url=hook)},
        callees=arranged.callees,
        verified=arranged.verified,
    )


STAGE: Final = PlivoStage()
