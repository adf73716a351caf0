"""The account that the twin has, and what its console says."""

from collections.abc import Mapping

import attrs

from voice_contracts.twins.callee import Callee

__all__ = ("AliyunAccount",)


@attrs.frozen
class AliyunAccount:
    """Credentials, numbers, templates, addresses, and who answers where. Numbers are as they are dialled."""

    key_id: str = "test-access-key-id"
    key_secret: str = attrs.field(default="test-access-key-secret", repr=False)
    numbers: frozenset[str] = frozenset({"05710000000"})
    """What was bought: calls can only be placed from these."""
    templates: Mapping[str, str] = attrs.field(factory=lambda: {"TTS_000000": "您好，${text}"})
    """The approved templates, by code."""
    callees: Mapping[str, Callee] = attrs.field(factory=dict)
    """Who answers a number; a key that ends in `*` is a prefix."""
    callback_url: str = ""
    """Where it asks what to do in a conversation; empty: nobody is asked."""
    report_url: str = ""
    """Where it reports what became of a call; empty: nothing is reported."""
    reports_progress: bool = True
    """Whether it reports ringing and answers too."""
    ring_seconds: int = 60
    """How long the network lets a phone ring."""
