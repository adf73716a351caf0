"""The way from the carrier to us, gone ourselves: name, address, a signed request, a WebSocket."""

import base64
import ipaddress
import secrets
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from voice_contracts.settings_choices import streaming_gaps
from voice_entrypoints.doctor.case import Case
from voice_entrypoints.doctor.finding import Finding, found
from voice_entrypoints.http.self_probe import PROBE_HEADER, SelfProbe
from voice_entrypoints.public_address import is_private
from voice_entrypoints.wiring_speech import streams_calls

if TYPE_CHECKING:  # it takes its time
    from voice_adapters.installed_carrier import CarrierSet
    from voice_adapters.transports.http_client import HttpAnswer

__all__ = ("look_at_callback_url", "look_at_media_stream", "look_at_public_url", "look_at_webhook")

_FORM: Final = {"CallSid": "CA00000000000000000000000000000000", "Probe": "voicecall doctor"}
_GATEWAY_AWAY: Final = (502, 503, 504, 521, 522, 523, 530)
_NOBODY_LISTENS: Final = "没有网关在监听 serve.port；nobody of ours listens on serve.port"


async def look_at_public_url(case: Case) -> list[Finding]:
    """See whether there is a public address, and whether its name leads to the internet."""
    if case.carriers() is None:
        return []  # what it needs is not known
    carrier, url, tunnel = case.settings.provider, case.public_url, case.tunnel
    if url is None:
        if not case.is_real:
            return [found("public-url.unneeded", carrier=carrier)]
        return [found("public-url.later" if tunnel else "public-url.missing", carrier=carrier, tunnel=tunnel)]
    if not case.is_real:
        return [found("public-url.fine", url=url)]
    if is_private(url):
        return [found("public-url.private", url=url)]
    findings = [found("public-url.plain", url=url)] if urlsplit(url).scheme != "https" else []
    return [*findings, *await _names(case, url)] or [found("public-url.fine", url=url)]


async def _names(case: Case, url: str) -> list[Finding]:
    host = urlsplit(url).hostname or ""
    try:
        addresses = await case.resolve(host)
    except OSError:
        return [found("public-url.unresolved", host=host)]
    inner = [each for each in addresses if not _is_global(each)]
    if addresses and len(inner) == len(addresses):
        return [found("public-url.inner", host=host, address=inner[0])]
    return []


def _is_global(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return True


async def look_at_callback_url(case: Case) -> list[Finding]:
    """Tell what has to be entered in the carrier's console."""
    chosen = case.carriers()
    if chosen is None:
        return []
    name = chosen.carrier.name
    if chosen.callback_url is None:
        return [found("callback-url.unneeded")]
    url = case.callback_url()
    return [
        found("callback-url.unknown", carrier=name)
        if url is None
        else found("callback-url.told", carrier=name, url=url)
    ]


async def look_at_webhook(case: Case) -> list[Finding]:
    """Send a request to ourselves as the carrier would, through the public address; no call learns of it."""
    chosen, public_url = case.carriers(), case.public_url
    if chosen is None or public_url is None or not chosen.needs_address or is_private(public_url):
        return []
    serve = case.settings.serve
    told = {"url": public_url, "carrier": chosen.carrier.name, "path": serve.path}
    told["local"] = f"{serve.bind}:{serve.port}{serve.path}"
    if case.probe_token is None:
        return [found("webhook.untried", problem=_NOBODY_LISTENS, **told)]
    return [await _round_trip(case, chosen, SelfProbe(case.probe_token), told)]


async def _round_trip(case: Case, chosen: "CarrierSet", probe: SelfProbe, told: dict[str, Any]) -> Finding:
    from voice_adapters.transports.http_client import HttpRequest, UnreachableError

    url = case.callback_url() or told["url"]
    asked, body = probe.ask(), urlencode(_FORM).encode()
    signed = None if chosen.inspection is None else chosen.inspection.signed(url, _FORM)
    headers = {"content-type": "application/x-www-form-urlencoded", PROBE_HEADER: asked, **(signed or {})}
    request = HttpRequest(method="POST", url=url, repeatable=True, headers=headers, body=body)
    try:
        answer = await case.http.send(request)
    except UnreachableError as error:
        return found("webhook.unreached", problem=error.problem, **told)
    ours = probe.read(asked, answer.json_object(), body)
    if ours is None:
        return _stranger(answer, told)
    if ours.is_authentic or not ours.is_whole:
        return found("webhook.signed" if ours.is_whole else "webhook.changed", **told)
    wants_signature = bool(getattr(chosen.carrier, "required_headers", False))
    if signed is None and wants_signature:
        return found("webhook.unsigned", **told)
    return found("webhook.disbelieved", problem=ours.problem, tried=", ".join(ours.tried), **told)


def _stranger(answer: "HttpAnswer", told: dict[str, Any]) -> Finding:
    if answer.status in _GATEWAY_AWAY:
        return found("webhook.gateway-away", status=answer.status, **told)
    if 300 <= answer.status < 400:
        return found("webhook.redirected", **told)
    if answer.status == 404:
        return found("webhook.not-found", **told)
    return found("webhook.stranger", status=answer.status, **told)


async def look_at_media_stream(case: Case) -> list[Finding]:
    """See whether calls are streamed as the settings want, and whether a WebSocket comes through to us."""
    chosen, settings = case.carriers(), case.settings
    if chosen is None:
        return []
    name = chosen.carrier.name
    if not chosen.needs_address:
        return [found("media-stream.inner", carrier=name)]
    if settings.streaming.enabled and streaming_gaps(settings):
        return [found("media-stream.gaps", gaps="; ".join(streaming_gaps(settings)))]
    if chosen.dialect is None or not streams_calls(settings):
        return [found("media-stream.off", carrier=name)]
    if case.public_url is None or case.probe_token is None or is_private(case.public_url):
        return [found("media-stream.untried", problem=_NOBODY_LISTENS)]
    return [await _upgrade(case, case.public_url)]


async def _upgrade(case: Case, public_url: str) -> Finding:
    from voice_adapters.transports.http_client import HttpRequest, UnreachableError

    parts = urlsplit(public_url)
    path = case.container.address().public_stream_path(parts.path)
    url = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
    # A token that nobody was given: our own listener refuses it with 401, and only a WebSocket is refused so.
    request = HttpRequest(
        method="GET",
        url=f"{url}/{secrets.token_urlsafe(16)}",
        repeatable=True,
        headers={
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": base64.b64encode(secrets.token_bytes(16)).decode(),
        },
    )
    try:
        answer = await case.http.send(request)
    except UnreachableError as error:
        return found("media-stream.unreached", url=url, problem=error.problem)
    if answer.status == 401 and "www-authenticate" not in answer.headers:
        return found("media-stream.through", url=url)
    return found(
        "media-stream.blocked", url=url, status=answer.status, path=case.settings.streaming.stream_path
    )
