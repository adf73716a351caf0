"""Whether a service takes a key and has a model: harmless reads, nothing is generated and nothing is billed."""

from typing import Any, Final, Literal
from urllib.parse import quote

import attrs
import msgspec

from voice_adapters.transports.http_client import HttpAnswer, HttpClient, HttpRequest

__all__ = ("CatalogAnswer", "ModelCatalog")

_ANTHROPIC_VERSION: Final = "2023-06-01"


@attrs.frozen
class CatalogAnswer:
    """What a service said."""

    verdict: Literal["works", "refused", "no-model", "silent", "troubled"]
    """`silent`: it takes the key, as far as is known, and lists no models."""
    status: int


@attrs.frozen
class ModelCatalog:
    """Asks services; every method raises UnreachableError if no answer comes."""

    http: HttpClient

    async def openai(self, base_url: str, key: str, model: str, *, vendor: bool) -> CatalogAnswer:
        """Ask an OpenAI-compatible service (platform.openai.com/docs/api-reference/models/retrieve).

        Only the *vendor* is known to tell of every model it has.
        """
        headers = {"authorization": f"Bearer {key}"} if key else {}
        answer = await self._read(f"{base_url.rstrip('/')}/models/{quote(model, safe='')}", headers)
        verdict = _verdict(answer)
        return verdict if vendor or verdict.verdict != "no-model" else CatalogAnswer("silent", answer.status)

    async def anthropic(self, base_url: str, key: str, model: str) -> CatalogAnswer:
        """Ask Anthropic, or a service with its protocol (docs.anthropic.com/en/api/models)."""
        headers = {"x-api-key": key, "anthropic-version": _ANTHROPIC_VERSION}
        return _verdict(
            await self._read(f"{base_url.rstrip('/')}/v1/models/{quote(model, safe='')}", headers)
        )

    async def elevenlabs_voice(self, base_url: str, key: str, voice: str) -> CatalogAnswer:
        """Ask ElevenLabs for a voice (elevenlabs.io/docs/api-reference/voices/get)."""
        answer = await self._read(
            f"{base_url.rstrip('/')}/v1/voices/{quote(voice, safe='')}", {"xi-api-key": key}
        )
        return CatalogAnswer("no-model", 400) if answer.status == 400 else _verdict(answer)

    async def elevenlabs_model(self, base_url: str, key: str, model: str) -> CatalogAnswer:
        """Ask ElevenLabs for a model (elevenlabs.io/docs/api-reference/models/list)."""
        answer = await self._read(f"{base_url.rstrip('/')}/v1/models", {"xi-api-key": key})
        verdict = _verdict(answer)
        if verdict.verdict != "works":
            return verdict
        has_it = any(isinstance(each, dict) and each.get("model_id") == model for each in _listed(answer))
        return verdict if has_it else CatalogAnswer("no-model", answer.status)

    async def _read(self, url: str, headers: dict[str, str]) -> HttpAnswer:
        request = HttpRequest(
            method="GET", url=url, repeatable=True, headers={"accept": "application/json", **headers}
        )
        return await self.http.send(request)


def _verdict(answer: HttpAnswer) -> CatalogAnswer:
    if answer.succeeded:
        return CatalogAnswer("works", answer.status)
    if answer.status in (401, 403):
        return CatalogAnswer("refused", answer.status)
    return CatalogAnswer("no-model" if answer.status == 404 else "troubled", answer.status)


def _listed(answer: HttpAnswer) -> list[Any]:
    try:
        value = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    return value if isinstance(value, list) else []
