"""Putting an utterance to the responder and passing its answer on, sentence by sentence."""

import logging
from collections.abc import Callable

import anyio
from anyio.abc import TaskGroup

from voice_adapters.media.iteration import closing
from voice_domain.call import Call
from voice_domain.errors import VoiceError
from voice_domain.inputs import CallInput, ReplyFailed, ReplyFinished, ReplySentence
from voice_domain.ports.responder import ReplyRequest, Responder
from voice_domain.vocabulary import Speaker

__all__ = ("Replies", "reply_request")

_log = logging.getLogger(__name__)


def reply_request(call: Call, turn: int) -> ReplyRequest:
    """Return what the responder may know of *turn*."""
    theirs = (entry.text for entry in reversed(call.transcript) if entry.speaker is Speaker.COUNTERPART)
    counterpart, called = call.counterpart, call.called_number
    return ReplyRequest(
        call_id=call.call_id,
        turn=turn,
        utterance=next(theirs, ""),
        transcript=call.transcript,
        locale=call.opened.locale,
        direction=call.direction,
        session_key=call.opened.session_key,
        counterpart=None if counterpart is None else str(counterpart),
        called_number=None if called is None else str(called),
    )


class Replies:
    """The answers being made in one call; at most one is wanted at a time."""

    def __init__(self, responder: Responder, report: Callable[[CallInput], None]) -> None:
        self._responder = responder
        self._report = report
        self._scopes: dict[int, anyio.CancelScope] = {}

    def ask(self, call: Call, turn: int, tasks: TaskGroup) -> None:
        """Start answering *turn* in *tasks*."""
        scope = anyio.CancelScope()
        self._scopes[turn] = scope
        tasks.start_soon(self._answer, reply_request(call, turn), scope)

    def cancel(self, turn: int) -> None:
        """The answer to *turn* is not wanted any more."""
        scope = self._scopes.pop(turn, None)
        if scope is not None:
            scope.cancel()

    async def _answer(self, request: ReplyRequest, scope: anyio.CancelScope) -> None:
        with scope:
            try:
                async with closing(self._responder.reply(request)) as sentences:
                    async for sentence in sentences:
                        self._report(ReplySentence(request.turn, sentence))
                self._report(ReplyFinished(request.turn))
            except VoiceError as error:
                _log.warning("call %s: turn %d: %s", request.call_id, request.turn, error)
                self._report(ReplyFailed(request.turn, str(error)))
            except Exception as error:  # noqa: BLE001 - a responder is foreign code, and a caller waits for an answer
                _log.exception("call %s: turn %d: the responder broke", request.call_id, request.turn)
                self._report(ReplyFailed(request.turn, f"{type(error).__name__} in the responder"))
        self._scopes.pop(request.turn, None)
