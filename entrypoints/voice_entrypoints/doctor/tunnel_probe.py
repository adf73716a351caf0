"""The tunnel of the settings: whether its program is there and has an account. It is not opened."""

from voice_domain.ports.tunnel import TunnelError
from voice_entrypoints.doctor.case import Case
from voice_entrypoints.doctor.finding import Finding, found
from voice_entrypoints.wiring_tunnels import is_logged_in

__all__ = ("look_at_tunnel",)


async def look_at_tunnel(case: Case) -> list[Finding]:
    """See whether the tunnel could be opened."""
    tunnel = case.tunnel
    if not tunnel:
        return []
    if case.settings.public_url is not None:
        return [found("tunnel.unused", tunnel=tunnel)]
    if tunnel == "tailscale-serve" and case.is_real:
        return [found("tunnel.inner", tunnel=tunnel)]
    try:
        known = await is_logged_in(case.settings, case.environ)
    except TunnelError as error:
        return [found("tunnel.broken", problem=error.problem, remedy=error.remedy)]
    return [found("tunnel.ready" if known else "tunnel.no-token", tunnel=tunnel)]
