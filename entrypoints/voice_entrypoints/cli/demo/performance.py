"""One performance of a scene: the call, its recording, its latency."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from voice_domain.errors import VoiceError
from voice_domain.events import CallEvent
from voice_domain.identity import CallId
from voice_entrypoints.cli.carrying import Carried, carry
from voice_entrypoints.cli.demo.scene import CALLEE, Scene
from voice_entrypoints.cli.demo.stage import MOCK_STAGE, Stage
from voice_entrypoints.cli.live.viewers import Viewer
from voice_entrypoints.cli.printing import note
from voice_entrypoints.cli.telephone import OwnTelephone, WantedCall

if TYPE_CHECKING:  # the whole runtime hangs on it, and a page of help needs none of that
    from voice_entrypoints.phone import Phone

__all__ = ("Performance", "perform")

_ALL = 100_000


@attrs.frozen
class Performance:
    """What came of it."""

    carried: Carried
    recording: Path | None
    """A stereo WAV: we left, the callee right; None on a stage without one."""
    events: Sequence[CallEvent]
    problem: str
    """In what it differed from the script; empty if in nothing."""


async def perform(scene: Scene, *, home: Path, viewer: Viewer, stage: Stage = MOCK_STAGE) -> Performance:
    """Play *scene* on *stage*; the call is kept in *home*, or where that cannot be used, in `<home>/demo`.

    Raises:
        VoiceError: if calls cannot be kept or placed.
    """
    from voice_entrypoints.wiring_voices import recording_path

    async with AsyncExitStack() as stack:
        phone, folder = await _telephone(stage, scene, home, stack)
        wanted = WantedCall(message=scene.opening, to=CALLEE, mode="conversation")
        carried = await carry(OwnTelephone(phone), wanted, viewer)
        call_id = CallId(str(carried.record["callId"]))
        rows = await phone.journal(after=0, limit=_ALL, call_id=call_id)
    recording = recording_path(folder, call_id) if stage.records else None
    problem = (
        "you broke it off" if carried.interrupted else scene.problem_with(carried.record, ending=stage.ending)
    )
    if not problem and recording is not None and not recording.exists():
        problem = "the recording is missing"
    return Performance(carried, recording, [row.event for row in rows], problem)


async def _telephone(stage: Stage, scene: Scene, home: Path, stack: AsyncExitStack) -> tuple["Phone", Path]:
    try:
        return await stack.enter_async_context(stage.open(scene, home)), home
    except VoiceError as error:  # mostly a gateway that runs, and must not keep anybody from hearing a call
        folder = home / "demo"
        note(f"{error}; this call is kept in {folder}")
        return await stack.enter_async_context(stage.open(scene, folder)), folder
