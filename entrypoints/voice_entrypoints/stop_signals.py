"""Which signals ask a program to stop."""

import signal

__all__ = ("stop_signals",)


def stop_signals() -> tuple[signal.Signals, ...]:
    """Return Ctrl-C, the request to terminate, and the loss of the terminal where that is not ignored (`nohup`)."""
    asked = (signal.SIGINT, signal.SIGTERM)
    hang_up = getattr(signal, "SIGHUP", None)  # Windows has none
    if hang_up is None or signal.getsignal(hang_up) is signal.SIG_IGN:
        return asked
    return (*asked, hang_up)
