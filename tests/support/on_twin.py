"""A carrier with its twin behind it, as the carrier kit gets it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import attrs

from voice_contracts.conformance.carrier_stage import CarrierStage
from voice_contracts.conformance.carrier_under_test import CarrierUnderTest, DialectSamples, WebhookSamples
from voice_contracts.conformance.check import Verdict
from voice_contracts.conformance.kit import KitReport
from voice_contracts.conformance.webhook_reader import WebhookReaderConformance
from voice_domain.ports.carrier import Exchange

__all__ = ("OnTwin", "not_kept")


@attrs.frozen(kw_only=True)
class OnTwin(CarrierUnderTest):
    """Made of what the carrier's other suites are made of."""

    opened: Callable[[Exchange], AbstractAsyncContextManager[CarrierStage]]
    reading: WebhookReaderConformance
    streams: DialectSamples | None = None

    def open_stage(self, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        return self.opened(exchange)

    def webhooks(self) -> WebhookSamples:
        return WebhookSamples(
            reader=self.reading.reader(), requests=self.reading.requests(), forged=self.reading.forged()
        )

    def dialect(self) -> DialectSamples | None:
        return self.streams


def not_kept(report: KitReport) -> list[str]:
    """Return every promise that is broken, or that the kit could not be shown."""
    return [
        f"{finding.area}: {finding.check}: {finding.sentence}"
        for finding in report.findings
        if finding.verdict in {Verdict.BROKEN, Verdict.NOT_SHOWN}
    ]
