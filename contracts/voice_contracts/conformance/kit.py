"""The carrier kit: every promise of a carrier as one check, and what came of all of them.

@pytest.mark.parametrize("check", checks_of(MyCarrierUnderTest()), ids=str)
def test_it_keeps_its_promises(check):
    check.run()
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import attrs

from voice_contracts.conformance.about import ABILITY_AREAS, About, Area, subject_of
from voice_contracts.conformance.carrier import CarrierConformance
from voice_contracts.conformance.carrier_audio import CarrierAudioConformance
from voice_contracts.conformance.carrier_errors import CarrierErrorsConformance
from voice_contracts.conformance.carrier_refusals import CarrierRefusals
from voice_contracts.conformance.carrier_speech import CarrierSpeechConformance
from voice_contracts.conformance.carrier_stage import CarrierStage, NotingExchange
from voice_contracts.conformance.carrier_suite import CarrierSuite
from voice_contracts.conformance.carrier_under_test import CarrierUnderTest, DialectSamples
from voice_contracts.conformance.check import Check, Finding, Verdict
from voice_contracts.conformance.dial_finder import DialFinderConformance
from voice_contracts.conformance.media_dialect import MediaDialectConformance
from voice_contracts.conformance.promise import BrokenPromiseError
from voice_contracts.conformance.virtual_time import run_check
from voice_contracts.conformance.webhook_reader import WebhookReaderConformance
from voice_domain.ports.carrier import Capabilities, Exchange
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest

__all__ = ("KitReport", "checks_of", "run_kit")

_SUITES: Final[tuple[type[Any], ...]] = (
    CarrierConformance,
    CarrierSpeechConformance,
    CarrierAudioConformance,
    CarrierErrorsConformance,
    DialFinderConformance,
)
_ROLES: Final = ("find_dial",)
"""The methods that tell optional roles which are not claimed otherwise."""


@attrs.frozen
class KitReport:
    """What came of all checks of a carrier."""

    carrier: str
    capabilities: Capabilities
    findings: tuple[Finding, ...]
    seconds: float

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The promises that are not kept."""
        return tuple(finding for finding in self.findings if finding.verdict is Verdict.BROKEN)


def run_kit(subject: CarrierUnderTest) -> KitReport:
    """Run every check of a carrier, one after the other."""
    began = time.monotonic()
    name, able = _introduction(subject)
    findings = tuple(check.finding() for check in checks_of(subject))
    return KitReport(name, able, findings, time.monotonic() - began)


def checks_of(subject: CarrierUnderTest) -> tuple[Check, ...]:
    """Return the checks that fit what a carrier claims; a claim that cannot be shown is a check that fails."""
    _, able = _introduction(subject)
    stage_can = run_check(lambda: _abilities_of_stage(subject), real_time=subject.real_time)
    checks = [
        *(
            check
            for suite in _SUITES
            for check in _of_suite(_bound(suite, subject), subject, able, stage_can)
        ),
        *_of_samples(subject, able),
        *_of_refusals(subject, able),
    ]
    return tuple(sorted(checks, key=lambda check: list(Area).index(check.area)))


def _introduction(subject: CarrierUnderTest) -> tuple[str, Capabilities]:
    async def ask() -> tuple[str, Capabilities]:
        async with subject.open_stage(NotingExchange()) as stage:
            return stage.carrier.name, stage.carrier.capabilities

    return run_check(ask, real_time=subject.real_time)


async def _abilities_of_stage(subject: CarrierUnderTest) -> frozenset[str]:
    async with subject.open_stage(NotingExchange()) as stage:
        words = [word for word in ("say", "press", "fail") if hasattr(stage, word)]
        return frozenset([*words, *(role for role in _ROLES if hasattr(stage.carrier, role))])


