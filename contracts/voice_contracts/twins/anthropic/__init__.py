"""The twin of Anthropic: messages, streamed or whole, with exact delays."""

__all__: tuple[str, ...] = ()
