"""What a scene is played on: the mock carrier, or a real adapter among twins."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import attrs

from voice_entrypoints.cli.demo.scene import Scene

if TYPE_CHECKING:  # the whole runtime hangs on it, and a page of help needs none of that
    from voice_entrypoints.phone import Phone

__all__ = ("STAGES", "Stage")


@attrs.frozen(kw_only=True)
class Stage:
    """One carrier for demonstrations."""

    open: Callable[[Scene, Path], "AbstractAsyncContextManager[Phone]"]
    """Gives a telephone on which a scene can be played, its calls kept in a state folder."""
    ending: str
    """The end reason of a call that the callee hangs up, as far as this carrier tells."""
    records: bool = True
    """Whether the sound of the call passes through us, so that there is a recording."""
    about: str = ""
    """What is real here and what is not, for a person; empty where nothing pretends to be anything."""


def _on_mock(scene: Scene, home: Path) -> "AbstractAsyncContextManager[Phone]":
    from voice_entrypoints.embed import open_voicecall

    return open_voicecall(scene.settings(), home=home, responder=scene.reply)


def _on_twilio(scene: Scene, home: Path) -> "AbstractAsyncContextManager[Phone]":
    from voice_entrypoints.cli.demo.twilio_stage import on_twilio

    return on_twilio(scene, home)


def _on_telnyx(scene: Scene, home: Path) -> "AbstractAsyncContextManager[Phone]":
    from voice_entrypoints.cli.demo.telnyx_stage import on_telnyx

    return on_telnyx(scene, home)


def _on_plivo(scene: Scene, home: Path) -> "AbstractAsyncContextManager[Phone]":
    from voice_entrypoints.cli.demo.plivo_stage import on_plivo

    return on_plivo(scene, home)


def _on_aliyun(scene: Scene, home: Path) -> "AbstractAsyncContextManager[Phone]":
    from voice_entrypoints.cli.demo.aliyun_stage import on_aliyun

    return on_aliyun(scene, home)


STAGES: Final[Mapping[str, Stage]] = MappingProxyType(
    {
        "mock": Stage(open=_on_mock, ending="hangup-user"),
        "twilio": Stage(
            open=_on_twilio,
            ending="completed",
            about="real are the gateway, the Twilio adapter and the clients of speech and language services, on this "
            "machine's own sockets; Twilio, OpenAI and the callee are twins, so no account and no key is needed",
        ),
        "telnyx": Stage(
            open=_on_telnyx,
            ending="hangup-user",
            about="real are the gateway, the Telnyx adapter and the clients of speech and language services, on this "
            "machine's own sockets; Telnyx, OpenAI and the callee are twins, so no account and no key is needed",
        ),
        "plivo": Stage(
            open=_on_plivo,
            ending="hangup-user",
            about="real are the gateway, the Plivo adapter and the clients of speech and language services, on this "
            "machine's own sockets; Plivo, OpenAI and the callee are twins, so no account and no key is needed",
        ),
        "aliyun": Stage(
            open=_on_aliyun,
            ending="hangup-user",
            records=False,
            about="real are the gateway, the Aliyun adapter and the client of the language model, on this "
            "machine's own sockets; Aliyun, OpenAI and the callee are twins, so no account and no key is needed; "
            "Aliyun keeps the sound to itself, so there is no recording",
        ),
    }
)
"""Every stage, by the carrier's word."""
