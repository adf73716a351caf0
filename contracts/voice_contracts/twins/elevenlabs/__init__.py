"""The twin of ElevenLabs: speech out, with exact delays."""

__all__: tuple[str, ...] = ()
