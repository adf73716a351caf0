"""A question of our own to our own webhooks: does a request come through from outside, and would it be believed?

Whoever asks proves that they know a secret of this gateway's owner, and the gateway proves the same in its answer. No
call learns of it, and nobody else is answered.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
import msgspec

from voice_contracts.secret import Secret
from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest

__all__ = ("PROBE_HEADER", "ProbeAnswer", "SelfProbe")

PROBE_HEADER: Final = "x-voicecall-probe"


@attrs.frozen(kw_only=True)
class ProbeAnswer:
    """What our webhooks made of our own request."""

    is_authentic: bool
    problem: str
    """Why it was not believed; empty if it was."""
    tried: tuple[str, ...]
    """The public URLs that it may have been signed for, without queries."""
    is_whole: bool
    """Whether its body arrived as it was sent."""


@attrs.frozen
class SelfProbe:
    """Both ends of the question."""

    secret: Secret

    def ask(self) -> str:
        """Return a value for the header that nobody else can make."""
        nonce = secrets.token_hex(16)
        return f"{nonce}.{self._proof('ask', nonce)}"

    def recognises(self, headers: Mapping[str, str]) -> bool:
        """Whether a request (names of headers in lower case) is such a question."""
        nonce, dot, proof = headers.get(PROBE_HEADER, "").partition(".")
        return bool(dot) and hmac.compare_digest(proof.encode(), self._proof("ask", nonce).encode())

    def answer(self, request: WebhookRequest, authenticate: Callable[[WebhookRequest], str]) -> bytes:
        """Return the answer to such a question, as JSON; *authenticate* is the webhook reader's."""
        problem = ""
        try:
            authenticate(request)
        except NotAuthenticError as error:
            problem = str(error) or "not authentic"
        told = {
            "problem": problem,
            "tried": [url.partition("?")[0] for url in request.urls],
            "body": hashlib.sha256(request.body).hexdigest(),
        }
        return msgspec.json.encode({**told, "proof": self._of_answer(request.headers[PROBE_HEADER], told)})

    def read(self, asked: str, told: Mapping[str, Any], sent: bytes) -> ProbeAnswer | None:
        """Return what the answer *told* to the question *asked* says; None if it is not our gateway's."""
        said = {name: told.get(name) for name in ("problem", "tried", "body")}
        proof = told.get("proof")
        if not isinstance(proof, str) or not hmac.compare_digest(
            proof.encode(), self._of_answer(asked, said).encode()
        ):
            return None
        return ProbeAnswer(
            is_authentic=not said["problem"],
            problem=str(said["problem"]),
            tried=tuple(map(str, said["tried"] or ())),
            is_whole=said["body"] == hashlib.sha256(sent).hexdigest(),
        )

    def _of_answer(self, asked: str, told: Mapping[str, Any]) -> str:
        return self._proof("answer", asked + msgspec.json.encode(told, order="deterministic").decode())

    def _proof(self, word: str, text: str) -> str:
        signed = f"voicecall {word}: {text}".encode("utf-8", "replace")
        return hmac.new(self.secret.reveal().encode(), signed, hashlib.sha256).hexdigest()
