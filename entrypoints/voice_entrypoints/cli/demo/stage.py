"""What a scene is played on: the mock carrier, or a real adapter among twins."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from voice_contracts.twins.staged import STAGED, stage_of
from voice_entrypoints.cli.demo.scene import Scene

if TYPE_CHECKING:  # the whole runtime hangs on it, and a page of help needs none of that
    from voice_contracts.twins.stage import StageFacts
    from voice_entrypoints.phone import Phone

__all__ = ("MOCK_STAGE", "STAGE_NAMES", "Stage", "stage_named")


@attrs.frozen(kw_only=True)
class Stage:
    """One carrier for demonstrations."""

    open: Callable[[Scene, Path], "AbstractAsyncContextManager[Phone]"]
    """Gives a telephone on which a scene can be played, its calls kept in a state folder."""
    ending: str = "hangup-user"
    """The end reason of a call that the callee hangs up, as far as this carrier tells."""
    records: bool = True
    """Whether the sound of the call passes through us, so that there is a recording."""
    about: str = ""
    """What is real here and what is not, for a person; empty where nothing pretends to be anything."""


def _on_mock(scene: Scene, home: Path) -> "AbstractAsyncContextManager[Phone]":
    from voice_entrypoints.embed import open_voicecall

    return open_voicecall(scene.settings(), home=home, responder=scene.reply)


def _on_twin(carrier: str, scene: Scene, home: Path) -> "AbstractAsyncContextManager[Phone]":
    from voice_entrypoints.cli.demo.among_twins import among_twins

    return among_twins(carrier, scene, home)


MOCK_STAGE: Final = Stage(open=_on_mock)
STAGE_NAMES: Final = ("mock", *STAGED)
"""The word for every stage."""


def stage_named(name: str) -> Stage:
    """Return one of `STAGE_NAMES`."""
    if name == STAGE_NAMES[0]:
        return MOCK_STAGE
    facts = stage_of(name).facts
    return Stage(
        open=partial(_on_twin, name),
        ending="hangup-user" if facts.tells_who_hung_up else "completed",
        records=facts.streams,
        about=_about(facts),
    )


def _about(facts: "StageFacts") -> str:
    title = facts.title
    if facts.streams:
        return (
            f"real are the gateway, the {title} adapter and the clients of speech and language services, on this "
            f"machine's own sockets; {title}, OpenAI and the callee are twins, so no account and no key is needed"
        )
    return (
        f"real are the gateway, the {title} adapter and the client of the language model, on this "
        f"machine's own sockets; {title}, OpenAI and the callee are twins, so no account and no key is needed; "
        f"{title} keeps the sound to itself, so there is no recording"
    )
