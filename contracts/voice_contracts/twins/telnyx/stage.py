"""How Telnyx' twin is set up."""

from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Final

import attrs
import msgspec

from voice_contracts.twins.ledger import LegRecord
from voice_contracts.twins.stage import Arrangement, CarrierStage, Notice, StageFacts, Telling
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.signature import signed
from voice_contracts.twins.telnyx.twin import TelnyxTwin, telnyx_twin
from voice_domain.vocabulary import EndReason

__all__ = ("STAGE", "TelnyxStage")

_FACTS: Final = StageFacts(
    name="telnyx",
    title="Telnyx",
    hosts=frozenset({"api.telnyx.com"}),
    tells_why_when_asked=False,
    left_by="person",
    needs=("cryptography",),
)
_REASONS: Final = {
    "person": EndReason.HANGUP_USER,
    "us": EndReason.HANGUP_BOT,
    "time-limit": EndReason.TIMEOUT,
    "timeout": EndReason.NO_ANSWER,
    "network": EndReason.FAILED,
}


@attrs.frozen
class TelnyxStage(CarrierStage):
    """A Voice API application with one number."""

    facts: ClassVar[StageFacts] = _FACTS

    def settings(self, arranged: Arrangement, api_url: str | None = None) -> dict[str, Any]:
        """Return the API key, the application and the public key of its webhooks."""
        account = _account(arranged)
        known = {
            "apiKey": account.api_key,
            "connectionId": account.connection_id,
            "publicKey": account.public_key,
        }
        address = {} if api_url is None else {"apiBaseUrl": api_url}
        return {"provider": "telnyx", "telnyx": {**known, **address}}

    def open(self, arranged: Arrangement, around: Surroundings) -> AbstractAsyncContextManager[TelnyxTwin]:
        """Run the twin."""
        return telnyx_twin(_account(arranged), around)

    def address(self, arranged: Arrangement) -> str:
        """Return the address of our webhooks as it is."""
        return arranged.webhook_url

    def signed(self, arranged: Arrangement, notice: Notice) -> dict[str, str]:
        """Sign moment and body."""
        return signed(_account(arranged).signing_key(), notice.body, notice.at_ms)

    def telling(self, body: bytes) -> Telling:
        """Read an event."""
        event = msgspec.json.decode(body)["data"]
        said = event["payload"].get("transcription_data") or {}
        return Telling(
            leg=event["payload"]["call_control_id"],
            state=event["event_type"],
            words=said["transcript"] if said.get("is_final") else "",
            up=event["event_type"] == "call.answered",
        )

    def end_reason(self, leg: LegRecord) -> EndReason:
        """Go by who ended it: a callee who ends a call without having answered it was busy."""
        if leg.ended_by == "person" and leg.answered_ms is None and not leg.is_inbound:
            return EndReason.BUSY
        return _REASONS[leg.ended_by or ""]


def _account(arranged: Arrangement) -> TelnyxAccount:
    return TelnyxAccount(
        api_key=f"KEY{arranged.secret}",
        signing_seed=arranged.secret.encode(),
        webhook_url=arranged.webhook_url,
        numbers=frozenset({arranged.number}),
        callees=arranged.callees,
    )


STAGE: Final = TelnyxStage()
