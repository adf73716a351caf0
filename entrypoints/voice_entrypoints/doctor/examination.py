"""The whole examination: settings first, then everything else at once, whether a gateway runs or not."""

from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final

import attrs

from voice_contracts.settings import Settings
from voice_contracts.settings_report import SettingsReport
from voice_domain.errors import VoiceError
from voice_entrypoints.container import Container
from voice_entrypoints.doctor.carrier_probes import (
    look_at_account,
    look_at_carrier,
    look_at_number,
    look_at_signatures,
)
from voice_entrypoints.doctor.case import Case
from voice_entrypoints.doctor.finding import Finding, found
from voice_entrypoints.doctor.local_probes import (
    look_at_disk,
    look_at_gateway,
    look_at_pairing,
    look_at_port,
    look_at_state_folder,
)
from voice_entrypoints.doctor.probe import Probe, examined
from voice_entrypoints.doctor.reach_probes import (
    look_at_callback_url,
    look_at_media_stream,
    look_at_public_url,
    look_at_webhook,
)
from voice_entrypoints.doctor.sentences import SUBJECTS
from voice_entrypoints.doctor.service_probes import (
    look_at_language_model,
    look_at_retirements,
    look_at_synthesizer,
    look_at_transcriber,
)
from voice_entrypoints.doctor.tunnel_probe import look_at_tunnel
from voice_entrypoints.rpc.listening_gateway import find_listening_gateway
from voice_entrypoints.rpc.token_file import read_token, token_path
from voice_entrypoints.settings_remedy import remedy_for

__all__ = ("examine", "judge_settings", "open_case")

_OF_THE_MACHINE: Final = (
    Probe("state-folder", look_at_state_folder),
    Probe("disk", look_at_disk),
    Probe("gateway", look_at_gateway),
)
_OF_THE_SETTINGS: Final = (
    Probe("api-port", partial(look_at_port, section="api")),
    Probe("serve-port", partial(look_at_port, section="serve")),
    Probe("carrier", look_at_carrier),
    Probe("credentials", look_at_account),
    Probe("number", look_at_number),
    Probe("signatures", look_at_signatures),
    Probe("tunnel", look_at_tunnel),
    Probe("public-url", look_at_public_url),
    Probe("callback-url", look_at_callback_url),
    Probe("webhook", look_at_webhook),
    Probe("media-stream", look_at_media_stream),
    Probe("synthesizer", look_at_synthesizer),
    Probe("transcriber", look_at_transcriber),
    Probe("language-model", look_at_language_model),
    Probe("model-retirement", look_at_retirements),
    Probe("pairing", look_at_pairing),
)


def judge_settings(report: SettingsReport, place: str) -> Iterator[Finding]:
    """Yield what is wrong or odd about the settings that stand at *place*."""
    for problem in report.problems:
        yield found("settings.wrong", problem=problem.message, remedy=remedy_for(problem))
    for sentence in report.warnings:
        yield found("settings.odd", problem=sentence)
    if report.settings is not None and not report.settings.enabled:
        yield found("settings.off")
    elif not report.problems and not report.warnings:
        yield found("settings.fine", place=place)


async def open_case(
    settings: Settings, home: Path, environ: Mapping[str, str], *, container: Container | None = None
) -> Case:
    """Return what a doctor looks at; nothing is opened or made yet. A host's own *container* counts, if given."""
    container = container or Container(settings=settings, home=home)
    gateway = await find_listening_gateway(home)
    url = settings.public_url if gateway is None else gateway.public_url
    if url is not None:
        container.address().set(url, may_be_private=True)
    token = None
    if gateway is not None:
        try:
            token = read_token(token_path(home, settings.api.token_file))
        except VoiceError:
            token = None  # then nobody of ours would recognise us, which the looks tell
    return Case(
        settings=settings,
        home=home,
        environ=environ,
        container=container,
        gateway=gateway,
        probe_token=token,
    )


async def examine(case: Case, *, settings_are_usable: bool = True) -> list[Finding]:
    """Look at everything, or without usable settings at the machine only; return what was found, by subject."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(case.container.shared_http().close)
        probes = (*_OF_THE_MACHINE, *_OF_THE_SETTINGS) if settings_are_usable else _OF_THE_MACHINE
        if settings_are_usable and case.gateway is None and case.is_real and case.probe_token is None:
            from voice_entrypoints.doctor.meanwhile import listening_meanwhile

            token = await stack.enter_async_context(listening_meanwhile(case))
            case = attrs.evolve(case, probe_token=token)
        findings = await examined(case, probes)
    return sorted(findings, key=lambda finding: SUBJECTS.index(finding.id))
