"""Why a gateway would not start with settings that can be read; found without starting one."""

from collections.abc import Iterator
from pathlib import Path

from voice_contracts.settings import Settings
from voice_domain.errors import VoiceError
from voice_domain.refusals import NotEnabledError
from voice_entrypoints.container import Container

__all__ = ("refusals",)


def refusals(settings: Settings, home: Path) -> Iterator[tuple[str, VoiceError]]:
    """Yield the errors that `serve` would raise about *settings*, each with the key that it is about.

    What depends on the machine, such as a busy port or a program that is not installed, is the doctor's.
    """
    if not settings.enabled:
        yield "enabled", NotEnabledError()
        return
    container = Container(settings=settings, home=home)
    try:
        chosen = container.carrier_set()
    except VoiceError as error:
        yield settings.provider, error
        return
    try:
        container.phone()
    except VoiceError as error:
        yield "settings", error
    try:
        tunnel = container.exposure().chosen_tunnel()
        if chosen.needs_address and tunnel is None:
            container.address().webhook_url()
    except VoiceError as error:
        yield "publicUrl", error
