"""ngrok: its agent runs as a child of ours, and tells in its log where it is reached (ngrok.com/docs/agent/cli)."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import anyio
import attrs
from anyio.abc import Process

from voice_adapters.tunnels.ngrok_log import LogLine, read_line, remedy_for
from voice_adapters.tunnels.program import Program, few_variables
from voice_domain.ports.tunnel import OpenTunnel, Tunnel, TunnelError

__all__ = ("NgrokTunnel", "ngrok_program")

_log = logging.getLogger(__name__)

_LONGEST_LINE: Final = 65_536


def ngrok_program(environ: Mapping[str, str], *, token: str = "", leashed: bool = False) -> Program:
    """Return the agent; *token* is given to it by its environment, instead of one in its own file."""
    variables = few_variables(environ, "NGROK_")
    return Program(
        name="ngrok",
        environ={**variables, "NGROK_AUTHTOKEN": token} if token else variables,
        remedy="install it from https://ngrok.com/download, or set publicUrl",
        leashed=leashed,
    )


@attrs.frozen(kw_only=True)
class NgrokTunnel(Tunnel):
    """A tunnel to the whole listener; what is not a webhook or a media stream gets 404 there."""

    program: Program
    domain: str | None = None
    """One that is reserved with ngrok; None for whatever the account is given."""
    token: str = attrs.field(default="", repr=False)
    """Never shown, wherever ngrok repeats it."""
    start_seconds: float = 30.0

    @property
    def name(self) -> str:
        """The word for it in the settings file."""
        return "ngrok"

    @property
    def is_public(self) -> bool:
        """Whether the whole internet reaches it."""
        return True

    @asynccontextmanager
    async def opened(self, local_url: str) -> AsyncIterator[OpenTunnel]:
        """Lead to *local_url* while the context is open; see the port."""
        # The whole address, not only the port: `localhost` may be ::1, where nobody listens.
        arguments = ["http", local_url, "--log", "stdout", "--log-format", "json", "--log-level", "info"]
        if self.domain:
            arguments += ["--domain", self.domain]
        async with self.program.started(*arguments) as process:
            agent = _Agent(process, self.token)
            with anyio.move_on_after(self.start_seconds) as limit:
                await agent.find_address()
            if limit.cancelled_caught:
                raise agent.late(self.start_seconds)
            yield agent


class _Agent(OpenTunnel):
    """A running agent, and what it has told so far."""

    def __init__(self, process: Process, token: str) -> None:
        self._process = process
        self._token = token
        self._unread = bytearray()
        self._url = ""
        self._last = LogLine()

    @property
    def url(self) -> str:
        return self._url

    async def find_address(self) -> None:
        """Read until the address is told.

        Raises:
            TunnelError: if the service refuses, or the agent ends.
        """
        while not self._url:
            line = await self._next_line()
            if line.code:
                raise self._refused()
            self._url = line.url

    async def moved(self) -> str:
        """Wait for another address; see the port. The agent itself connects again where it lost the service."""
        while True:
            line = await self._next_line()
            if line.url and line.url != self._url:
                self._url = line.url
                return line.url
            if line.problem:
                _log.warning("ngrok: %s", line.problem)

    def late(self, seconds: float) -> TunnelError:
        """Return the error of an agent that told no address in time."""
        last = f"; its last problem was: {self._last.problem}" if self._last.problem else ""
        return TunnelError("ngrok", f"ngrok startup timed out ({seconds:g}s){last}", remedy_for(""))

    def _refused(self) -> TunnelError:
        # The agent may try for ever, so its end is not waited for.
        return TunnelError("ngrok", f"ngrok error: {self._last.problem}", remedy_for(self._last.code))

    async def _next_line(self) -> LogLine:
        while b"\n" not in self._unread:
            await self._read_more()
        line, _, rest = bytes(self._unread).partition(b"\n")
        self._unread[:] = rest
        return self._understood(line)

    def _understood(self, line: bytes) -> LogLine:
        text = line.decode("utf-8", "replace")
        read = read_line(text.replace(self._token, "***") if self._token else text)
        if read.problem:
            # Where it does not write JSON, ngrok spreads an error over several lines.
            self._last = read if text.startswith("{") else self._last.followed_by(read)
        return read

    async def _read_more(self) -> None:
        assert self._process.stdout is not None
        try:
            self._unread += await self._process.stdout.receive()
        except anyio.EndOfStream:
            raise await self._ended() from None
        if len(self._unread) > _LONGEST_LINE and b"\n" not in self._unread:
            self._unread.clear()  # nothing that we could understand is as long

    async def _ended(self) -> TunnelError:
        if self._unread:
            self._understood(bytes(self._unread))
        code = await self._process.wait()
        if self._last.code:
            return self._refused()
        said = f": {self._last.problem}" if self._last.problem else ""
        return TunnelError(
            "ngrok", f"ngrok exited unexpectedly with code {code}{said}", remedy_for(self._last.code)
        )
