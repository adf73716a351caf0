"""What a client's socket sends, judged by a library that knows all rules."""

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage

from voice_adapters.transports.outgoing_frames import client_text_frame


@pytest.mark.parametrize("size", [0, 1, 3, 4, 125, 126, 127, 65_535, 65_536, 100_000])
def test_a_text_of_any_size_arrives_whole(size: int) -> None:
    text = ("ü" * size)[:size] if size % 2 else "x" * size
    far_end = Connection(ConnectionType.SERVER)

    far_end.receive_data(client_text_frame(text.encode()))
    events = list(far_end.events())

    assert all(isinstance(event, TextMessage) for event in events)
    assert "".join(event.data for event in events if isinstance(event, TextMessage)) == text
    assert [event.message_finished for event in events if isinstance(event, TextMessage)][-1]


def test_every_frame_has_a_mask_of_its_own() -> None:
    masks = {client_text_frame(b"{}")[2:6] for _ in range(100)}

    assert len(masks) > 90
