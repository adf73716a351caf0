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
        self._kept: dict[int, list[CallInput]] = {}

    def ask(self, call: Call, turn: int, tasks: TaskGroup) -> None:
        """Start answering *turn* in *tasks*, or go on if that was foreseen."""
        kept = self._kept.pop(turn, None)
        if kept is None:
            self._start(call, turn, tasks)
            return
        for report in kept:
            self._report(report)

    def foresee(self, call: Call, turn: int, tasks: TaskGroup) -> None:
        """Start answering *turn*, which will be asked for next; what is answered before that is kept until then."""
        self._kept[turn] = []
        self._start(call, turn, tasks)

    def forget(self) -> None:
        """What was foreseen is not asked for now; it may be later."""
        for turn in tuple(self._kept):
            self.cancel(turn)

    def _start(self, call: Call, turn: int, tasks: TaskGroup) -> None:
        scope = anyio.CancelScope()
        self._scopes[turn] = scope
        tasks.start_soon(self._answer, reply_request(call, turn), scope)

    def cancel(self, turn: int) -> None:
        """The answer to *turn* is not wanted any more."""
        self._kept.pop(turn, None)
        scope = self._scopes.pop(turn, None)
        if scope is not None:
            scope.cancel()

    async def _answer(self, request: ReplyRequest, scope: anyio.CancelScope) -> None:
        with scope:
            try:
                async with closing(self._responder.reply(request)) as sentences:
                    async for sentence in sentences:
                        self._tell(ReplySentence(request.turn, sentence), scope)
                self._tell(ReplyFinished(request.turn), scope)
            except VoiceError as error:
                _log.warning("call %s: turn %d: %s", request.call_id, request.turn, error)
                self._tell(ReplyFailed(request.turn, str(error)), scope)
            except Exception as error:  # noqa: BLE001 - a responder is foreign code, and a caller waits for an answer
                _log.exception("call %s: turn %d: the responder broke", request.call_id, request.turn)
                self._tell(ReplyFailed(request.turn, f"{type(error).__name__} in the responder"), scope)
        if self._scopes.get(request.turn) is scope:
            del self._scopes[request.turn]

    def _tell(self, report: ReplySentence | ReplyFinished | ReplyFailed, scope: anyio.CancelScope) -> None:
        """Report, or keep until the turn is asked for; what nobody wants any more is not told, however it comes."""
        if not scope.cancel_called:
            kept = self._kept.get(report.turn)
            (self._report if kept is None else kept.append)(report)
