"""Who dialled a leg, from what an event says of it."""

from typing import TYPE_CHECKING

import pytest

from voice_adapters.carriers.telnyx.fields import Fields
from voice_domain.e164 import PhoneNumber
from voice_domain.vocabulary import Direction

if TYPE_CHECKING:
    from conftest import Webhooks

OURS, THEIRS = "+15550000000", "+15550005678"
IN, OUT = Direction.INBOUND, Direction.OUTBOUND


@pytest.mark.parametrize(
    ("said", "own_number", "direction"),
    [
        ({"direction": "incoming", "from": OURS, "to": THEIRS}, OURS, IN),
        ({"direction": "outgoing", "from": THEIRS, "to": OURS}, OURS, OUT),
        ({"direction": " Inbound", "from": OURS, "to": THEIRS}, OURS, IN),
        ({"direction": "outbound", "from": THEIRS, "to": OURS}, OURS, OUT),
        ({"from": OURS, "to": THEIRS}, OURS, OUT),
        ({"from": THEIRS, "to": OURS}, OURS, IN),
        ({"from": OURS, "to": OURS, "client_state": "Yy0x"}, OURS, OUT),
        ({"from": OURS, "to": OURS, "client_state": ""}, OURS, IN),
        ({"from": THEIRS, "to": "+15550009999", "client_state": "Yy0x"}, OURS, OUT),
        ({"from": "anonymous", "to": THEIRS, "client_state": ""}, None, IN),
    ],
)
def test_the_direction_is_said_or_follows_from_the_numbers_or_from_our_own_name(
    webhooks: "Webhooks", said: dict[str, str], own_number: str | None, direction: Direction
) -> None:
    fields = Fields.of(webhooks("call.answered", **{"direction": "", **said}))

    assert fields.direction_of_leg(PhoneNumber(own_number) if own_number else None) is direction
