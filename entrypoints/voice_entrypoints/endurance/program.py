"""The gateway as a program: started on a state folder, killed or stopped, and started again."""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

import anyio
from anyio.abc import Process

from voice_adapters.transports.http_library import httpx
from voice_domain.errors import VoiceError

__all__ = ("GatewayProgram", "NoAnswerError")

_LOG: Final = "gateway.log"
_START_SECONDS: Final = 60.0
_KEPT_SECONDS: Final = 2.0
_COMMAND: Final = (sys.executable, "-m", "voice_entrypoints.http.main")


class NoAnswerError(VoiceError):
    """The program said no to a request, or nothing at all: it may be gone."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, method: str, problem: str) -> None:
        super().__init__(f"{method} brought no result: {problem}")
        self.problem = problem


class GatewayProgram:
    """One gateway after the other on the same *home*; *behind* learns where its public address leads."""

    def __init__(self, home: Path, settings: Mapping[str, Any], behind: dict[str, str], origin: str) -> None:
        self.home = home
        self._settings = settings
        self._behind = behind
        self._origin = origin
        self._process: Process | None = None
        self._http: httpx.AsyncClient | None = None
        self._api_url = ""
        self.ready = anyio.Event()
        """Set while it takes calls."""
        self.lives = 0

    @property
    def pid(self) -> int:
        """The process that lives."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What all lives have written."""
        return (self.home / _LOG).read_text()

    def prepare(self) -> None:
        """Make the state folder and the settings file."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.home / "config.json5").write_text(json.dumps(self._settings))

    async def start(self) -> bool:
        """Start a process and wait until it is ready; return whether it became that, and was not killed before.

        Raises:
            NoAnswerError: if it ended by itself.
        """
        self.lives += 1
        environment = {name: value for name, value in os.environ.items() if not name.startswith("VOICECALL_")}
        environment["VOICECALL_HOME"] = str(self.home)
        with (self.home / _LOG).open("a") as log:
            self._process = await anyio.open_process(_COMMAND, stderr=log, env=environment)
        with anyio.fail_after(_START_SECONDS):
            line = await self._line()
        if line[:1] != ["ready"]:
            code = await self._process.wait()
            if code == -signal.SIGKILL:
                return False
            raise NoAnswerError("the start", f"it ended with exit code {code}; see {self.home / _LOG}")
        self._api_url = line[1]
        self._behind[self._origin] = line[2].rpartition("/voice/webhook")[0]
        token = (self.home / "api-token").read_text().strip()
        self._http = httpx.AsyncClient(
            trust_env=False,
            headers={"Authorization": f"Bearer {token}"},
            # Ours is let go before the gateway lets it go: else a request may meet a connection that is closing.
            limits=httpx.Limits(keepalive_expiry=_KEPT_SECONDS),
        )
        self.ready.set()
        return True

    async def _line(self) -> list[str]:
        assert self._process is not None
        assert self._process.stdout is not None
        heard = b""
        while not heard.endswith(b"\n"):
            try:
                heard += await self._process.stdout.receive()
            except anyio.EndOfStream:
                break
        return heard.decode().split()

    def kill(self) -> None:
        """Kill the process that lives, if one does."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def ask_to_stop(self) -> None:
        """Ask it to drain and stop."""
        assert self._process is not None
        self._process.terminate()

    async def ended(self) -> int:
        """Wait until the process is gone and return its exit code."""
        assert self._process is not None
        code = await self._process.wait()
        self.ready = anyio.Event()
        await self._process.aclose()
        if self._http is not None:
            await self._http.aclose()
            self._http = None
        return code

    async def ask(self, method: str, *, seconds: float = 60, **params: Any) -> Any:
        """Return the result of a method of its JSON-RPC interface.

        Raises:
            NoAnswerError: if there is none.
        """
        body = {"jsonrpc": "2.0", "id": 1, "method": f"voicecall.{method}", "params": params}
        try:
            answer = (
                await self._client(method).post(f"{self._api_url}/rpc", json=body, timeout=seconds)
            ).json()
        except (httpx.TransportError, RuntimeError, ValueError) as error:
            # A client that is closed under a request says so in several ways.
            raise NoAnswerError(method, type(error).__name__) from error
        if "error" in answer:
            raise NoAnswerError(method, answer["error"]["data"]["kind"])
        return answer["result"]

    async def page(self, path: str) -> str:
        """Return a page of the private listener.

        Raises:
            NoAnswerError: if there is none.
        """
        # On a connection of its own: one that was kept may be closed by the other side just now.
        headers = {"Connection": "close"}
        try:
            return (await self._client(path).get(self._api_url + path, headers=headers, timeout=30)).text
        except (httpx.TransportError, RuntimeError) as error:
            raise NoAnswerError(path, type(error).__name__) from error

    def _client(self, what: str) -> httpx.AsyncClient:
        if self._http is None:
            raise NoAnswerError(what, "no process lives")
        return self._http
