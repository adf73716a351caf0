"""What is wrong with a policy as the user wrote it."""

from typing import ClassVar

from voice_domain.errors import VoiceError

__all__ = ("InvalidPolicyError",)


class InvalidPolicyError(VoiceError):
    """A policy cannot be built from these settings; *setting* is the user's own key."""

    kind: ClassVar[str] = "invalid_settings"

    def __init__(self, setting: str, problem: str) -> None:
        super().__init__(f"{setting}: {problem}")
        self.setting = setting
        self.problem = problem
