"""What the carrier is, what it can do, and what it says of our account and number."""

from collections.abc import Sequence
from typing import Final

import attrs

from voice_domain.errors import VoiceError
from voice_domain.ports.carrier import Capabilities, CarrierError
from voice_domain.ports.carrier_inspection import AccountSeen, CarrierInspection, NumberSeen
from voice_entrypoints.doctor.case import Case
from voice_entrypoints.doctor.finding import Finding, found
from voice_entrypoints.settings_mapping import own_number

__all__ = ("look_at_account", "look_at_carrier", "look_at_number", "look_at_signatures")

_OFF_SECONDS: Final = 10
_WRONG_SECONDS: Final = 120
_REFUSALS: Final = (401, 403)
_ABILITIES: Final = {
    "media_stream": ("媒体流", "stream audio"),
    "native_speech": ("自带语音播报", "speak with its own voices"),
    "native_listening": ("自带语音识别", "transcribe"),
    "digits": ("按键", "press keys"),
    "transfer": ("转接", "transfer"),
    "inbound": ("接听来电", "take calls"),
    "reject": ("不接通即拒绝", "refuse calls unanswered"),
    "live_speech": ("通话中播报", "speak into a running call"),
}
"""What each capability is, for people, in both languages."""


async def look_at_carrier(case: Case) -> list[Finding]:
    """See whether the carrier can be made, and tell what it can do."""
    try:
        chosen = case.container.carrier_set()
    except VoiceError as error:
        return [found("carrier.broken", problem=error)]
    able = chosen.carrier.capabilities
    asks = hasattr(chosen.carrier, "waits")  # the role AskingCarrier
    key = "carrier.asking" if asks else "carrier.able"
    can, cannot = _abilities(able, wanted=True), _abilities(able, wanted=False)
    return [found(key, carrier=chosen.carrier.name, can=can, cannot=cannot)]


def _abilities(able: Capabilities, *, wanted: bool) -> str:
    has = attrs.asdict(able)
    words = [words for name, words in _ABILITIES.items() if has[name] is wanted] or [("无", "nothing")]
    return f"{'、'.join(chinese for chinese, _ in words)}；{', '.join(english for _, english in words)}"


async def look_at_account(case: Case) -> list[Finding]:
    """Prove the credentials, and see what the account may do and what the carrier's clock shows."""
    chosen = case.carriers()
    if chosen is None:
        return []
    name = chosen.carrier.name
    if chosen.inspection is None:
        return [found("credentials.untold" if chosen.needs_address else "credentials.none", carrier=name)]
    asked_ms = case.container.clock().now_ms()
    try:
        seen = await chosen.inspection.account()
    except CarrierError as error:
        return await _refused(chosen.inspection, name, error)
    if seen is None:
        return [found("credentials.untold", carrier=name)]
    now_ms = case.container.clock().now_ms()
    return [
        found("credentials.taken", carrier=name),
        *(_accounts(seen, name)),
        _clock(seen, asked_ms, now_ms),
    ]


async def _refused(inspection: CarrierInspection, name: str, error: CarrierError) -> list[Finding]:
    if error.status is None or error.retryable:
        return [found("credentials.unreached", carrier=name, problem=error)]
    findings = [found("credentials.refused", carrier=name, problem=error)]
    region = await inspection.home_region() if error.status in _REFUSALS else None
    if region is not None:
        told = {"setting": region.setting, "configured": region.configured, "region": region.home}
        findings.append(found("region.elsewhere", **told))
    return findings


def _accounts(seen: AccountSeen, carrier: str) -> list[Finding]:
    if not seen.problems:
        return [found("account.fine")]
    return [found(f"account.{problem.value}", carrier=carrier) for problem in seen.problems]


def _clock(seen: AccountSeen, asked_ms: int, now_ms: int) -> Finding:
    if seen.server_ms is None:
        return found("clock.untold")
    # The carrier's moment lies between our two, and its header has whole seconds.
    off = max(asked_ms - seen.server_ms - 1000, seen.server_ms - now_ms, 0) // 1000
    if off > _WRONG_SECONDS:
        return found("clock.wrong", seconds=off)
    return found("clock.off" if off > _OFF_SECONDS else "clock.right", seconds=max(off, 1))


async def look_at_number(case: Case) -> list[Finding]:
    """See whose our number is, and where calls to it go."""
    chosen = case.carriers()
    if chosen is None or chosen.inspection is None:
        return []
    number, carrier = own_number(case.settings), chosen.carrier.name
    try:
        seen = await chosen.inspection.number(number)
    except CarrierError as error:
        return [found("number.unasked", problem=error)]
    if seen is None:
        return [found("number.untold", carrier=carrier)]
    if not seen.is_ours:
        key = "number.verified" if seen.may_call else "number.foreign"
        return [found(key, carrier=carrier, number=number.masked)]
    return [
        found("number.ours", number=number.masked),
        _webhook(case, seen, carrier=carrier, number=number.masked),
    ]


def _webhook(case: Case, seen: NumberSeen, *, carrier: str, number: str) -> Finding:
    wanted = case.callback_url()
    return found(
        f"number-webhook.{_way_of_calls(seen, wanted, inbound=case.settings.inbound_policy != 'disabled')}",
        carrier=carrier,
        number=number,
        url=seen.webhook_url,
        wanted=wanted or "publicUrl",
        taker=seen.leads_to,
        method=seen.method,
    )


def _way_of_calls(seen: NumberSeen, wanted: str | None, *, inbound: bool) -> str:
    verdicts = (
        ("unused", not inbound),
        ("taken", bool(seen.leads_to)),
        ("nowhere", not seen.webhook_url),
        ("unknown", wanted is None),
        ("elsewhere", seen.webhook_url != wanted),
        ("method", seen.method.upper() != "POST"),
        ("right", True),
    )
    return next(name for name, is_so in verdicts if is_so)


async def look_at_signatures(case: Case) -> list[Finding]:
    """See whether webhooks are believed without a signature."""
    if not case.is_real:
        return []
    skipped: Sequence[str] = ("signatures.off",) if case.settings.skip_signature_verification else ()
    return [found(key) for key in skipped or ("signatures.checked",)]
