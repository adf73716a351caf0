"""The twin of Telnyx: Call Control v2, signed webhooks and media streaming, from what Telnyx documents."""

__all__: tuple[str, ...] = ()
