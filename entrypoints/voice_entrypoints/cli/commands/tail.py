"""`voicecall tail`: what happens in calls, as it happens.

Events are read from the store in any case, so that they come in one order and survive a gateway; a gateway that runs
only tells at once that there is something to read.
"""

from typing import Annotated, Any, Final

import anyio
from cyclopts import Parameter
from cyclopts.validators import Number

from voice_domain.errors import VoiceError
from voice_domain.identity import CallId
from voice_domain.ports.event_store import CallHistory
from voice_domain.refusals import CallNotFoundError
from voice_entrypoints.cli.archive import EventReader, has_archive, open_archive
from voice_entrypoints.cli.gateway import gateway_if_any
from voice_entrypoints.cli.interrupts import interrupts
from voice_entrypoints.cli.live.sentences import line_of
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import nobody_reads, show, show_json_line
from voice_entrypoints.cli.surroundings import Surroundings, tolerant_surroundings

__all__ = ("tail",)

_PLAIN = Shared()
_POLL_SECONDS: Final = 0.25


async def tail(
    *,
    call_id: Annotated[str | None, Parameter(help="One call, by our id or the carrier's; else all.")] = None,
    since: Annotated[
        int, Parameter(help="How many past events to begin with.", validator=Number(gte=0, lte=10_000))
    ] = 25,
    shared: Shared = _PLAIN,
) -> int:
    """Print the last events, then those that follow, until Ctrl-C: a line each, with --json a JSON object each."""
    around = tolerant_surroundings(shared)
    bell = _Bell()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_ring_for_news, around, bell)
        tasks.start_soon(_follow, around, bell, call_id, since, shared.json)
        with interrupts() as signals:
            async for _ in signals:
                break
        tasks.cancel_scope.cancel()
    return 0


class _Bell:
    """Wakes whoever waits, at the latest after a quarter of a second."""

    def __init__(self) -> None:
        self._rung = anyio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self) -> None:
        with anyio.move_on_after(_POLL_SECONDS):
            await self._rung.wait()
        self._rung = anyio.Event()


async def _ring_for_news(around: Surroundings, bell: _Bell) -> None:
    try:
        async with gateway_if_any(around) as gateway:
            if gateway is None:
                return
            async with gateway.subscribe() as events:
                async for _ in events:
                    bell.ring()
    except VoiceError:
        pass  # it has gone: what happens from now on is found a moment later


async def _follow(around: Surroundings, bell: _Bell, key: str | None, since: int, as_json: bool) -> None:  # noqa: FBT001 - start_soon has no keywords
    while key is None and not has_archive(around):
        await bell.wait()
        if nobody_reads():
            raise BrokenPipeError
    async with open_archive(around) as history:
        call_id = None if key is None else await _known(history, key)
        reader = EventReader(history)
        _print(await reader.latest(since, call_id=call_id), as_json=as_json)
        while True:
            await bell.wait()
            if nobody_reads():
                raise BrokenPipeError
            _print(await reader.new(call_id=call_id), as_json=as_json)


async def _known(history: CallHistory, key: str) -> CallId:
    call = await history.find(key)
    if call is None:
        raise CallNotFoundError(key)
    return call.call_id


def _print(events: list[dict[str, Any]], *, as_json: bool) -> None:
    for event in events:
        if as_json:
            show_json_line(event)
        else:
            show(line_of(event))
