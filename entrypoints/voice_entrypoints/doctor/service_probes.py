"""Speech services and language models: whether they take their keys and have their models."""

import datetime as dt
from collections.abc import Iterator

from voice_contracts.settings_choices import streaming_provider, tts_provider
from voice_contracts.settings_endpoints import model_endpoint
from voice_entrypoints.doctor.case import Case
from voice_entrypoints.doctor.finding import Finding, found
from voice_entrypoints.wiring_services import (
    UsedModel,
    ask_language_model,
    ask_synthesizer,
    ask_transcriber,
    retirement_of,
)
from voice_entrypoints.wiring_speech import streams_calls

__all__ = (
    "look_at_language_model",
    "look_at_retirements",
    "look_at_synthesizer",
    "look_at_transcriber",
)


async def look_at_synthesizer(case: Case) -> list[Finding]:
    """See whether the voice of media streams can speak."""
    return await _speech(case, "synthesizer", tts_provider(case.settings))


async def look_at_transcriber(case: Case) -> list[Finding]:
    """See whether the ear of media streams can hear."""
    return await _speech(case, "transcriber", streaming_provider(case.settings))


async def _speech(case: Case, subject: str, provider: str | None) -> list[Finding]:
    if not streams_calls(case.settings):
        return [found("service.carrier", subject=subject, carrier=case.settings.provider)]
    if provider == "local" or provider is None:
        return [found("service.local", subject=subject)]
    asks = ask_synthesizer if subject == "synthesizer" else ask_transcriber
    return [_told(subject, seen) for seen in await asks(case.settings, case.http)]


async def look_at_language_model(case: Case) -> list[Finding]:
    """See whether the model that answers can."""
    model = case.settings.response_model
    if model_endpoint(case.settings) is None:
        if case.settings.provider == "mock":
            return [found("service.local", subject="language-model")]
        return [found("language-model.echo", model=model)]
    return [_told("language-model", seen) for seen in await ask_language_model(case.settings, case.http)]


def _told(subject: str, seen: UsedModel) -> Finding:
    key = {"troubled": "service.troubled", "unreached": "service.unreached"}.get(
        seen.verdict, f"service.{seen.verdict}"
    )
    return found(
        key,
        subject=subject,
        service=seen.service,
        model=seen.model,
        key=seen.key_setting if seen.verdict == "refused" else seen.model_setting,
        status=seen.status,
        problem=seen.problem,
    )


async def look_at_retirements(case: Case) -> list[Finding]:
    """See whether an end is announced for a model that is used."""
    today = dt.datetime.fromtimestamp(case.container.clock().now_ms() / 1000, dt.UTC).date()
    findings = []
    for setting, model in _models(case):
        end = retirement_of(model)
        if end is not None:
            findings.append(
                found(
                    "model-retirement.over" if end.on <= today else "model-retirement.announced",
                    model=model,
                    key=setting,
                    date=end.on.isoformat(),
                    successor=end.successor,
                )
            )
    return findings or [found("model-retirement.none")]


def _models(case: Case) -> Iterator[tuple[str, str]]:
    """Yield the models at OpenAI itself that calls use, each with its setting."""
    settings = case.settings
    if streams_calls(settings) and tts_provider(settings) == "openai" and not settings.tts.openai.base_url:
        yield "tts.openai.model", settings.tts.openai.model
    listens = streaming_provider(settings) == "openai" and not settings.streaming.openai_base_url
    if streams_calls(settings) and listens:
        yield "streaming.providers.openai.model", settings.streaming.providers.openai.model
