"""What must hold between settings: required credentials, and keys that depend on each other."""

import ipaddress
from collections.abc import Mapping
from typing import Any, Final

from voice_contracts.settings import Settings
from voice_contracts.settings_merge import value_at
from voice_contracts.settings_report import Notes
from voice_contracts.settings_rules import Section, fields_of

__all__ = ("check_between_keys", "check_exposure", "check_ports", "check_required", "explain_problems")

# What Tailscale offers for a funnel.
_FUNNEL_PORTS: Final = (443, 8443, 10000)
_DETECT_NO_MACHINES: Final = ("aliyun",)
_ALL_ADDRESSES: Final = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
_ACTIONS: Final = ("say", "press", "interrupt", "hangUp")


def explain_problems(carrier: str, notes: Notes) -> None:
    """Have problems begin with the words by which *carrier*'s users look them up, where it has such words."""
    rule = next((field.rule for field in fields_of(Settings) if field.wire == carrier), None)
    if isinstance(rule, Section):
        for path, words in getattr(rule.holder, "MISSING_WORDS", {}).items():
            notes.explain(tuple(path.split(".")), words, missing=True)
        for path, words in getattr(rule.holder, "WRONG_WORDS", {}).items():
            notes.explain(tuple(path.split(".")), words, missing=False)


def check_required(config: Mapping[str, Any], carrier: str, notes: Notes) -> None:
    """Note what *carrier* needs and *config*, the environment included, does not have."""
    if "fromNumber" not in config and carrier != "mock":
        variable = " (or set TWILIO_FROM_NUMBER env)" if carrier == "twilio" else ""
        notes.require(("fromNumber",), variable)
    section = config.get(carrier, {})
    rule = next((field.rule for field in fields_of(Settings) if field.wire == carrier), None)
    if not isinstance(section, Mapping) or not isinstance(rule, Section):
        return
    for field in fields_of(rule.holder):
        path = (carrier, field.wire)
        if field.required and field.wire not in section and not _is_waived(path, config):
            notes.require(path, f" (or set {field.env[0]} env)")


def check_between_keys(config: Mapping[str, Any], notes: Notes) -> None:
    """Note keys that do not fit together."""
    _check_region(config, notes)
    _check_detection(config, notes)
    _check_funnel_port(config, notes)
    _check_quiet_hours(value_at(config, ("outbound", "quietHours")), notes)
    _check_script(value_at(config, ("mock", "script")), notes)


def check_exposure(settings: Settings, notes: Notes) -> None:
    """Note what must not be reached from other machines and would be."""
    if not settings.skip_signature_verification or settings.provider == "mock":
        return
    bind, path = settings.serve.bind, ("skipSignatureVerification",)
    if not _is_loopback(bind):
        notes.refuse(
            path,
            f"other machines reach {notes.shown(('serve', 'bind'))} {bind!r} and could feign calls; "
            "switch it off, or listen on 127.0.0.1",
        )
    elif settings.public_url is None and (tunnel := _tunnel_key(settings)):
        notes.refuse(
            path,
            f"{notes.shown(tunnel)} leads others here, who could feign calls; switch it off, or the tunnel",
        )


def check_ports(settings: Settings, notes: Notes) -> None:
    """Note two listeners that want the same port."""
    api, serve = settings.api, settings.serve
    if api.port != serve.port or serve.port == 0:
        return
    if api.bind == serve.bind or not {api.bind, serve.bind}.isdisjoint(_ALL_ADDRESSES):
        other = notes.shown(("api", "port"))
        notes.refuse(("serve", "port"), f"{other} is {serve.port} too; give one of them another port")


def _tunnel_key(settings: Settings) -> tuple[str, str] | None:
    if settings.tunnel.provider != "none":
        return ("tunnel", "provider")
    return ("tailscale", "mode") if settings.tailscale.mode != "off" else None


def _is_loopback(bind: str) -> bool:
    if bind.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(bind.strip("[]")).is_loopback
    except ValueError:
        return False  # a name may be anybody's


def _is_waived(path: tuple[str, str], config: Mapping[str, Any]) -> bool:
    return path == ("telnyx", "publicKey") and config.get("skipSignatureVerification") is True


def _check_detection(config: Mapping[str, Any], notes: Notes) -> None:
    wanted = value_at(config, ("outbound", "detectMachines")) is True
    if wanted and config.get("provider") in _DETECT_NO_MACHINES:
        notes.refuse(
            ("outbound", "detectMachines"),
            f"{config['provider']} cannot tell machines from people; remove it",
        )


def _check_region(config: Mapping[str, Any], notes: Notes) -> None:
    region, address = value_at(config, ("twilio", "region")), value_at(config, ("twilio", "apiBaseUrl"))
    if region not in (None, "us1") and address is not None:
        shown = notes.shown(("twilio", "region"))
        notes.warn(
            f"{shown} has no effect, because {notes.shown(('twilio', 'apiBaseUrl'))} is set; remove one of both"
        )


def _check_funnel_port(config: Mapping[str, Any], notes: Notes) -> None:
    is_funnel = (
        value_at(config, ("tailscale", "mode")) == "funnel"
        or value_at(config, ("tunnel", "provider")) == "tailscale-funnel"
    )
    port = value_at(config, ("tailscale", "port"))
    if is_funnel and port is not None and port not in _FUNNEL_PORTS:
        ports = ", ".join(map(str, _FUNNEL_PORTS))
        notes.refuse(("tailscale", "port"), f"Tailscale Funnel HTTPS port must be one of {ports}")


def _check_quiet_hours(hours: Any, notes: Notes) -> None:
    if not isinstance(hours, Mapping):
        return
    path = ("outbound", "quietHours")
    for end in ("from", "to"):
        if end not in hours:
            notes.require((*path, end), " where there are quiet hours")
    if isinstance(hours.get("from"), str) and hours["from"] == hours.get("to"):
        notes.refuse((*path, "to"), "from and to are the same time; drop quietHours if no hour is quiet")


def _check_script(script: Any, notes: Notes) -> None:
    if not isinstance(script, list | tuple):
        return
    for place, step in enumerate(script):
        if not isinstance(step, Mapping):
            continue
        actions = [action for action in _ACTIONS if step.get(action) not in (None, False)]
        if len(actions) != 1:
            notes.refuse(("mock", "script", place), f"Expected exactly one of {', '.join(_ACTIONS)}")
