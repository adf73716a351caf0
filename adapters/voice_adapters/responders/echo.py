"""Says back what it heard: the responder that needs no key and no network."""

from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType

import anyio.lowlevel
import attrs

from voice_domain.phrases import language_of
from voice_domain.ports.responder import ReplyRequest, Responder

__all__ = ("EchoResponder",)

_LONGEST = 200  # characters, some fifteen seconds: who is repeated at length hangs up
_SENTENCES: Mapping[str, str] = MappingProxyType({"en": "You said: {words}", "zh": "您刚才说：{words}"})
_STOPS: Mapping[str, str] = MappingProxyType({"en": ".", "zh": "。"})
_ENDS = tuple(".!?…。！？")


@attrs.frozen
class EchoResponder(Responder):
    """Repeats each utterance in one sentence of the call's language. Never fails."""

    async def reply(self, request: ReplyRequest) -> AsyncIterator[str]:
        """Yield one sentence; nothing for an utterance without words. At most 200 characters are repeated."""
        await anyio.lowlevel.checkpoint()
        words = " ".join(request.utterance.split())
        if not words:
            return
        language = language_of(request.locale)
        if len(words) > _LONGEST:
            words = words[:_LONGEST].rstrip() + "…"
        end = "" if words.endswith(_ENDS) else _STOPS[language]
        yield _SENTENCES[language].format(words=words) + end
