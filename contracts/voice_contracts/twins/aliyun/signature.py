"""How the twin checks what was signed (ACS3-HMAC-SHA256); written apart from the adapter's, from the facts alone."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from voice_contracts.twins.aliyun.account import AliyunAccount
from voice_contracts.twins.http import Request

__all__ = ("SignatureCheck",)

_FORM: Final = re.compile(
    r"ACS3-HMAC-SHA256 Credential=(?P<id>[^,]+),SignedHeaders=(?P<names>[a-z0-9;-]+),Signature=(?P<hex>[0-9a-f]{64})"
)
_MUST_BE_SIGNED: Final = frozenset(
    {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"}
)
_LATEST_SECONDS: Final = 900


class SignatureCheck:
    """Remembers the nonces that it has seen."""

    def __init__(self, account: AliyunAccount) -> None:
        self._account = account
        self._nonces: set[str] = set()

    def refusal(self, request: Request, now_ms: int) -> str | None:
        """Return the code with which *request* is refused; None if it is in order."""
        found = _FORM.fullmatch(request.headers.get("authorization", ""))
        if found is None or not set(found["names"].split(";")) >= _MUST_BE_SIGNED:
            return "IncompleteSignature"
        if found["id"] != self._account.key_id:
            return "InvalidAccessKeyId.NotFound"
        digest = hashlib.sha256(request.body).hexdigest()
        wanted = self._signature(request, found["names"].split(";"))
        if request.headers["x-acs-content-sha256"] != digest or not hmac.compare_digest(found["hex"], wanted):
            return "SignatureDoesNotMatch"
        return self._staleness(request.headers, now_ms)

    def _staleness(self, headers: Mapping[str, str], now_ms: int) -> str | None:
        try:
            at = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            return "InvalidTimeStamp.Format"
        if abs(at.timestamp() - now_ms / 1000) > _LATEST_SECONDS:
            return "InvalidTimeStamp.Expired"
        nonce = headers["x-acs-signature-nonce"]
        if nonce in self._nonces:
            return "SignatureNonceUsed"
        self._nonces.add(nonce)
        return None

    def _signature(self, request: Request, names: list[str]) -> str:
        pairs = sorted(
            (quote(name, safe="~"), quote(value, safe="~")) for name, value in request.query_fields
        )
        lines = [request.method, request.path, "&".join("=".join(pair) for pair in pairs)]
        lines += [f"{name}:{request.headers.get(name, '').strip()}" for name in names]
        lines += ["", ";".join(names), request.headers["x-acs-content-sha256"]]
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256("\n".join(lines).encode()).hexdigest()
        return hmac.new(self._account.key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
