"""JSON-RPC at `POST /rpc`: one request or one batch in, its answer out with status 200."""

import anyio
import attrs
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from voice_entrypoints.http.body import BodyTooLargeError, BodyTooSlowError, ClientGoneError, read_body
from voice_entrypoints.http.private_gate import refusal
from voice_entrypoints.rpc.jsonrpc import Dispatcher
from voice_entrypoints.rpc.session import OneAnswerCaller

__all__ = ("RpcPost",)

_LIMIT = 1 << 20
_SECONDS = 10.0


@attrs.frozen
class RpcPost:
    """An ASGI application for one path."""

    dispatcher: Dispatcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request. A client that leaves gives up what it waited for."""
        try:
            response = await self._response(scope, receive)
        except ClientGoneError:
            return
        if response is not None:
            await response(scope, receive, send)

    async def _response(self, scope: Scope, receive: Receive) -> Response | None:
        headers = Headers(scope=scope)
        if scope["method"] != "POST":
            return refusal(405, "invalid_request", "Use POST, or a WebSocket", headers={"Allow": "POST"})
        if headers.get("content-type", "").startswith("multipart/"):
            return refusal(415, "invalid_request", "Send JSON with Content-Type: application/json")
        try:
            body = await read_body(receive, headers, limit=_LIMIT, seconds=_SECONDS)
        except BodyTooLargeError:
            return refusal(413, "invalid_request", f"A request may have {_LIMIT} bytes; split the batch")
        except BodyTooSlowError:
            return refusal(408, "timeout", f"The request did not come within {_SECONDS:.0f} seconds")
        return await self._answer(body, receive)

    async def _answer(self, body: bytes, receive: Receive) -> Response | None:
        response: Response | None = None
        async with anyio.create_task_group() as tasks:

            async def leave_with_client() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                tasks.cancel_scope.cancel()

            tasks.start_soon(leave_with_client)
            answer = await self.dispatcher.answer(body, OneAnswerCaller())
            # 204: a notification gets no answer at all.
            response = Response(status_code=204)
            if answer is not None:
                response = Response(answer, media_type="application/json")
            tasks.cancel_scope.cancel()
        return response
