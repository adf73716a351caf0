"""Who may use the private listener: those who reach it under its own name and show the token."""

import hmac

import attrs
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from voice_contracts.secret import Secret
from voice_entrypoints.http.allowed_hosts import AllowedHosts
from voice_entrypoints.http.failure_limit import FailureLimit

__all__ = ("PrivateGate", "refusal")

_OPEN_PATHS = frozenset({"/healthz", "/readyz"})


def refusal(status: int, kind: str, message: str, *, headers: dict[str, str] | None = None) -> Response:
    """Return a refusal as JSON, with one sentence that says what to do."""
    return JSONResponse({"error": {"kind": kind, "message": message}}, status, headers)


@attrs.frozen(kw_only=True)
class PrivateGate:
    """Checks Host, then Origin, then the token; health is open to all who pass the first two.

    The right token is always let in, however many wrong ones came from the same address: nobody guesses 256 bits,
    but a broken program on this machine could otherwise lock its neighbours out.
    """

    token: Secret
    token_place: str
    """Where the token is found, for the sentence of a refusal."""
    hosts: AllowedHosts
    app: ASGIApp | None = None
    """Who serves what is let in; nobody until it is put around an application."""
    failures: FailureLimit = attrs.field(factory=FailureLimit)

    def around(self, app: ASGIApp) -> "PrivateGate":
        """Return the gate with *app* behind it."""
        return attrs.evolve(self, app=app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        assert self.app is not None  # a gate is put around an application before it is served
        refused = self._refusal(scope)
        await (self.app if refused is None else refused)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        port = (scope.get("server") or ("", 0))[1]
        if not self.hosts.admits_host(headers.get("host"), port=port):
            sentence = "The Host header is not this gateway's; use the apiUrl of its discovery file"
            return refusal(403, "forbidden", sentence)
        if not self.hosts.admits_origin(headers.get("origin"), port=port):
            return refusal(403, "forbidden", "Pages of another origin may not use this gateway")
        if scope["path"] in _OPEN_PATHS or self._is_token(headers.get("authorization", "")):
            return None
        return self._unauthorized((scope.get("client") or ("", 0))[0])

    def _is_token(self, authorization: str) -> bool:
        scheme, _, given = authorization.partition(" ")
        expected = self.token.reveal().encode()
        return hmac.compare_digest(given.strip().encode(), expected) and scheme.lower() == "bearer"

    def _unauthorized(self, address: str) -> Response:
        wait = self.failures.fail(address)
        if wait is not None:
            headers = {"Retry-After": str(int(wait) + 1)}
            return refusal(429, "unauthorized", "Too many wrong tokens; wait a minute", headers=headers)
        sentence = f"Send the header `Authorization: Bearer <token>`; the token is in {self.token_place}"
        return refusal(401, "unauthorized", sentence, headers={"WWW-Authenticate": "Bearer"})
