"""The runtime: mailboxes, timers, outbox and shutdown; the only place that waits and starts tasks for calls."""

__all__: tuple[str, ...] = ()
