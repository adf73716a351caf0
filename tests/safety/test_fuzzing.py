"""Whatever a stranger sends is answered, and nothing breaks: webhooks, media messages and JSON-RPC, spoiled.

A short run is part of the suite. `pytest tests/safety/test_fuzzing.py --fuzz-minutes 10` goes on for that long and
tells how many inputs it has sent.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.fuzz_tally import FUZZ_TALLY
from support.fuzzing import CARRIERS, Sent, Stage, hear, media_messages, requests, stage, webhooks
from support.virtual_time import virtual_backend

from voice_adapters.carriers.plivo import PlivoDialect
from voice_adapters.carriers.telnyx import TelnyxDialect
from voice_adapters.carriers.twilio import TwilioDialect

DIALECTS = {"twilio": TwilioDialect(), "telnyx": TelnyxDialect(), "plivo": PlivoDialect()}


class Run:
    """Plays an input after the other: a few in the suite, or for as many minutes as were asked for."""

    def __init__(self, config: pytest.Config) -> None:
        self._seconds = 60 * float(config.getoption("--fuzz-minutes"))
        self._tally: dict[str, int] = config.stash[FUZZ_TALLY]

    def of(self, name: str, drawn: st.SearchStrategy[Any], play: Callable[[Any], None], *, few: int) -> None:
        """Give *play* what is *drawn*, *few* times, and on until the time is over."""
        until = time.monotonic() + self._seconds
        while True:

            @given(drawn)
            @settings(
                max_examples=60 if self._seconds else few,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            def once(inputs: Any) -> None:
                self._tally[name] = self._tally.get(name, 0) + len(inputs)
                play(inputs)

            once()
            if time.monotonic() >= until:
                return


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    return Run(request.config)


def played(work: Callable[[Stage], Awaitable[None]], carrier: str) -> None:
    """Do *work* on a stage of its own, in virtual time."""

    async def whole() -> None:
        async with stage(carrier) as running:
            await work(running)

    backend, options = virtual_backend("asyncio")
    anyio.run(whole, backend=backend, backend_options=options)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_spoiled_webhook_is_answered_and_breaks_nothing(run: Run, carrier: str) -> None:
    def play(drawn: list[Sent]) -> None:
        async def send(running: Stage) -> None:
            for sent in drawn:
                await running.webhook(sent)

        played(send, carrier)

    run.of(f"webhooks of {carrier}", webhooks(), play, few=3)


def test_a_spoiled_request_is_answered_and_breaks_nothing(run: Run) -> None:
    def play(drawn: list[Callable[[str], bytes]]) -> None:
        async def ask(running: Stage) -> None:
            for made in drawn:
                await running.request(made(running.call.call_id))

        played(ask, "twilio")

    run.of("JSON-RPC messages", requests(), play, few=3)


@pytest.mark.parametrize("carrier", DIALECTS)
def test_a_spoiled_media_message_is_dropped_and_breaks_nothing(run: Run, carrier: str) -> None:
    run.of(
        f"media messages of {carrier}",
        media_messages(),
        lambda drawn: hear(DIALECTS[carrier], carrier, drawn),
        few=20,
    )


@pytest.mark.parametrize("carrier", CARRIERS)
def test_what_is_not_spoiled_is_believed(carrier: str) -> None:
    taken: list[int] = []

    async def send(running: Stage) -> None:
        for which in range(60):
            await running.webhook(Sent(which))
        taken.append(running.taken)

    played(send, carrier)

    assert taken[0] > 20
