"""Lets a responder of its own answer the calls to one of our numbers."""

from collections.abc import AsyncIterator, Mapping
from typing import cast

import attrs

from voice_domain.call import Call
from voice_domain.ports.responder import ReplyRequest, Responder
from voice_domain.ports.summarizer import Summarizer

__all__ = ("RoutedResponder",)


@attrs.frozen
class RoutedResponder(Responder, Summarizer):
    """Passes each utterance to the responder of the number that was called; *general* answers all other calls."""

    general: Responder
    routes: Mapping[str, Responder]
    """By called number, as E.164."""

    def reply(self, request: ReplyRequest) -> AsyncIterator[str]:
        """Return the chosen responder's answer.

        Raises:
            ReplyError: as that responder does.
        """
        chosen = self.routes.get(request.called_number or "", self.general)
        return chosen.reply(request)

    async def summarize(self, call: Call) -> str:
        """Return the chosen responder's summary; empty if it makes none.

        Raises:
            ReplyError: as that responder does.
        """
        chosen = self.routes.get(str(call.called_number or ""), self.general)
        return await cast("Summarizer", chosen).summarize(call) if hasattr(chosen, "summarize") else ""
