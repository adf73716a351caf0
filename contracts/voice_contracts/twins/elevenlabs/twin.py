"""The twin of ElevenLabs: `POST /v1/text-to-speech/{voice_id}`, whole and streamed, in the formats of a telephone."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from voice_contracts.twins.faults import FaultPlan
from voice_contracts.twins.http import Answer, Request, json_answer
from voice_contracts.twins.service import Pace, RefusedRequestError, ServiceTwin, json_body, paced
from voice_contracts.twins.sound import hum_samples, to_mulaw

__all__ = ("ElevenLabsScript", "ElevenLabsTwin")

_PATH = re.compile(r"/v1/text-to-speech/(?P<voice>[^/]+)(?P<stream>/stream)?")
_LONGEST_TEXT = (("eleven_v3", 3000), ("eleven_multilingual_v2", 10_000), ("eleven_", 40_000))
_TAKES_LANGUAGE = ("eleven_turbo_v2_5", "eleven_flash_v2_5")
_DEFAULT_MODEL = "eleven_multilingual_v2"
_MODELS = (_DEFAULT_MODEL, "eleven_v3", *_TAKES_LANGUAGE)
_MESSAGES: Mapping[str, str] = {
    "invalid_api_key": "Invalid API key",
    "quota_exceeded": "This request exceeds your quota.",
    "voice_not_found": "A voice with that voice_id was not found.",
    "max_character_limit_exceeded": "The text is too long.",
    "too_many_concurrent_requests": "Too many concurrent requests.",
    "system_busy": "The system is busy.",
    "only_for_creator+": "This format needs another plan.",
}


def _hum(text: str, output_format: str) -> bytes:
    """Return a hum as `ulaw_8000` or `pcm_<rate>`."""
    kind, _, rate = output_format.partition("_")
    samples = hum_samples(text, int(rate))
    return to_mulaw(samples) if kind == "ulaw" else samples.astype("<i2").tobytes()


@attrs.frozen
class ElevenLabsScript:
    """What the twin says, and when. The defaults answer at once."""

    key: str = attrs.field(default="xi-twin", repr=False)
    voices: frozenset[str] | None = None
    """Voices that exist; None: any."""
    voice: Callable[[str, str], bytes] = _hum
    """Makes speech of a text in an output format."""
    speech: Pace = attrs.field(factory=Pace)
    piece_bytes: int = 800
    """100 ms of µ-law in a piece."""
    cut_bytes: int | None = None
    """Streams are cut into parts of so many bytes; None: each piece comes whole."""
    concurrency: int = 10
    """Told in the headers of each answer."""


class ElevenLabsTwin(ServiceTwin):
    """A running twin. It has no tasks of its own: making it is enough, inside an event loop."""

    def __init__(self, script: ElevenLabsScript | None = None, plan: FaultPlan | None = None) -> None:
        super().__init__(self._route, _refuse, plan)
        self.script = script or ElevenLabsScript()

    async def _route(self, request: Request) -> Answer:
        if request.headers.get("xi-api-key") != self.script.key:
            raise RefusedRequestError(401, "invalid_api_key")
        if request.method == "GET":
            return self._told(request.path)
        found = _PATH.fullmatch(request.path)
        if found is None or request.method != "POST":
            raise RefusedRequestError(404, "not_found")
        if self.script.voices is not None and found["voice"] not in self.script.voices:
            raise RefusedRequestError(400, "voice_not_found")
        body = json_body(request)
        _judge(body)
        output_format = dict(request.query_fields).get("output_format", "mp3_44100_128")
        if not re.fullmatch(r"ulaw_8000|pcm_(8000|16000|22050|24000|32000|44100|48000)", output_format):
            # The service has packed formats too; a telephone needs none, and the twin makes none.
            raise RefusedRequestError(422, "unsupported_format", "output_format")
        audio = self.script.voice(body["text"], output_format)
        step = self.script.piece_bytes if found["stream"] else max(len(audio), 1)
        pieces = [audio[start : start + step] for start in range(0, len(audio), step)]
        headers = {
            "content-type": "audio/basic" if output_format == "ulaw_8000" else "audio/pcm",
            "request-id": f"request-{len(self.ledger.requests)}",
            "current-concurrent-requests": "1",
            "maximum-concurrent-requests": str(self.script.concurrency),
        }
        return Answer(200, headers, paced(pieces, self.script.speech, self.script.cut_bytes))

    def _told(self, path: str) -> Answer:
        if path == "/v1/models":
            return json_answer(200, [{"model_id": model, "can_do_text_to_speech": True} for model in _MODELS])
        voice = path.removeprefix("/v1/voices/")
        if voice == path or "/" in voice:
            raise RefusedRequestError(404, "not_found")
        if self.script.voices is not None and voice not in self.script.voices:
            raise RefusedRequestError(400, "voice_not_found")
        return json_answer(200, {"voice_id": voice, "name": "twin"})


def _judge(body: dict[str, Any]) -> None:
    text, model = body.get("text"), str(body.get("model_id") or _DEFAULT_MODEL)
    if not isinstance(text, str) or not text:
        raise RefusedRequestError(422, "value_error.missing", "text")
    if len(text) > next((most for start, most in _LONGEST_TEXT if model.startswith(start)), 10_000):
        raise RefusedRequestError(400, "max_character_limit_exceeded")
    if body.get("language_code") and not model.startswith(_TAKES_LANGUAGE):
        raise RefusedRequestError(400, "unsupported_language")
    speed = (body.get("voice_settings") or {}).get("speed")
    if speed is not None and not 0.7 <= speed <= 1.2:
        raise RefusedRequestError(400, "invalid_voice_settings")


def _refuse(error: RefusedRequestError, headers: Mapping[str, str]) -> Answer:
    if error.status == 422:
        problem = {"loc": ["body", error.field], "msg": "field required", "type": error.code}
        return json_answer(422, {"detail": [problem]}, headers)
    message = _MESSAGES.get(error.code, "The request was refused.")
    return json_answer(error.status, {"detail": {"status": error.code, "message": message}}, headers)
