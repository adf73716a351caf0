"""Keeps a tunnel open: what dies is opened again, at ever longer intervals."""

from collections.abc import Callable
from typing import Final

import anyio
import attrs
from anyio.abc import TaskStatus

from voice_domain.ports.tunnel import Tunnel, TunnelError

__all__ = ("TunnelKeeper",)

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
_HEALTHY_SECONDS: Final = 60.0
"""A tunnel that stood as long has earned a quick first try."""


@attrs.frozen(kw_only=True)
class TunnelKeeper:
    """Says where the tunnel is reached, each time that changes, and that it is lost, each time it is."""

    tunnel: Tunnel
    reached: Callable[[str], None]
    """Told the public address; a TunnelError that it raises closes the tunnel."""
    lost: Callable[[TunnelError, float], None]
    """Told why, and how many seconds later it is tried again."""

    async def run(
        self, local_url: str, *, insist: bool, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Lead to *local_url* until cancelled; started once the tunnel is open or was tried.

        Raises:
            TunnelError: with *insist*, if it cannot be opened the first time.
        """
        pause, is_started = _FIRST_PAUSE, False
        while True:
            stood_since: float | None = None
            try:
                async with self.tunnel.opened(local_url) as way:
                    self.reached(way.url)
                    stood_since = anyio.current_time()
                    if not is_started:
                        is_started = True
                        task_status.started()
                    while True:
                        self.reached(await way.moved())
            except TunnelError as error:
                if insist and not is_started:
                    raise
                if stood_since is not None and anyio.current_time() - stood_since >= _HEALTHY_SECONDS:
                    pause = _FIRST_PAUSE
                self.lost(error, pause)
            if not is_started:
                is_started = True
                task_status.started()
            await anyio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
