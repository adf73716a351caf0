"""Reports of calls that are over: summed up, told, posted until somebody takes them."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import attrs
import httpx
import pytest
from standardwebhooks import Webhook
from support.json_fit import misfits

from voice_adapters.clock import EventLoopClock
from voice_adapters.runtime.hub import Hub
from voice_adapters.speech.tone import ToneSynthesizer
from voice_adapters.stores.memory import MemoryStore
from voice_adapters.transports.http_client import HttpClient
from voice_adapters.transports.webhook_signature import signed_headers
from voice_contracts.conformance.sample_values import opened
from voice_contracts.report import REPORT_SCHEMA
from voice_contracts.secret import Secret
from voice_contracts.settings_operation import ReportSettings
from voice_domain.call import Call
from voice_domain.events import Answered, CallEvent, Ended, UtteranceHeard
from voice_domain.evolve import fold
from voice_domain.identity import CallId
from voice_domain.ports.event_store import StoreError
from voice_domain.ports.responder import ReplyError, ReplyRequest, Responder
from voice_domain.ports.summarizer import Summarizer
from voice_domain.vocabulary import EndReason
from voice_entrypoints.embed import open_voicecall
from voice_entrypoints.reporter import Reporter

pytestmark = pytest.mark.anyio

URL = "https://owner.example/reports"
SECRET = f"whsec_{base64.b64encode(b'0123456789abcdef01234567').decode()}"
DAY_SECONDS = 86_400


class Notes(Summarizer):
    """Sums every call up in the same words, or fails, or takes for ever."""

    def __init__(self, text: str | Exception | None = "They said yes.") -> None:
        self.text = text
        self.asked = 0

    async def summarize(self, call: Call) -> str:
        self.asked += 1
        if self.text is None:
            await anyio.sleep_forever()
        if isinstance(self.text, Exception):
            raise self.text
        return str(self.text)


@attrs.define
class Owner:
    """Whoever is posted to: gives the statuses in turn, the last one for ever."""

    statuses: list[int] = attrs.field(factory=lambda: [200])
    posts: list[tuple[float, httpx.Request]] = attrs.field(factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.posts.append((anyio.current_time(), request))
        return httpx.Response(self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0])


@attrs.define
class World:
    store: MemoryStore = attrs.field(factory=MemoryStore)
    hub: Hub = attrs.field(factory=Hub)
    owner: Owner = attrs.field(factory=Owner)
    clock: EventLoopClock = attrs.field(factory=EventLoopClock)

    @asynccontextmanager
    async def reporting(
        self, settings: ReportSettings | None = None, *, summarizer: Summarizer | None = None
    ) -> AsyncIterator[Reporter]:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(self.owner)) as http,
            anyio.create_task_group() as tasks,
        ):
            reporter = Reporter(
                book=self.store,
                history=self.store,
                hub=self.hub,
                clock=self.clock,
                settings=settings or ReportSettings(),
                summarizer=summarizer,
                http=lambda: HttpClient(http, self.clock, jitter=lambda: 0.0),
            )
            tasks.start_soon(reporter.run)
            yield reporter
            tasks.cancel_scope.cancel()

    async def end(self, name: str = "call-1", *said: str, ago_seconds: int = 0) -> None:
        """Let a call be over, as the runtime does."""
        at = self.clock.now_ms() - ago_seconds * 1000 - 7_500
        events: tuple[CallEvent, ...] = (
            opened(CallId(name), at_ms=at),
            Answered(at),
            *(UtteranceHeard(at, text) for text in said),
            Ended(at + 7_500, EndReason.HANGUP_USER),
        )
        await self.store.append(CallId(name), events, expected_version=0)
        self.hub.publish(len(events), fold(events), events[-1])


async def told(reporter: Reporter, act: Callable[[], Any], call_id: str | None = None) -> dict[str, Any]:
    async with reporter.reports(call_id) as reports:
        await act()
        return dict(await anext(aiter(reports)))


async def test_a_report_tells_subscribers_what_came_of_a_call() -> None:
    world = World()
    async with world.reporting(summarizer=Notes()) as reporter:
        report = await told(reporter, lambda: world.end("call-1", "Yes, please."))
        kept = await reporter.report(CallId("call-1"))

    assert report == kept
    assert misfits(report, REPORT_SCHEMA) == []
    assert (report["outcome"], report["answered"], report["seconds"]) == ("hangup-user", True, 7.5)
    assert report["summary"] == "They said yes."
    assert report["transcript"][0]["text"] == "Yes, please."
    assert world.owner.posts == []


@pytest.mark.parametrize(
    ("settings", "said", "asked"),
    [
        (ReportSettings(), (), 0),
        (ReportSettings(summary=False), ("Yes.",), 0),
        (ReportSettings(), ("Yes.",), 1),
    ],
)
async def test_only_calls_in_which_they_spoke_are_summed_up_and_only_if_wanted(
    settings: ReportSettings, said: tuple[str, ...], asked: int
) -> None:
    world, notes = World(), Notes()
    async with world.reporting(settings, summarizer=notes) as reporter:
        report = await told(reporter, lambda: world.end("call-1", *said))

    assert notes.asked == asked
    assert ("summary" in report) == bool(asked)


@pytest.mark.parametrize("trouble", [ReplyError("openai", "it is overloaded"), None])
async def test_without_a_summary_the_report_is_told_all_the_same(trouble: Exception | None) -> None:
    world = World()
    async with world.reporting(summarizer=Notes(trouble)) as reporter:
        began = anyio.current_time()
        report = await told(reporter, lambda: world.end("call-1", "Yes."))

    assert "summary" not in report
    assert anyio.current_time() - began <= 30


async def test_a_post_is_signed_as_the_standards_own_library_checks_it() -> None:
    world = World()
    # The library looks at the machine's clock, and refuses what is older than five minutes.
    body = b'{"callId":"call-1"}'
    import time

    headers = signed_headers("report_call-1", int(time.time()), body, SECRET)

    assert Webhook(SECRET).verify(body, headers) == {"callId": "call-1"}
    settings = ReportSettings(webhook_url=URL, webhook_secret=Secret(SECRET))
    async with world.reporting(settings) as reporter:
        report = await told(reporter, world.end)
        await anyio.sleep(1)
    ((_, request),) = world.owner.posts
    at = int(request.headers["webhook-timestamp"])
    again = signed_headers("report_call-1", at, request.content, SECRET)
    assert request.headers["webhook-signature"] == again["webhook-signature"]
    assert json.loads(request.content) == report


@pytest.mark.parametrize("secret", ["whsec_not base64", "any text", SECRET])
def test_every_secret_signs_and_another_one_signs_otherwise(secret: str) -> None:
    signature = signed_headers("id", 1, b"{}", secret)["webhook-signature"]

    assert signature.startswith("v1,")
    assert signature != signed_headers("id", 1, b"{}", secret + "A")["webhook-signature"]
    assert signature != signed_headers("id", 2, b"{}", secret)["webhook-signature"]
    assert signature != signed_headers("id", 1, b"{ }", secret)["webhook-signature"]


def test_a_secret_that_is_no_base64_is_taken_as_it_is_written() -> None:
    assert signed_headers("id", 1, b"{}", "whsec_some text") == signed_headers("id", 1, b"{}", "some text")


async def test_without_a_secret_nothing_is_signed() -> None:
    assert signed_headers("id", 1, b"{}", None).keys() == {"webhook-id", "webhook-timestamp"}


async def test_a_report_that_is_not_taken_is_posted_again_under_the_same_id() -> None:
    world = World(owner=Owner([404, 500, 500, 500, 302, 204]))
    async with world.reporting(ReportSettings(webhook_url=URL)) as reporter:
        await told(reporter, world.end)
        await anyio.sleep(3_600)

    times = [at for at, _ in world.owner.posts]
    assert {request.headers["webhook-id"] for _, request in world.owner.posts} == {"report_call-1"}
    assert [request.url for _, request in world.owner.posts] == [URL] * 6
    assert times[1] - times[0] >= 5
    assert await world.store.reports_due(now_ms=2**60, limit=9) == ()


async def test_after_a_day_without_success_a_report_is_given_up_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World(owner=Owner([400]))
    async with world.reporting(ReportSettings(webhook_url=URL)) as reporter:
        await told(reporter, world.end)
        await anyio.sleep(2 * DAY_SECONDS)

    assert world.owner.posts[-1][0] - world.owner.posts[0][0] > 0.9 * DAY_SECONDS
    assert len(world.owner.posts) == 10
    assert [each.levelname for each in caplog.records].count("ERROR") == 1
    assert "report.webhookUrl" in caplog.text


async def test_what_a_process_did_not_post_the_next_one_posts() -> None:
    world = World(owner=Owner([503]))
    settings = ReportSettings(webhook_url=URL)
    notes = Notes()
    async with world.reporting(settings, summarizer=notes) as reporter:
        await told(reporter, lambda: world.end("call-1", "Yes."))
    world.owner.statuses = [200]
    async with world.reporting(settings, summarizer=notes):
        await anyio.sleep(120)

    assert json.loads(world.owner.posts[-1][1].content)["summary"] == "They said yes."
    assert notes.asked == 1
    assert await world.store.reports_due(now_ms=2**60, limit=9) == ()


async def test_a_call_that_ended_while_nobody_reported_is_reported_at_the_next_start() -> None:
    world = World()
    await world.end("call-1")
    async with world.reporting(ReportSettings(webhook_url=URL)):
        await anyio.sleep(1)

    assert len(world.owner.posts) == 1


async def test_a_report_that_nobody_waits_for_is_made_when_it_is_asked_for() -> None:
    world = World()
    async with world.reporting() as reporter:
        await world.end("call-1", "Yes.")
        await anyio.sleep(1)
        report = await reporter.report(CallId("call-1"))
        kept = await world.store.report(CallId("call-1"))

    assert report is not None
    assert report["outcome"] == "hangup-user"
    assert kept is None
    assert await world.store.reports_due(now_ms=2**60, limit=9) == ()


async def test_a_call_of_long_ago_is_no_news() -> None:
    world = World()
    await world.end("old", ago_seconds=2 * DAY_SECONDS)
    async with world.reporting(ReportSettings(webhook_url=URL)):
        await anyio.sleep(60)
        kept = await world.store.report(CallId("old"))

    assert kept is None
    assert world.owner.posts == []
    assert await world.store.reports_due(now_ms=2**60, limit=9) == ()


async def test_a_hundred_calls_that_end_at_once_are_all_reported() -> None:
    world = World()
    async with world.reporting(ReportSettings(webhook_url=URL)):
        for number in range(100):
            await world.end(f"call-{number}")
        await anyio.sleep(60)

    ids = {request.headers["webhook-id"] for _, request in world.owner.posts}
    assert len(ids) == len(world.owner.posts) == 100


async def test_who_wants_one_call_is_told_of_no_other() -> None:
    world = World()
    async with world.reporting() as reporter:

        async def both() -> None:
            await world.end("call-1")
            await world.end("call-2")

        report = await told(reporter, both, "call-2")

    assert report["callId"] == "call-2"


class Host(Responder, Summarizer):
    """A host's own responder that sums up too."""

    async def reply(self, request: ReplyRequest) -> AsyncIterator[str]:
        yield "Fine."

    async def summarize(self, call: Call) -> str:
        return f"{len(call.transcript)} lines"


