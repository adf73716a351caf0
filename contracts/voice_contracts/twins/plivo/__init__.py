"""The twin of Plivo: Voice API, XML and audio streams, from the carrier's side."""

__all__: tuple[str, ...] = ()
