"""The private listener: RPC, events, metrics and health, behind its gate."""

from collections.abc import Callable, Mapping

import anyio
import attrs
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from voice_entrypoints.http.event_stream import EventStream
from voice_entrypoints.http.incidents import Incidents
from voice_entrypoints.http.metrics import Metrics
from voice_entrypoints.http.private_gate import PrivateGate, refusal
from voice_entrypoints.http.rpc_post import RpcPost
from voice_entrypoints.http.rpc_socket import RpcSocket
from voice_entrypoints.rpc.api import PhoneApi
from voice_entrypoints.rpc.jsonrpc import Dispatcher

__all__ = ("private_app",)


def private_app(
    api: PhoneApi, dispatcher: Dispatcher, metrics: Metrics, gate: PrivateGate, stopping: anyio.Event
) -> ASGIApp:
    """Return the application, with *gate* around everything; *stopping* ends the answers that have no end."""
    paths: Mapping[tuple[str, str], ASGIApp] = {
        ("http", "/rpc"): RpcPost(dispatcher),
        ("websocket", "/rpc"): RpcSocket(dispatcher, api, stopping),
        ("http", "/events"): EventStream(api, stopping),
        ("http", "/metrics"): _Page(lambda: Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)),
        ("http", "/healthz"): _Page(lambda: PlainTextResponse("ok\n")),
        ("http", "/readyz"): _Page(lambda: _readiness(api)),
    }
    return Incidents(gate.around(_Paths(paths)))


def _readiness(api: PhoneApi) -> Response:
    readiness = api.readiness
    if readiness.ready:
        return JSONResponse({"ready": True})
    return JSONResponse({"ready": False, "problem": readiness.problem}, 503)


@attrs.frozen
class _Page:
    """A page that is made at once."""

    make: Callable[[], Response]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            response = refusal(405, "invalid_request", "Use GET", headers={"Allow": "GET, HEAD"})
        else:
            response = self.make()
            response.headers["Cache-Control"] = "no-store"
        await response(scope, receive, send)


@attrs.frozen
class _Paths:
    """Finds the application of an exact path."""

    paths: Mapping[tuple[str, str], ASGIApp]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.paths.get((scope["type"], scope["path"]))
        await (app or refusal(404, "not_found", "Not found; see rpc.discover"))(scope, receive, send)
