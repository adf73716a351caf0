"""Which way a call that we place would take, by the settings; part of the container."""

from voice_contracts.settings import Settings
from voice_contracts.settings_choices import tts_provider, tunnel_choice
from voice_contracts.settings_endpoints import model_endpoint
from voice_domain.mode_rules import MODE_RULES, Mode
from voice_domain.ports.carrier import Carrier
from voice_domain.use_cases.call_route import CallRoute
from voice_entrypoints.public_address import PublicAddress

__all__ = ("route_of_call",)


def route_of_call(settings: Settings, address: PublicAddress, carrier: Carrier, *, mode: Mode) -> CallRoute:
    """Return the way of a call in *mode*. What `numbers` says of a number is for calls that come to it."""
    streamed = carrier.capabilities.media_stream
    public_url = address.webhook_url() if address.known else settings.public_url
    tunnel = tunnel_choice(settings) if settings.public_url is None else None
    return CallRoute(
        streamed=streamed,
        voice=(tts_provider(settings) or "local") if streamed else "carrier",
        responder=_responder(settings) if MODE_RULES[mode].replies else None,
        public_url=public_url,
        tunnel=tunnel,
    )


def _responder(settings: Settings) -> str:
    endpoint = model_endpoint(settings)
    return "echo" if endpoint is None else f"{endpoint.provider}/{endpoint.model}"
