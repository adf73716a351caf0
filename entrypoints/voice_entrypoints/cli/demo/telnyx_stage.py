"""A scene on the real Telnyx adapter: a whole gateway, with the twins of Telnyx and of OpenAI on loopback sockets."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from voice_contracts.settings import MOCK_NUMBER
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.twin import telnyx_twin
from voice_domain.ports.switchboard import UnavailableError
from voice_entrypoints.cli.demo.among_twins import WEBHOOK_URL, Cast, among_twins
from voice_entrypoints.cli.demo.scene import CALLEE, Scene
from voice_entrypoints.cli.demo.streamed import speaking_callee, speech_script, streamed_settings
from voice_entrypoints.phone import Phone

__all__ = ("on_telnyx",)


@asynccontextmanager
async def on_telnyx(scene: Scene, home: Path) -> AsyncIterator[Phone]:
    """Give a telephone whose calls go through the Telnyx adapter to a callee who follows *scene*.

    Raises:
        UnavailableError: if the extra `telnyx` is not installed; it says how to install it.
        VoiceError: as `open_gateway`, and if the local voice fails.
    """
    if find_spec("cryptography") is None:
        raise UnavailableError("Telnyx needs one more package: pip install 'voicecall[telnyx]'")
    account = TelnyxAccount(
        api_key=f"KEY{secrets.token_hex(16)}",
        webhook_url=WEBHOOK_URL,
        numbers=frozenset({MOCK_NUMBER}),
        callees={CALLEE: await speaking_callee(scene)},
        signing_seed=secrets.token_bytes(32),
    )

    def settings(api_url: str, service: Mapping[str, str]) -> Mapping[str, Any]:
        telnyx = {
            "apiKey": account.api_key,
            "connectionId": account.connection_id,
            "publicKey": account.public_key,
            "apiBaseUrl": api_url,
        }
        return streamed_settings({"provider": "telnyx", "telnyx": telnyx}, service)

    cast = Cast(
        script=await speech_script(scene), open_carrier=partial(telnyx_twin, account), settings=settings
    )
    async with among_twins(scene, cast, home) as phone:
        yield phone
