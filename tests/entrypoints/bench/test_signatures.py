"""Signatures are checked beside the vendors' own libraries; a library that is missing is named."""

import attrs
import pytest

from voice_adapters.carriers.twilio import TwilioSignature
from voice_contracts.twins.staged import stage_of
from voice_domain.ports.webhook_reader import NotAuthenticError
from voice_entrypoints.bench import signatures
from voice_entrypoints.bench.signatures.contest import (
    ARRANGED,
    FORM,
    REQUESTS,
    Check,
    Contest,
    form_notices,
    posted,
)
from voice_entrypoints.bench.signatures.contests import CONTESTS


def _absent() -> Check:
    raise ModuleNotFoundError("no_such_library")


def test_a_short_run_has_our_cost_for_every_carrier() -> None:
    # The one library takes seconds to load.
    quick = [attrs.evolve(each, theirs=_absent) if "telnyx" in each.install else each for each in CONTESTS]
    measured = signatures.measure(windows=1, rounds=1, contests=quick)

    ours = [row for row in measured["rows"] if ", ours" in row["what"] and row["unit"] == "µs"]
    assert [row["what"].partition(",")[0] for row in ours] == ["twilio", "telnyx", "plivo", "aliyun"]
    assert all(row["value"] > 0 for row in measured["rows"])
    assert len(measured["rows"]) == 3 * len(CONTESTS) - 2 * len(measured["missing"])


def test_a_missing_library_is_named_with_what_installs_it() -> None:
    contest = Contest("acme, rot13", lambda: lambda _: None, _absent, "acme[webhooks]")

    measured = signatures.measure(windows=1, rounds=1, contests=[contest])

    (row,) = measured["rows"]
    assert row["what"] == "acme, rot13, ours (no yardstick: pip install 'acme[webhooks]')"
    assert measured["missing"] == ["acme[webhooks]"]


def test_both_sides_are_measured_by_turns_and_compared() -> None:
    asked: list[str] = []
    contest = Contest(
        "acme", lambda: lambda _: asked.append("ours"), lambda: lambda _: asked.append("theirs"), "acme"
    )

    measured = signatures.measure(windows=2, rounds=1, contests=[contest])

    assert asked == (["ours"] * REQUESTS + ["theirs"] * REQUESTS) * 3
    assert measured["rows"][-1]["what"] == "acme, ours to theirs"
    assert (measured["rows"][-1]["aim"], measured["rows"][-1]["better"]) == (1.0, "less")


def test_what_is_measured_is_really_checked() -> None:
    notice = form_notices()[0]
    forged = posted(notice.body + b"x", {**FORM, **stage_of("twilio").signed(ARRANGED, notice)})

    with pytest.raises(NotAuthenticError):
        TwilioSignature(auth_token=ARRANGED.secret).authenticate(forged)


@pytest.mark.parametrize("contest", CONTESTS[:3], ids=lambda contest: contest.install)
def test_every_request_is_another_one(contest: Contest) -> None:
    check = contest.ours()
    keys = [check(number) for number in range(REQUESTS)]

    assert keys[0] is None or len(set(keys)) == REQUESTS
