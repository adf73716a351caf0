"""How Twilio's twin is set up."""

from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

import attrs

from voice_contracts.twins.ledger import LegRecord
from voice_contracts.twins.stage import Arrangement, CarrierStage, Notice, StageFacts, Telling
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.interpreter import APOLOGY
from voice_contracts.twins.twilio.leg import LegStatus
from voice_contracts.twins.twilio.signature import sign
from voice_contracts.twins.twilio.twin import TwilioTwin, twilio_twin
from voice_domain.vocabulary import EndReason

__all__ = ("STAGE", "TwilioStage")

_FACTS: Final = StageFacts(
    name="twilio",
    title="Twilio",
    hosts=frozenset({"api.twilio.com"}),
    tells_who_hung_up=False,
    own_words=frozenset({APOLOGY}),
)
_REASONS: Final = {
    LegStatus.BUSY: EndReason.BUSY,
    LegStatus.NO_ANSWER: EndReason.NO_ANSWER,
    LegStatus.FAILED: EndReason.FAILED,
    LegStatus.CANCELED: EndReason.HANGUP_BOT,
    LegStatus.COMPLETED: EndReason.COMPLETED,
}


@attrs.frozen
class TwilioStage(CarrierStage):
    """A number with a voice URL and a status callback."""

    facts: ClassVar[StageFacts] = _FACTS

    def settings(self, arranged: Arrangement, api_url: str | None = None) -> dict[str, Any]:
        """Return the account's SID and token."""
        account = _account(arranged)
        known = {"accountSid": account.sid, "authToken": account.token}
        address = {} if api_url is None else {"apiBaseUrl": api_url}
        return {"provider": "twilio", "twilio": {**known, **address}}

    def open(self, arranged: Arrangement, around: Surroundings) -> AbstractAsyncContextManager[TwilioTwin]:
        """Run the twin."""
        return twilio_twin(_account(arranged), around)

    def address(self, arranged: Arrangement) -> str:
        """Return the address of our webhooks as it is."""
        return arranged.webhook_url

    def signed(self, arranged: Arrangement, notice: Notice) -> dict[str, str]:
        """Sign URL and fields."""
        return {"x-twilio-signature": sign(_account(arranged).token, notice.url, notice.fields)}

    def telling(self, body: bytes) -> Telling:
        """Read the fields of a form."""
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        state = fields.get("CallStatus")
        return Telling(
            leg=fields.get("CallSid", ""),
            state=state,
            words=fields.get("SpeechResult", ""),
            up=state == LegStatus.IN_PROGRESS,
        )

    def end_reason(self, leg: LegRecord) -> EndReason:
        """Go by the last state."""
        return _REASONS[LegStatus(leg.state)]


def _account(arranged: Arrangement) -> TwilioAccount:
    hook = arranged.webhook_url
    return TwilioAccount(
        token=arranged.secret,
        numbers={arranged.number: NumberSettings(hook, status_callback=f"{hook}?type=status")},
        callees=arranged.callees,
        verified=arranged.verified,
    )


STAGE: Final = TwilioStage()
