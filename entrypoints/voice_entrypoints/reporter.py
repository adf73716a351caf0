"""Reports of calls that are over: written once, told to subscribers, and posted until somebody takes them."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Final

import anyio
import attrs
from anyio.abc import TaskGroup

from voice_adapters.runtime.asking import pauses
from voice_adapters.runtime.hub import Hub
from voice_adapters.runtime.subscribers import Subscribers
from voice_adapters.transports.webhook_signature import signed_headers
from voice_contracts.report import report_of
from voice_contracts.settings_operation import ReportSettings
from voice_domain.call import Call
from voice_domain.errors import VoiceError
from voice_domain.identity import CallId
from voice_domain.ports.clock import Clock
from voice_domain.ports.event_store import CallHistory, StoreError
from voice_domain.ports.report_book import DueReport, ReportBook
from voice_domain.ports.summarizer import Summarizer
from voice_domain.vocabulary import Speaker

if TYPE_CHECKING:  # it takes its time, and most installations post nothing
    from voice_adapters.transports.http_client import HttpClient

__all__ = ("Reporter",)

_log = logging.getLogger(__name__)

_DAY_MS: Final = 86_400_000
_AT_ONCE: Final = 10
_LOOK_SECONDS: Final = 30.0
_SUMMARY_SECONDS: Final = 30.0
_BACKLOG: Final = 100
_PAUSES_SECONDS: Final = (5, 30, 120, 600, 1_800, 7_200, 14_400, 28_800, 28_800)
"""Between two posts; with the last of them a day is over."""


@attrs.define(kw_only=True, eq=False)
class Reporter:
    """Works off a store's book of reports; `run` has to run beside the calls."""

    book: ReportBook
    history: CallHistory
    hub: Hub
    clock: Clock
    settings: ReportSettings
    summarizer: Summarizer | None
    """None where nobody sums up."""
    http: "Callable[[], HttpClient]"
    _at_work: set[CallId] = attrs.field(factory=set, init=False)
    _wake: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _more: bool = attrs.field(default=False, init=False)
    """Whether somebody waits for one of those at work to be done; to look without need costs as much as to report."""
    _rests: dict[CallId, Iterator[float]] = attrs.field(factory=dict, init=False)
    """How long each report rests that the store did not keep, in seconds."""
    _subscribers: Subscribers[Mapping[str, Any]] = attrs.field(
        factory=lambda: Subscribers(_BACKLOG), init=False
    )

    async def run(self) -> None:
        """Report until cancelled; what is not reported then is after the next start."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._listen)
            while True:
                self._wake = anyio.Event()
                try:
                    await self._begin_due(tasks)
                except StoreError as error:
                    _log.warning("reports wait for the store: %s", error)
                with anyio.move_on_after(_LOOK_SECONDS):
                    await self._wake.wait()

    def reports(
        self, call_id: CallId | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[Mapping[str, Any]]]:
        """Give the reports of one call, or of all, from now on; ends early for whoever falls far behind."""
        return self._subscribers.subscribe(call_id)

    async def report(self, call_id: CallId) -> Mapping[str, Any] | None:
        """Return the report of a call, without a summary if none was made; None as long as the call is not over.

        Raises:
            StoreError: if it cannot be read.
        """
        body = await self.book.report(call_id)
        if body is not None:
            written: Mapping[str, Any] = json.loads(body)
            return written
        call = await self.history.find(call_id)
        return report_of(call, "") if call is not None and call.is_over else None

    async def _listen(self) -> None:
        while True:
            await self.hub.an_end()
            self._wake.set()

    async def _begin_due(self, tasks: TaskGroup) -> None:
        room = _AT_ONCE - len(self._at_work)
        due = await self.book.reports_due(now_ms=self.clock.now_ms(), limit=_AT_ONCE * 2)
        waiting = [each for each in due if each.call_id not in self._at_work]
        self._more = len(waiting) > room
        for each in waiting[: max(0, room)]:
            self._at_work.add(each.call_id)
            tasks.start_soon(self._work, each)

    async def _work(self, due: DueReport) -> None:
        try:
            await self._report(due)
            self._rests.pop(due.call_id, None)
        except StoreError as error:
            _log.warning("the report of call %s waits for the store: %s", due.call_id, error)
            # It stays at work meanwhile: it would be due again at once, and the store be asked without end.
            await anyio.sleep(next(self._rests.setdefault(due.call_id, pauses())))
            self._more = True
        finally:
            self._at_work.discard(due.call_id)
            if self._more:
                self._wake.set()

    async def _report(self, due: DueReport) -> None:
        body = due.body
        if body is None and self._nobody_waits:
            await self.book.keep_report(due.call_id, None, next_at_ms=None)
            return
        if body is None:
            call = await self.history.find(due.call_id)
            if call is None or not self._is_news(call):
                await self.book.keep_report(due.call_id, None, next_at_ms=None)
                return
            report = report_of(call, await self._summary(call))
            body = json.dumps(report, ensure_ascii=False)
            url = self.settings.webhook_url
            await self.book.keep_report(
                due.call_id, body, next_at_ms=None if url is None else self.clock.now_ms()
            )
            self._subscribers.tell(due.call_id, report)
        if self.settings.webhook_url is None:
            if due.body is not None:  # the address is gone from the settings
                await self.book.keep_report(due.call_id, body, next_at_ms=None)
            return
        await self._post(due, body, self.settings.webhook_url)

    @property
    def _nobody_waits(self) -> bool:
        """Whether a report would go nowhere, and hold nothing that is not in the record: it is made when asked for."""
        summed_up = self.summarizer is not None and self.settings.summary
        return self.settings.webhook_url is None and not self._subscribers and not summed_up

    def _is_news(self, call: Call) -> bool:
        """Whether a call ended within a day: what was imported, or slept for long, is not."""
        return call.ended_at_ms is not None and self.clock.now_ms() - call.ended_at_ms < _DAY_MS

    async def _summary(self, call: Call) -> str:
        heard = any(entry.speaker is Speaker.COUNTERPART for entry in call.transcript)
        if self.summarizer is None or not self.settings.summary or not heard:
            return ""
        try:
            with anyio.fail_after(_SUMMARY_SECONDS):
                return (await self.summarizer.summarize(call)).strip()
        except (VoiceError, TimeoutError) as error:
            _log.warning("call %s was not summed up: %s", call.call_id, str(error) or "no answer in time")
            return ""

    async def _post(self, due: DueReport, body: str, url: str) -> None:
        problem = await self._refusal(due.call_id, body.encode(), url)
        tried = max(0, due.attempts - 1) if due.body is not None else 0
        if not problem:
            next_at_ms = None
        elif tried < len(_PAUSES_SECONDS):
            next_at_ms = self.clock.now_ms() + _PAUSES_SECONDS[tried] * 1000
            _log.warning("the report of call %s was not taken and is posted again: %s", due.call_id, problem)
        else:
            next_at_ms = None
            _log.error(
                "the report of call %s was not taken within a day: %s; see report.webhookUrl",
                due.call_id,
                problem,
            )
        await self.book.keep_report(due.call_id, body, next_at_ms=next_at_ms)

    async def _refusal(self, call_id: CallId, body: bytes, url: str) -> str:
        """Post a report; return why it was not taken, or nothing."""
        from voice_adapters.transports.http_client import HttpRequest, UnreachableError

        secret = self.settings.webhook_secret
        headers = {
            "content-type": "application/json",
            **signed_headers(
                f"report_{call_id}",
                self.clock.now_ms() // 1000,
                body,
                None if secret is None else secret.reveal(),
            ),
        }
        # A receiver leaves out what it has by its id, so a post may be repeated.
        request = HttpRequest(method="POST", url=url, repeatable=True, headers=headers, body=body)
        try:
            answer = await self.http().send(request)
        except UnreachableError as error:
            return str(error)
        return "" if answer.succeeded else f"status {answer.status}"
