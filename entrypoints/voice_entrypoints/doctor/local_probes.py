"""What can be seen on this machine: the state folder, the disk, the ports, the gateway, who may call."""

import os
import shutil
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import anyio.to_thread

from voice_domain.errors import VoiceError
from voice_entrypoints.container import store_path
from voice_entrypoints.doctor.case import Case
from voice_entrypoints.doctor.finding import Finding, found
from voice_entrypoints.rpc.discovery import find_gateway, read_gateway

__all__ = (
    "judge_room",
    "look_at_disk",
    "look_at_gateway",
    "look_at_pairing",
    "look_at_port",
    "look_at_state_folder",
)

_MIB: Final = 1 << 20
_FULL_MIB: Final = 50
_LOW_MIB: Final = 1024


async def look_at_state_folder(case: Case) -> list[Finding]:
    """See whether the state folder can be used."""
    return await anyio.to_thread.run_sync(_state_folder, case.home)


def _state_folder(home: Path) -> list[Finding]:
    place = str(home)
    if home.exists() and not home.is_dir():
        return [found("state-folder.unusable", place=place, problem="不是目录；it is not a folder")]
    if not home.exists():
        parent = _nearest(home)
        if os.access(parent, os.W_OK | os.X_OK):
            return [found("state-folder.new", place=place)]
        return [
            found(
                "state-folder.unusable",
                place=place,
                problem=f"{parent} 不可写；{parent} cannot be written to",
            )
        ]
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        return [found("state-folder.unusable", place=place, problem="不可写；it cannot be written to")]
    if os.name == "posix" and home.stat().st_mode & 0o077:
        return [found("state-folder.open", place=place)]
    return [found("state-folder.fine", place=place)]


async def look_at_disk(case: Case) -> list[Finding]:
    """See how much room is left where calls are kept."""
    folder = _nearest(store_path(case.settings, case.home).parent)
    usage = await anyio.to_thread.run_sync(shutil.disk_usage, folder)
    return [judge_room(usage.free)]


def judge_room(free_bytes: int) -> Finding:
    """Say whether so much room will do."""
    free = free_bytes // _MIB
    shown = f"{free} MiB" if free < _LOW_MIB else f"{free / 1024:.0f} GiB"
    if free < _FULL_MIB:
        return found("disk.full", free=shown)
    return found("disk.low" if free < _LOW_MIB else "disk.enough", free=shown)


def _nearest(path: Path) -> Path:
    """Return *path*, or the nearest folder above it that exists."""
    return next(each for each in (path, *path.parents) if each.exists())


async def look_at_gateway(case: Case) -> list[Finding]:
    """See whether a gateway runs on the state folder, and whether it takes calls."""
    from voice_adapters.transports.http_client import HttpRequest, UnreachableError

    told = read_gateway(case.home)
    if told is None:
        return [found("gateway.none")]
    if case.gateway is None:
        key = "gateway.stale" if find_gateway(case.home) is None else "gateway.silent"
        return [found(key, pid=told.pid, url=told.api_url)]
    request = HttpRequest(method="GET", url=f"{case.gateway.api_url}/readyz", repeatable=True)
    try:
        answer = await case.http.send(request)
    except UnreachableError as error:
        return [found("gateway.unready", problem=error)]
    if answer.status == 200:
        return [found("gateway.runs", pid=told.pid)]
    problem = answer.json_object().get("problem") or f"status {answer.status}"
    return [found("gateway.unready", problem=problem)]


async def look_at_port(case: Case, section: Literal["api", "serve"]) -> list[Finding]:
    """See whether a listener can have its port."""
    return await anyio.to_thread.run_sync(_port, case, section)


def _port(case: Case, section: Literal["api", "serve"]) -> list[Finding]:
    from voice_entrypoints.http.server import bind_socket

    listener = case.settings.api if section == "api" else case.settings.serve
    subject = f"{section}-port"
    if case.gateway is not None:
        url = case.gateway.api_url if section == "api" else case.gateway.webhook_url
        return [found("port.ours", subject=subject, port=urlsplit(url).port)]
    if not listener.port:
        published = section == "serve" and case.settings.public_url is not None and case.is_real
        return [found("port.any-published" if published else "port.any", subject=subject, section=section)]
    if section == "serve" and case.probe_token is not None:
        return [
            found("port.free", subject=subject, port=listener.port)
        ]  # we listen there ourselves meanwhile
    try:
        bind_socket(section, listener.bind, listener.port).close()
    except VoiceError as error:
        return [found("port.taken", subject=subject, section=section, port=listener.port, problem=error)]
    return [found("port.free", subject=subject, port=listener.port)]


async def look_at_pairing(case: Case) -> list[Finding]:
    """See who may call us, and who waits to."""
    policy = case.settings.inbound_policy
    if policy == "allowlist" and not case.settings.allow_from:
        return [found("pairing.nobody")]
    if policy != "pairing":
        return [found("pairing.off", policy=policy)]
    try:
        book = await case.container.pairing().load()
    except VoiceError as error:
        return [found("pairing.damaged", problem=error)]
    waiting = len(book.pending_at(case.container.clock().now_ms()))
    return [
        found("pairing.waiting" if waiting else "pairing.quiet", waiting=waiting, approved=len(book.approved))
    ]
