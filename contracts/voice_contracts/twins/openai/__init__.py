"""The twin of OpenAI: speech out, speech in, and text, with exact delays."""

__all__: tuple[str, ...] = ()
