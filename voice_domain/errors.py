"""The root of everything this library raises on purpose."""

from typing import ClassVar

__all__ = ("VoiceError",)


class VoiceError(Exception):
    """Something went wrong that a person or a program can act on.

    The message is one sentence that names what was wrong and the remedy, and never holds a secret.
    Subclasses live beside the code that raises them and carry what went wrong as attributes.
    """

    kind: ClassVar[str] = "error"
    """The stable word for this failure; the error table in the contracts maps it to every transport."""
