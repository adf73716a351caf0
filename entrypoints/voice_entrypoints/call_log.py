"""Tells the log which calls began, what was said in them and how they ended."""

import logging
from typing import Final, NoReturn

import attrs

from voice_adapters.runtime.hub import CallUpdate
from voice_domain.events import Ended, Opened, SpeechHeard, TransferDenied, Transferred, UtteranceHeard
from voice_entrypoints.logs import LineFormatter
from voice_entrypoints.phone import Phone

__all__ = ("CallLog",)

_log = logging.getLogger(__name__)

_WITHHELD: Final = "a withheld number"


@attrs.frozen
class CallLog:
    """Follows every call of a phone. Numbers are hidden by the log's formatter, and so is what was said."""

    phone: Phone
    turns_at: int = logging.DEBUG
    """The level at which each utterance is told: with its length, or its words if the settings show them."""

    async def run(self) -> NoReturn:
        """Write until cancelled."""
        while True:
            async with self.phone.subscribe() as updates:
                async for update in updates:
                    self._tell(update)

    def _tell(self, update: CallUpdate) -> None:
        call_id = update.call.call_id
        match update.event:
            case Opened(direction=direction, caller=caller, callee=callee):
                _log.info("call %s: %s from %s to %s", call_id, direction, caller or _WITHHELD, callee)
            case UtteranceHeard(text=text):
                self._turn(call_id, "the counterpart said", text)
            case SpeechHeard(heard=text) if text:
                self._turn(call_id, "we said", text)
            case Transferred(to=to):
                _log.info("call %s: handed over to %s", call_id, to)
            case TransferDenied(verdict=verdict):
                _log.warning("call %s: not handed over: %s", call_id, verdict)
            case Ended(reason=reason):
                _log.info("call %s: over (%s)", call_id, reason)
            case _:
                pass

    def _turn(self, call_id: str, who: str, text: str) -> None:
        _log.log(self.turns_at, "call %s: %s", call_id, who, extra={LineFormatter.TRANSCRIPT: text})
