"""The twin of OpenAI as a whole: within the process, and on a loopback socket when asked to listen."""

import itertools
import math
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit

import anyio
import anyio.abc
import msgspec

from voice_contracts.twins.faults import FaultPlan, MediaFault
from voice_contracts.twins.http import Answer, Request, json_answer
from voice_contracts.twins.openai.chat import ChatMemory, chat
from voice_contracts.twins.openai.realtime import Realtime
from voice_contracts.twins.openai.refusals import authenticate, error_body, refuse
from voice_contracts.twins.openai.script import OpenAiScript, Transcript
from voice_contracts.twins.openai.speech import speech
from voice_contracts.twins.service import RefusedRequestError, ServiceTwin, json_body
from voice_contracts.twins.serving import AsgiSocket
from voice_contracts.twins.sockets import Socket, SocketRefusedError, memory_pair
from voice_contracts.twins.sound import Samples

__all__ = ("OpenAiTwin", "openai_twin")

_REALTIME = "/v1/realtime"
_MODELS = "/v1/models/"
_HOUR = 3600


class OpenAiTwin(ServiceTwin):
    """A running twin; made by `openai_twin`."""

    def __init__(self, script: OpenAiScript, tasks: anyio.abc.TaskGroup, plan: FaultPlan | None) -> None:
        super().__init__(self._route, refuse, plan, self._serve_socket)
        self.script = script
        self.turns: list[Samples] = []
        """The audio of every turn that was to be transcribed."""
        self._tasks = tasks
        self._memory = ChatMemory(script)
        self._transcripts = deque(script.transcripts)
        self._session_ids = itertools.count(1)

    async def dial(self, url: str, headers: Mapping[str, str]) -> Socket:
        """Open a realtime socket within the process.

        Raises:
            SocketRefusedError: as the service would refuse the upgrade.
        """
        parts = urlsplit(url)
        lower = {name.lower(): value for name, value in headers.items()}
        try:
            self._admit(Request("GET", parts.path, parts.query, lower))
        except RefusedRequestError as error:
            raise SocketRefusedError(error.status) from error
        here, there = memory_pair()
        self._tasks.start_soon(self._session, here)
        return there

    async def _route(self, request: Request) -> Answer:
        authenticate(request.headers, self.script.key)
        routes = {
            "/v1/audio/speech": lambda body: speech(self.script, body),
            "/v1/chat/completions": lambda body: chat(self.script, self._memory, body),
        }
        if request.method == "GET" and request.path.startswith(_MODELS):
            return self._model(request.path.removeprefix(_MODELS))
        route = routes.get(request.path)
        if route is None or request.method != "POST":
            raise RefusedRequestError(404, "not_found")
        body = json_body(request)
        model = body.get("model")
        if not isinstance(model, str) or not model:
            raise RefusedRequestError(400, "invalid_value", "model")
        if self.script.models is not None and model not in self.script.models:
            raise RefusedRequestError(404, "model_not_found")
        return route(body)

    def _model(self, name: str) -> Answer:
        if self.script.models is not None and name not in self.script.models:
            raise RefusedRequestError(404, "model_not_found")
        return json_answer(200, {"id": name, "object": "model", "created": 1, "owned_by": "openai"})

    async def _serve_socket(self, request: Request, socket: AsgiSocket) -> None:
        try:
            self._admit(request)
        except RefusedRequestError as error:
            await socket.refuse(error.status, msgspec.json.encode(error_body(error)))
            return
        await socket.accept()
        await self._session(socket)

    def _admit(self, request: Request) -> None:
        fault = self.faults.next_api("GET")
        if fault is not None:
            raise RefusedRequestError(fault.status or 503, fault.code or "server_error")
        authenticate(request.headers, self.script.key)
        if request.path != _REALTIME or dict(parse_qsl(request.query)) != {"intent": "transcription"}:
            raise RefusedRequestError(404, "not_found")
        if "openai-beta" in request.headers:
            self.ledger.violate(400, "the beta interface is gone: send no OpenAI-Beta header")
            raise RefusedRequestError(400, "invalid_value", "OpenAI-Beta")

    async def _session(self, socket: Socket) -> None:
        try:
            await self._converse(socket)
        finally:
            with anyio.move_on_after(1, shield=True):
                await socket.close()

    async def _converse(self, socket: Socket) -> None:
        script = self.script
        age = script.session_seconds
        expires_at = self.clock.now_ms() // 1000 + int(age or _HOUR)
        session = Realtime(
            socket,
            f"sess_{next(self._session_ids):04}",
            expires_at,
            self._listen,
            (script.delta_ms / 1000, script.final_ms / 1000),
        )
        fault = self.faults.next_media()
        with anyio.CancelScope(deadline=_breaks_at(fault)) as whole:
            await session.run(age)
        if whole.cancelled_caught and fault.cut_after_ms is None:
            # Half closed: nothing is read and nothing sent, until the twin goes.
            await anyio.sleep_forever()
        if whole.cancelled_caught:
            await socket.abort()

    def _listen(self, samples: Samples, rate_hz: int) -> Transcript:
        self.turns.append(samples)
        if self.script.recognise is not None:
            return Transcript(self.script.recognise(samples, rate_hz))
        found = self._transcripts.popleft() if self._transcripts else ""
        return Transcript(found) if isinstance(found, str) else found


def _breaks_at(fault: MediaFault) -> float:
    after_ms = fault.stall_after_ms if fault.cut_after_ms is None else fault.cut_after_ms
    return math.inf if after_ms is None else anyio.current_time() + after_ms / 1000


@asynccontextmanager
async def openai_twin(
    script: OpenAiScript | None = None, plan: FaultPlan | None = None
) -> AsyncIterator[OpenAiTwin]:
    """Run a twin for as long as the block lasts."""
    async with anyio.create_task_group() as tasks:
        try:
            yield OpenAiTwin(script or OpenAiScript(), tasks, plan)
        finally:
            tasks.cancel_scope.cancel()
