"""How Telnyx' twin is set up."""

from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Final

import attrs

from voice_contracts.twins.stage import Arrangement, CarrierStage, Notice, StageFacts
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.signature import signed
from voice_contracts.twins.telnyx.twin import TelnyxTwin, telnyx_twin

__all__ = ("STAGE", "TelnyxStage")

_FACTS: Final = StageFacts(
    name="telnyx",
    title="Telnyx",
    hosts=frozenset({"api.telnyx.com"}),
    needs=("cryptography",),
)


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


def _account(arranged: Arrangement) -> TelnyxAccount:
    return TelnyxAccount(
        api_key=f"KEY{arranged.secret}",
        signing_seed=arranged.secret.encode(),
        webhook_url=arranged.webhook_url,
        numbers=frozenset({arranged.number}),
        callees=arranged.callees,
    )


STAGE: Final = TelnyxStage()