def _bound(suite: type[Any], subject: CarrierUnderTest) -> CarrierSuite:
    """Return a suite that works on the subject's stage."""

    def open_stage(_suite: CarrierSuite, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        return subject.open_stage(exchange)

    bound = type(suite.__name__, (suite,), {"open_stage": open_stage})()
    for name in ("callee", "caller", "deadline_seconds", "sends_silence", "plays_in_real_time"):
        setattr(bound, name, getattr(subject, name))
    assert isinstance(bound, CarrierSuite)
    return bound


def _of_suite(
    suite: object, subject: CarrierUnderTest, able: Capabilities, stage_can: frozenset[str]
) -> Iterator[Check]:
    for name, check in _checks_in(suite):
        about = subject_of(check)
        if about.supposes and not getattr(able, about.supposes):
            continue  # what is not claimed is checked to be refused
        if about.role and about.role not in stage_can:
            continue  # a role that it may leave out
        if about.area is Area.AUDIO and not subject.attaches_audio:
            continue  # its audio comes over a WebSocket, worded by its dialect
        if name == "test_what_it_does_not_claim_it_refuses_as_unsupported":
            continue  # one check for each ability, below
        yield _shown(about, name, check, subject, stage_can)


def _shown(
    about: About,
    name: str,
    check: Callable[[], Awaitable[None]],
    subject: CarrierUnderTest,
    stage_can: frozenset[str],
) -> Check:
    if not about.shows or about.shows in stage_can:
        return Check(about.area, _words(name), Verdict.KEPT, check, subject.real_time)
    missing = f"the stage has no `{about.shows}`"
    if about.shows == "fail":
        if subject.network_can_fail:
            return _failing(about.area, _words(name), f"Failures are shown: {missing}.")
        missing = "its network cannot fail"
    return Check(about.area, _words(name), Verdict.NOT_SHOWN, _nothing, real_time=False, missing=missing)


def _of_samples(subject: CarrierUnderTest, able: Capabilities) -> Iterator[Check]:
    webhooks, dialect = subject.webhooks(), subject.dialect()
    if webhooks is not None:
        yield from _of_suite(_Webhooks(subject), subject, able, frozenset())
    else:
        yield Check(Area.WEBHOOKS, "webhooks", Verdict.NOT_SHOWN, _no_reader(subject), missing="it has none")
    if dialect is not None:
        yield from _of_suite(_Dialect(dialect), subject, able, frozenset())
    elif able.media_stream and not subject.attaches_audio:
        sentence = "A carrier that claims `media_stream` is shown at it: `dialect` gives samples, or it attaches audio."
        yield _failing(Area.DIALECT, "media streams are shown", sentence)


def _of_refusals(subject: CarrierUnderTest, able: Capabilities) -> Iterator[Check]:
    suite = _bound(CarrierRefusals, subject)
    assert isinstance(suite, CarrierRefusals)
    for area, ability in ABILITY_AREAS.items():
        if area is not Area.DIALECT and not getattr(able, ability):
            yield Check(
                area,
                f"{ability} is not claimed, and refused",
                Verdict.REFUSED,
                lambda ability=ability: suite.refuses(ability),  # type: ignore[misc]  # bound now, not later
                subject.real_time,
            )


class _Webhooks(WebhookReaderConformance):
    def __init__(self, subject: CarrierUnderTest) -> None:
        samples = subject.webhooks()
        assert samples is not None
        self._samples = samples

    def reader(self) -> WebhookReader:
        return self._samples.reader

    def requests(self) -> tuple[WebhookRequest, WebhookRequest]:
        return self._samples.requests

    def forged(self) -> WebhookRequest | None:
        return self._samples.forged


class _Dialect(MediaDialectConformance):
    def __init__(self, samples: DialectSamples) -> None:
        self._samples = samples

    def samples(self) -> DialectSamples:
        return self._samples


def _checks_in(suite: object) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """Yield the checks of a suite in the order in which they are written."""
    for kind in reversed(type(suite).__mro__):
        for name in vars(kind):
            if name.startswith("test_"):
                yield name, _awaitable(getattr(suite, name))


def _awaitable(check: Callable[[], Any]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        result = check()
        if result is not None:
            await result

    run.__dict__.update(check.__dict__)  # what it is about
    return run


def _words(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


async def _nothing() -> None:
    """Check nothing."""


def _no_reader(subject: CarrierUnderTest) -> Callable[[], Awaitable[None]]:
    async def check() -> None:
        async with subject.open_stage(NotingExchange()) as stage:
            if hasattr(stage.carrier, "authenticate"):
                raise BrokenPromiseError(
                    "A carrier that reads webhooks is shown at it: `webhooks` gives samples."
                )

    return check


def _failing(area: Area, name: str, sentence: str) -> Check:
    async def fail() -> None:
        raise BrokenPromiseError(sentence)

    return Check(area, name, Verdict.BROKEN, fail, real_time=False)