async def test_a_host_gets_the_reports_of_its_telephone() -> None:
    telephone = open_voicecall(
        {"mock": {"realtime": False, "script": [{"say": "Yes."}, {"afterMs": 4_000, "hangUp": True}]}},
        responder=Host(),
        synthesizer=ToneSynthesizer(),
        clock=EventLoopClock(),
    )
    async with telephone as phone, phone.reports() as reports:
        call = await phone.call(to="+15550005678", message="Is it you?", mode="conversation")
        report = await anext(aiter(reports))

        assert report["callId"] == call.call_id
        assert report["summary"] == f"{len(report['transcript'])} lines"
        assert await phone.report(call.call_id) == report


class ReadOnly(MemoryStore):
    """A store that can be read, and keeps no report until it is mended."""

    refuses = True
    asked = 0

    async def keep_report(self, call_id: CallId, body: str | None, *, next_at_ms: int | None) -> None:
        self.asked += 1
        assert self.asked < 1_000, "it is asked without a pause"
        if self.refuses:
            raise StoreError("disk full")
        await super().keep_report(call_id, body, next_at_ms=next_at_ms)


async def test_a_store_that_keeps_nothing_is_asked_again_after_pauses_that_grow() -> None:
    """It was asked without a pause once, by a process that had nothing else to do any more."""
    store = ReadOnly()
    world = World(store=store)
    async with world.reporting(ReportSettings(webhook_url=URL)):
        for number in range(3):
            await world.end(f"call-{number}")
        with anyio.fail_after(601):
            await anyio.sleep(600)
        while_full, store.refuses = store.asked, False
        await anyio.sleep(31)

    assert 60 <= while_full <= 3 * 30
    assert await store.reports_due(now_ms=2**60, limit=9) == ()
