"""Where a broken line costs trust, money or the truth: signatures, numbers and causes, and the tests that hold them."""

from pathlib import Path
from typing import NamedTuple

__all__ = ("ROOT", "TARGETS", "Target")

ROOT = Path(__file__).resolve().parents[1]
_FOLDERS = {
    "voice_domain": ROOT,
    "voice_adapters": ROOT / "adapters",
    "voice_entrypoints": ROOT / "entrypoints",
}


class Target(NamedTuple):
    """A module whose lines matter, and the files of tests that hold it."""

    module: str
    tests: tuple[str, ...]
    """Below `tests/`, without their ending."""
    only: tuple[str, ...] = ()
    """The functions and constants that matter; empty for all of the module."""

    @property
    def title(self) -> str:
        """What its mutants are called after."""
        return "/".join(self.module.split(".")[-2:])

    @property
    def group(self) -> str:
        """What it is counted with."""
        return self.title.partition("/")[0]

    def source(self) -> str:
        """Return its text."""
        folder = _FOLDERS[self.module.partition(".")[0]]
        return folder.joinpath(*self.module.split(".")).with_suffix(".py").read_text(encoding="utf-8")

    def files(self) -> set[Path]:
        """Return where its tests are."""
        return {ROOT / "tests" / f"{name}.py" for name in self.tests}


def _carrier(title: str, tests: str, *only: str) -> Target:
    carrier, _, module = title.partition("/")
    paths = tuple(f"adapters/carriers/{carrier}/test_{name}" for name in tests.split())
    return Target(f"voice_adapters.carriers.{carrier}.{module}", paths, only)


TARGETS = (
    # Whether a webhook is believed, and what we sign.
    _carrier("twilio/signature", "signature ports"),
    _carrier("telnyx/signature", "signature"),
    _carrier("telnyx/public_key", "signature"),
    _carrier("plivo/signature", "signature"),
    _carrier("aliyun/callback_token", "callback_token"),
    _carrier("aliyun/signature", "signature"),
    _carrier("aliyun/client", "client", "_check_key", "_request", "_now", "_VERSION", "_NOTHING"),
    Target("voice_adapters.transports.webhook_signature", ("entrypoints/test_reports",)),
    Target("voice_entrypoints.http.replay", ("entrypoints/http/test_replay",)),
    # How numbers are read and written.
    Target("voice_domain.dialled_text", ("domain/test_dialled_text", "domain/test_e164")),
    Target("voice_domain.e164", ("domain/test_e164",)),
    Target(
        "voice_domain.numbering_plan",
        ("domain/test_e164",),
        (
            *("_CHINA", "_CHINESE_WITHOUT_TRUNK", "national_digits_of", "region_of", "parsed_e164"),
            *("regions_of_country_code", "is_region", "is_assigned"),
        ),
    ),
    Target(
        "voice_domain.inbound_policy",
        ("domain/test_inbound_policy",),
        ("_WITHHELD_WORDS", "_KEYPAD", "_WITHHELD_DIGITS", "caller_number"),
    ),
    _carrier("twilio/fields", "webhooks", "caller", "callee"),
    _carrier("telnyx/fields", "webhooks fields", "caller", "callee"),
    _carrier("plivo/client", "client carrier", "plain_number", "_is_between"),
    _carrier("plivo/fields", "webhooks", "caller", "callee", "_number"),
    _carrier("aliyun/numbers", "dialling"),
    _carrier("aliyun/dialling", "dialling", "_numbers"),
    _carrier("mock/fields", "webhooks", "phone_number", "_WITHHELD"),
    # Why a call is over, who dialled, and whether it lives.
    _carrier("twilio/statuses", "statuses webhooks"),
    _carrier("twilio/fields", "webhooks", "status", "direction", "_DIRECTIONS"),
    _carrier("telnyx/causes", "causes"),
    _carrier("telnyx/fields", "webhooks fields", "direction", "_DIRECTIONS", "direction_of_leg"),
    _carrier("telnyx/webhooks", "webhooks", "_hung_up"),
    _carrier("plivo/causes", "causes"),
    _carrier("plivo/fields", "webhooks", "status", "direction", "_DIRECTIONS", "is_end", "was_up"),
    _carrier("plivo/webhooks", "webhooks", "_end"),
    _carrier("plivo/line_status", "carrier"),
    _carrier("aliyun/statuses", "statuses webhooks"),
    _carrier("aliyun/webhooks", "webhooks carrier", "tells_end", "_reported", "_completed", "_is_final"),
    _carrier("mock/webhooks", "webhooks", "_ended"),
)
