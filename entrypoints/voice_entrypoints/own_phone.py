"""A telephone of this process, for programs that find no gateway."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from voice_contracts.settings import Settings
from voice_entrypoints.phone import Phone

__all__ = ("own_phone",)


@asynccontextmanager
async def own_phone(settings: Settings, *, home: Path) -> AsyncIterator[Phone]:
    """Give a telephone while the context is open; a carrier that has to reach us gets a gateway around it.

    Raises:
        VoiceError: as `open_voicecall`, and for a gateway as `open_gateway`.
    """
    from voice_entrypoints.container import Container
    from voice_entrypoints.embed import running

    container = Container(settings=settings, home=home)
    if not container.carrier_set().needs_address:
        async with running(container, home=home) as phone:
            yield phone
        return
    from voice_entrypoints.http.serve import open_gateway

    async with open_gateway(container, settings=settings, home=home) as (phone, _):
        yield phone
