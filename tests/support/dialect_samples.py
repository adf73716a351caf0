"""Messages of recorded media streams, as the suite for dialects wants them."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

from voice_contracts.conformance.carrier_under_test import DialectSamples
from voice_domain.ports.media_dialect import MediaDialect

__all__ = ("dialect_samples",)

VECTORS = Path(__file__).parents[1] / "vectors"


def dialect_samples(carrier: str, dialect: MediaDialect, mark: str = "mark") -> DialectSamples:
    """Return the samples of a *carrier* whose recorded streams call a played mark *mark*."""
    events = json.loads((VECTORS / carrier / "media.json").read_text(encoding="utf-8"))["events"]
    recorded: dict[str, Any] = {event["name"]: event["message"] for event in events}
    recorded["media"]["media"]["chunk"] = "1"  # the first of its stream, so that it waits for no other
    return DialectSamples(
        dialect=dialect,
        began=json.dumps(recorded["start"]),
        frame=json.dumps(recorded["media"]),
        frame_payload=b64decode(recorded["media"]["media"]["payload"]),
        mark=json.dumps(recorded[mark]),
        mark_name="m-1",
        over=json.dumps(recorded["stop"]),
    )
