"""What somebody has who knows only the documents: programs, a state folder, HTTP. Nothing is imported from us."""

import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import attrs
import httpx
from support.gateway import PATIENCE_SECONDS, GatewayProcess

__all__ = ("Api", "Place", "Ran", "eventually")

_BIN = Path(sys.executable).parent
_T = TypeVar("_T")
# To read the certificates of the internet would take longer than most of these requests.
_PLAIN: Mapping[str, Any] = {
    "timeout": PATIENCE_SECONDS,
    "trust_env": False,
    "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
}


@attrs.frozen
class Ran:
    """A program that came to its end."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, which must be JSON and nothing else."""
        return json.loads(self.out)


@attrs.frozen
class Place:
    """A state folder with a settings file, in a home of its own."""

    home: Path

    @staticmethod
    def made(parent: Path, settings: Mapping[str, Any] | str | None = None) -> "Place":
        """Make one in *parent*; settings that are text are written as they are."""
        home = parent / "state"
        home.mkdir(mode=0o700, parents=True)
        if settings is not None:
            text = settings if isinstance(settings, str) else json.dumps(settings)
            (home / "config.json5").write_text(text, encoding="utf-8")
        return Place(home)

    @property
    def environ(self) -> dict[str, str]:
        """What the programs see of the world."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICECALL")}
        own = {"HOME": str(self.home.parent), "VOICECALL_HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        return {**kept, **own, "NO_COLOR": "1", "PYTHONWARNINGS": "error"}

    def run(self, *words: str, given: bytes = b"") -> Ran:
        """Run a program to its end; *given* is what it reads."""
        done = subprocess.run(
            [str(_BIN / words[0]), *words[1:]],
            input=given,
            capture_output=True,
            check=False,
            timeout=PATIENCE_SECONDS,
            env=self.environ,
        )
        return Ran(words, done.returncode, done.stdout.decode(), done.stderr.decode())

    def run_all(self, *programs: Sequence[str]) -> list[Ran]:
        """Run several programs at once, to the end of all; return what came of each, in order."""
        with ThreadPoolExecutor(4) as threads:
            return list(threads.map(lambda words: self.run(*words), programs))

    def start(self, *words: str, before: Callable[[], None] | None = None) -> subprocess.Popen[str]:
        """Start a program; *before* runs in its process first."""
        return subprocess.Popen(
            [str(_BIN / words[0]), *words[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environ,
            preexec_fn=before,  # noqa: PLW1509 - a signal's disposition, set in the new process
        )


def eventually(look: Callable[[], _T | None], *, seconds: float = PATIENCE_SECONDS) -> _T:
    """Return the first truthy thing that *look* sees; other processes tell nobody when they are through."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"nothing was seen within {seconds} s"
        time.sleep(0.03)
    return seen


class Api:
    """The private listener of a gateway, over HTTP."""

    def __init__(self, gateway: GatewayProcess) -> None:
        self.gateway = gateway

    def headers(self, **more: str) -> dict[str, str]:
        """The token, and whatever else."""
        return {"Authorization": f"Bearer {self.gateway.token}", **more}

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        """Send a body to `/rpc`."""
        url = f"{self.gateway.api_url}/rpc"
        return httpx.post(url, content=body, headers=self.headers(**headers), **_PLAIN)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Read a page."""
        url = f"{self.gateway.api_url}{path}"
        return httpx.get(url, headers=self.headers(**headers), **_PLAIN)

    def webhook(self, body: object, *, path: str = "") -> httpx.Response:
        """Tell the public listener something; JSON unless it is bytes."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.post(self.gateway.webhook_url + path, content=content, **_PLAIN)

    def answer(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method; return the whole answer."""
        request = {"jsonrpc": "2.0", "id": 1, "method": f"voicecall.{method}", "params": params}
        response = self.post(json.dumps(request).encode())
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer

    def ask(self, method: str, **params: Any) -> Any:
        """Call a method that must succeed; return its result."""
        answer = self.answer(method, **params)
        assert "result" in answer, answer
        return answer["result"]

    def refusal(self, method: str, **params: Any) -> tuple[int, str, str]:
        """Call a method that must fail; return code, kind and sentence."""
        answer = self.answer(method, **params)
        assert "error" in answer, answer
        error = answer["error"]
        return error["code"], error["data"]["kind"], error["message"]

    def record(self, call_id: str) -> dict[str, Any]:
        """Return the record of a call."""
        found = self.ask("status", callId=call_id)
        assert found["found"], call_id
        record: dict[str, Any] = found["call"]
        return record

    def place(self, to: str = "+15550005678", *, message: str = "Hi.", mode: str = "conversation") -> str:
        """Place a call; return its id."""
        return str(self.ask("initiate", to=to, message=message, mode=mode)["callId"])

    def reach(self, call_id: str, states: Sequence[str]) -> dict[str, Any]:
        """Wait until a call is in one of *states*; return its record."""

        def look() -> dict[str, Any] | None:
            record = self.record(call_id)
            return record if record["state"] in states else None

        return eventually(look)

    def inject(self, **event: Any) -> int:
        """Let the mock network tell one thing; return how many were understood."""
        return int(self.ask("inject", events=[event])["accepted"])
