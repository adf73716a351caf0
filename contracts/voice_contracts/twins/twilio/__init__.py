"""The twin of Twilio: Programmable Voice and Media Streams, from the carrier's side."""

__all__: tuple[str, ...] = ()
