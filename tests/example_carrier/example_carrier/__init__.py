"""The carrier "Example" for voicecall: `provider: "example"` in the settings file."""

from example_carrier.carrier import ExampleCarrier
from example_carrier.client import ExampleClient
from example_carrier.webhooks import ExampleWebhooks
from voice_adapters.installed_carrier import CarrierSet, CarrierSupplies

__all__ = ("make",)


def make(supplies: CarrierSupplies) -> CarrierSet:
    """Make the carrier from its section of the settings: `apiUrl` (has a default), `apiKey`, `signingSecret`."""
    supplies.allow("apiUrl", "apiKey", "signingSecret")
    client = ExampleClient(
        http=supplies.http(),
        api_key=supplies.text("apiKey"),
        base_url=supplies.text("apiUrl", default="https://api.example.com").rstrip("/"),
    )
    webhooks = ExampleWebhooks(secret=supplies.text("signingSecret"))
    carrier = ExampleCarrier(client=client, webhooks=webhooks, webhook_url=supplies.webhook_url)
    return CarrierSet(carrier=carrier, callback_url=supplies.webhook_url)
