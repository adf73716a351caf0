"""Which way a call would take, as far as it is known before it is placed."""

import attrs

__all__ = ("CallRoute",)


@attrs.frozen(kw_only=True)
class CallRoute:
    """Who speaks, listens and answers in a call, and how the carrier finds us."""

    streamed: bool
    """Whether its audio comes to us; else the carrier speaks and listens with voices of its own."""
    voice: str
    """The service that speaks; `carrier` is the carrier itself."""
    responder: str | None
    """The model that answers; `echo` where none is set up; None in a call that only says its message."""
    public_url: str | None
    """Where the carrier sends its webhooks; None where none is set, or none is known before a tunnel opens."""
    tunnel: str | None
    """What makes that address; None where `publicUrl` is set or there is no tunnel."""
