"""A scene on the real Plivo adapter: a whole gateway, with the twins of Plivo and of OpenAI on loopback sockets."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from voice_contracts.settings import MOCK_NUMBER
from voice_contracts.twins.plivo.account import PlivoAccount
from voice_contracts.twins.plivo.twin import plivo_twin
from voice_entrypoints.cli.demo.among_twins import Cast, among_twins
from voice_entrypoints.cli.demo.scene import CALLEE, Scene
from voice_entrypoints.cli.demo.streamed import speaking_callee, speech_script, streamed_settings
from voice_entrypoints.phone import Phone

__all__ = ("on_plivo",)


@asynccontextmanager
async def on_plivo(scene: Scene, home: Path) -> AsyncIterator[Phone]:
    """Give a telephone whose calls go through the Plivo adapter to a callee who follows *scene*.

    Raises:
        VoiceError: as `open_gateway`, and if the local voice fails.
    """
    account = PlivoAccount(
        token=secrets.token_hex(20),
        numbers={MOCK_NUMBER: None},
        callees={CALLEE: await speaking_callee(scene)},
    )

    def settings(api_url: str, service: Mapping[str, str]) -> Mapping[str, Any]:
        plivo = {"authId": account.auth_id, "authToken": account.token, "apiBaseUrl": api_url}
        return streamed_settings({"provider": "plivo", "plivo": plivo}, service)

    cast = Cast(
        script=await speech_script(scene), open_carrier=partial(plivo_twin, account), settings=settings
    )
    async with among_twins(scene, cast, home) as phone:
        yield phone
