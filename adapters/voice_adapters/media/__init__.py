"""The audio side of a call: pacing, playback with heard truth, hearing, recording."""

__all__: tuple[str, ...] = ()
