"""Takes a single error out of the groups that task groups wrap around it."""

from voice_adapters.transports.lone_error import lone_errors

__all__ = ("lone_errors",)
