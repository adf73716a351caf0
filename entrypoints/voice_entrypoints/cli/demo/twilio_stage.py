"""A scene on the real Twilio adapter: a whole gateway, with the twins of Twilio and of OpenAI on loopback sockets."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from voice_contracts.settings import MOCK_NUMBER
from voice_contracts.twins.twilio.account import TwilioAccount
from voice_contracts.twins.twilio.twin import twilio_twin
from voice_entrypoints.cli.demo.among_twins import Cast, among_twins
from voice_entrypoints.cli.demo.scene import CALLEE, Scene
from voice_entrypoints.cli.demo.streamed import speaking_callee, speech_script, streamed_settings
from voice_entrypoints.phone import Phone

__all__ = ("on_twilio",)


@asynccontextmanager
async def on_twilio(scene: Scene, home: Path) -> AsyncIterator[Phone]:
    """Give a telephone whose calls go through the Twilio adapter to a callee who follows *scene*.

    Raises:
        VoiceError: as `open_gateway`, and if the local voice fails.
    """
    account = TwilioAccount(numbers={MOCK_NUMBER: None}, callees={CALLEE: await speaking_callee(scene)})

    def settings(api_url: str, service: Mapping[str, str]) -> Mapping[str, Any]:
        twilio = {"accountSid": account.sid, "authToken": account.token, "apiBaseUrl": api_url}
        return streamed_settings({"provider": "twilio", "twilio": twilio}, service)

    cast = Cast(
        script=await speech_script(scene), open_carrier=partial(twilio_twin, account), settings=settings
    )
    async with among_twins(scene, cast, home) as phone:
        yield phone
