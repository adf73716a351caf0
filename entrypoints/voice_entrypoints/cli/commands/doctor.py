"""`voicecall doctor`: what keeps a first call from going well."""

import os
from collections.abc import Sequence

from voice_contracts.settings import Settings
from voice_domain.errors import VoiceError
from voice_entrypoints.cli.failures import FAILED
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import show, show_json
from voice_entrypoints.cli.surroundings import state_folder
from voice_entrypoints.doctor.case import Case
from voice_entrypoints.doctor.examination import examine, judge_settings, open_case
from voice_entrypoints.doctor.finding import Finding, Language, found
from voice_entrypoints.settings_source import find_source, settings_report
from voice_entrypoints.words.language import language_of_environment

__all__ = ("doctor",)

_PLAIN = Shared()
_NO_FILE = "没有配置文件，使用内置默认值；no settings file, so the built-in defaults hold"
_BAD_FILE = "请修正文件中该处；correct the file at that place"
_MARKS = {"ok": "OK", "warning": "WARN", "failed": "FAIL"}


async def doctor(*, shared: Shared = _PLAIN) -> int:
    """Look for what would keep a call from going well; exits with 1 if anything does.

    Nothing is dialled, bought or changed. Works while a gateway runs and while none does.
    """
    findings, language = await _looked(shared)
    ok = all(finding.ok for finding in findings)
    if shared.json:
        show_json({"ok": ok, "checks": [finding.json(language) for finding in findings]})
    else:
        show(_text(findings, language))
    return 0 if ok else FAILED


async def _looked(shared: Shared) -> tuple[list[Finding], Language]:
    """Return what was found, and the language to tell it in."""
    try:
        source = find_source(shared.config, os.environ)
    except VoiceError as error:
        odd = [found("settings.wrong", problem=error, remedy=_BAD_FILE)]
        case = await open_case(Settings(), state_folder(), os.environ)
        return [*odd, *await examine(case, settings_are_usable=False)], _language(case, odd)
    report = settings_report(source, os.environ)
    case = await open_case(report.settings or Settings(), state_folder(), os.environ)
    more = await examine(case, settings_are_usable=report.settings is not None)
    first = list(judge_settings(report, str(source.path) if source.path else _NO_FILE))
    return [*first, *more], _language(case, first)


def _language(case: Case, of_settings: Sequence[Finding]) -> Language:
    if language_of_environment(case.settings.locale, os.environ) == "zh":
        return "zh"
    chosen = case.carriers()
    reads_chinese = chosen is not None and chosen.users_read == "zh"
    # Without usable settings there is no carrier to ask; its users' words are in the problems then.
    worded = any(
        not finding.ok and not finding.values.get("problem", "").isascii() for finding in of_settings
    )
    return "both" if reads_chinese or worded else "en"


def _text(findings: Sequence[Finding], language: Language) -> str:
    lines = []
    for finding in findings:
        lines.append(f"{_MARKS[finding.state]:<4}  {finding.id}: {finding.message(language)}")
        remedy = finding.remedy(language)
        if remedy:
            lines.append(f"      {remedy}")
    return "\n".join(lines)
