"""What was said in earlier calls of the same conversation, as long as the process lives."""

from collections import OrderedDict

import attrs

from voice_domain.identity import CallId
from voice_domain.ports.responder import ReplyRequest
from voice_domain.transcript import Entry

__all__ = ("SessionMemory",)


@attrs.frozen
class _Session:
    call_id: CallId
    earlier: tuple[Entry, ...]
    """Of the calls before this one."""
    current: tuple[Entry, ...]


class SessionMemory:
    """Keeps the newest entries of each conversation, by its session key; forgets first what was idle for longest."""

    def __init__(self, *, most_sessions: int = 1_000, most_entries: int = 30) -> None:
        self._most_sessions = most_sessions
        self._most_entries = most_entries
        self._sessions: OrderedDict[str, _Session] = OrderedDict()

    def recall(self, request: ReplyRequest) -> tuple[Entry, ...]:
        """Note the call so far, and return what was said in earlier calls with its session key, oldest first.

        The last answer of an earlier call is not among it: nobody told what was heard of it.
        """
        known = self._sessions.pop(request.session_key, None)
        earlier: tuple[Entry, ...] = ()
        if known is not None:
            is_same = known.call_id == request.call_id
            earlier = known.earlier if is_same else (known.earlier + known.current)[-self._most_entries :]
        current = request.transcript[-self._most_entries :]
        self._sessions[request.session_key] = _Session(request.call_id, earlier, current)
        if len(self._sessions) > self._most_sessions:
            self._sessions.popitem(last=False)
        return earlier
