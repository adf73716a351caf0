"""Looking at everything at once, each look with a deadline and none with a traceback."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, TypeAlias

import anyio
import attrs

from voice_domain.errors import VoiceError
from voice_entrypoints.doctor.case import Case
from voice_entrypoints.doctor.finding import Finding, found

__all__ = ("LOOK_SECONDS", "Look", "Probe", "examined")

LOOK_SECONDS: Final = 20.0
"""How long one look may take: longer than a carrier's interface is waited for."""

Look: TypeAlias = Callable[[Case], Awaitable[list[Finding]]]


@attrs.frozen
class Probe:
    """One look, at one subject or a few that are seen together."""

    subject: str
    """What is at fault if the look itself fails."""
    look: Look


async def examined(case: Case, probes: Sequence[Probe]) -> list[Finding]:
    """Take all looks at once and return what was found, in the order of *probes*."""
    seen: dict[int, list[Finding]] = {}

    async def take(place: int, probe: Probe) -> None:
        seen[place] = await _taken(case, probe)

    async with anyio.create_task_group() as tasks:
        for place, probe in enumerate(probes):
            tasks.start_soon(partial(take, place, probe))
    return [finding for place in sorted(seen) for finding in seen[place]]


async def _taken(case: Case, probe: Probe) -> list[Finding]:
    try:
        with anyio.fail_after(LOOK_SECONDS):
            return await probe.look(case)
    except TimeoutError:
        return [found("look.slow", subject=probe.subject, seconds=f"{LOOK_SECONDS:g}")]
    except VoiceError as error:
        return [found("look.failed", subject=probe.subject, problem=error)]
    # Whatever else is wrong, the other looks still tell; the text of a stranger's error may hold a secret.
    except Exception as error:  # noqa: BLE001 - a finding instead of a traceback is what this program is for
        return [found("look.broken", subject=probe.subject, error=type(error).__name__)]
