"""`voicecall demo`: a conversation that anybody can hear, with no settings, no key and no gateway."""

import os
from importlib.util import find_spec
from typing import Annotated, Any, Final

from cyclopts import Parameter

from voice_domain.errors import VoiceError
from voice_entrypoints.cli.commands.latency import latency_text
from voice_entrypoints.cli.demo.performance import Performance, perform
from voice_entrypoints.cli.demo.play import play as play_recording
from voice_entrypoints.cli.demo.scene import CALLEE, SCENES
from voice_entrypoints.cli.demo.stage import STAGE_NAMES, stage_named
from voice_entrypoints.cli.failures import FAILED, UsageError
from voice_entrypoints.cli.live.viewers import viewer_for
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import note, show, show_json
from voice_entrypoints.cli.record_text import transcript_text
from voice_entrypoints.cli.statistics import latency_of
from voice_entrypoints.cli.surroundings import state_folder
from voice_entrypoints.client_settings import load_client_settings
from voice_entrypoints.words.language import language_of_environment, translated

__all__ = ("demo",)

_PLAIN = Shared()
_VOICE: Final = "espeakng_loader"
"""What the extra `local` installs."""

_INSTALL: Final = "pip install 'voicecall[local]'"
_NEXT_STEPS: Final = (
    ("voicecall history", "shows this call again"),
    (f'voicecall call --to {CALLEE} --message "Good morning."', "places one of your own"),
    ("voicecall serve", "takes requests of other programs"),
)


async def demo(
    *,
    carrier: Annotated[
        str, Parameter(help=f"One of {', '.join(STAGE_NAMES)}: an adapter against a twin.")
    ] = "mock",
    play: Annotated[bool, Parameter(help="Play the recording at the end.", show_default=False)] = False,
    shared: Shared = _PLAIN,
) -> int:
    """Hold a conversation with a scripted callee, in less than 20 seconds.

    It is English, or Chinese where your settings or your terminal are. Exits with 0 only if everything was said,
    heard and interrupted as it is written.
    """
    if carrier not in STAGE_NAMES:
        raise UsageError(
            f"the demo plays on {', '.join(STAGE_NAMES)}, not on {carrier!r}; use --carrier mock"
        )
    stage = stage_named(carrier)
    scene = SCENES[language_of_environment(_configured_locale(shared), os.environ)]
    spoken = find_spec(_VOICE) is not None
    if not spoken:
        note(f"no local voice is installed, so you hear tones; for words: {_INSTALL}")
    if stage.about:
        note(stage.about)
    viewer = viewer_for(as_json=shared.json, keep=False)
    performance = await perform(scene, home=state_folder(make=True), viewer=viewer, stage=stage)
    if shared.json:
        show_json(_json(performance, spoken=spoken))
    else:
        show(_text(performance))
    if performance.problem:
        note(f"the conversation did not go as written: {performance.problem}")
    if play:
        await _play(performance)
    return FAILED if performance.problem else 0


def _configured_locale(shared: Shared) -> str | None:
    try:
        return load_client_settings(shared.config, os.environ).settings.locale
    except VoiceError as error:
        if shared.config is not None:
            raise
        note(f"the settings are left aside: {error}")
        return None


def _text(performance: Performance) -> str:
    record = performance.carried.record
    steps = "\n".join(f"  {command}\n      {translated(purpose)}" for command, purpose in _NEXT_STEPS)
    return "\n".join(
        (
            "",
            translated(f"Call {record['callId']}: {record['endReason']}"),
            "",
            transcript_text(record),
            "",
            latency_text(latency_of([performance.events])),
            "",
            *_recording_text(performance),
            translated("Next steps:"),
            steps,
        )
    )


def _recording_text(performance: Performance) -> tuple[str, ...]:
    if performance.recording is None:
        return ()
    return (translated("Recording (we are left, the callee is right):"), f"  {performance.recording}", "")


def _json(performance: Performance, *, spoken: bool) -> dict[str, Any]:
    return {
        "ok": not performance.problem,
        "problem": performance.problem,
        "speech": "local" if spoken else "tones",
        "recording": None if performance.recording is None else str(performance.recording),
        "call": performance.carried.record,
        "latency": latency_of([performance.events]).to_json(),
        "nextSteps": [command for command, _ in _NEXT_STEPS],
    }


async def _play(performance: Performance) -> None:
    if performance.recording is None:
        note("there is no recording to play")
        return
    problem = await play_recording(performance.recording)
    if problem:
        note(f"{problem}; the recording is {performance.recording}")
