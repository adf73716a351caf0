"""A web server that writes down whatever it is asked, and answers as it was told: a carrier, or a model service."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import attrs

__all__ = ("Recorded", "Recorder", "recorder")


@attrs.frozen
class Recorded:
    """One request."""

    method: str
    path: str
    body: str

    @property
    def form(self) -> dict[str, str]:
        """Its fields, if it is a form."""
        return dict(parse_qsl(self.body, keep_blank_values=True))


class Recorder:
    """What was asked, and what is answered."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Recorded] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.answers = threading.Event()
        """Cleared while nobody is answered."""
        self.answers.set()

    def to(self, ending: str) -> list[Recorded]:
        """Return the requests whose path ends so."""
        return [
            request for request in tuple(self.requests) if request.path.partition("?")[0].endswith(ending)
        ]


@contextmanager
def recorder() -> Iterator[Recorder]:
    """Serve on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            made.requests.append(Recorded(self.command, self.path, body))
            made.answers.wait(30)
            answer = json.dumps({"sid": f"CA{2**120 + len(made.requests):032x}"}).encode()
            self.send_response(made.status)
            for name, value in {**made.headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # whoever asked may be gone
                self.wfile.write(answer)

        do_GET = do_POST = _take  # noqa: N815 - the names that the standard library looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made = Recorder(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
