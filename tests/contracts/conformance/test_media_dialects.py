"""Every dialect of ours keeps the promises of media dialects, and a faulty one is told which promise it breaks."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from support.dialect_samples import dialect_samples

from voice_adapters.carriers.plivo import PlivoDialect
from voice_adapters.carriers.telnyx import TelnyxDialect
from voice_adapters.carriers.twilio import TwilioDialect
from voice_contracts.conformance.carrier_under_test import DialectSamples
from voice_contracts.conformance.media_dialect import MediaDialectConformance
from voice_contracts.conformance.promise import BrokenPromiseError
from voice_domain.ports.media_dialect import (
    DialectSession,
    FrameCame,
    MarkCame,
    MediaDialect,
    MediaMessage,
    StreamBegan,
    StreamOver,
)


class TestTwilioDialect(MediaDialectConformance):
    def samples(self) -> DialectSamples:
        return dialect_samples("twilio", TwilioDialect())


class TestTelnyxDialect(MediaDialectConformance):
    def samples(self) -> DialectSamples:
        return dialect_samples("telnyx", TelnyxDialect())


class TestPlivoDialect(MediaDialectConformance):
    def samples(self) -> DialectSamples:
        return dialect_samples("plivo", PlivoDialect(), mark="playedStream")


@attrs.define
class BadDialect(MediaDialect, DialectSession):
    """Twilio's with a fault; one session for all streams where that is the fault."""

    fault: str
    good: DialectSession = attrs.field(factory=lambda: TwilioDialect().session())

    def session(self) -> DialectSession:
        return self if self.fault == "shared" else BadDialect(self.fault)

    def read(self, message: bytes | str) -> MediaMessage | None:
        if self.fault == "crashes" and not message:
            raise IndexError
        told = self.good.read(message)
        deaf: dict[str, type[Any]] = {
            "no beginning": StreamBegan,
            "no audio": FrameCame,
            "no marks": MarkCame,
            "no end": StreamOver,
        }
        return None if isinstance(told, deaf.get(self.fault, ())) else told

    def frame(self, payload: bytes) -> bytes:
        return b"\xff" + payload if self.fault == "binary" else self.good.frame(payload)

    def mark(self, name: str) -> bytes:
        return self.good.mark("always" if self.fault == "one mark" else name)

    def clear(self) -> bytes:
        return b"" if self.fault == "no clear" else self.good.clear()


class Suite(MediaDialectConformance):
    def __init__(self, fault: str) -> None:
        self.fault = fault

    def samples(self) -> DialectSamples:
        return dialect_samples("twilio", BadDialect(self.fault))


def broken_by(fault: str) -> list[str]:
    suite, broken = Suite(fault), []
    checks: list[Callable[[], None]] = [
        getattr(suite, name) for name in dir(suite) if name.startswith("test_")
    ]
    for check in checks:
        try:
            check()
        except BrokenPromiseError as error:
            broken.append(error.sentence)
    return broken


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("no beginning", "is read as StreamBegan"),
        ("no audio", "is read as FrameCame"),
        ("no marks", "is read as MarkCame"),
        ("no end", "is read as StreamOver"),
        ("binary", "text in UTF-8"),
        ("one mark", "are other messages"),
        ("no clear", "none is empty"),
        ("shared", "a wording of its own"),
        ("crashes", "`read` raises BadMediaError, and nothing else"),
    ],
)
def test_a_dialect_with_a_fault_is_told_which_promise_it_breaks(fault: str, promise: str) -> None:
    assert any(promise in sentence for sentence in broken_by(fault))


def test_a_whole_dialect_breaks_no_promise() -> None:
    assert broken_by("") == []
