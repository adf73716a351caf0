"""Who plays beside the gateway in a scene among twins."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from voice_contracts.twins.callee import Callee
from voice_contracts.twins.openai.script import OpenAiScript

__all__ = ("ANSWER_MS", "RING_MS", "Cast")

RING_MS: Final = 200
ANSWER_MS: Final = 600
"""From the first ring to the answer."""


@attrs.frozen(kw_only=True)
class Cast:
    """The callee, and a service for speech and language."""

    callee: Callee
    script: OpenAiScript
    """What the service says and understands."""
    settings: Callable[[Mapping[str, str]], Mapping[str, Any]]
    """Makes, of the service's `apiKey` and `baseUrl`, what the settings say of it."""
