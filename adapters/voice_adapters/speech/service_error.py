"""A speech service failed, and whose fault it was."""

from voice_adapters.services.fault import Explanation, Fault
from voice_domain.ports.synthesizer import SynthesisError

__all__ = ("SpeechServiceError",)


class SpeechServiceError(SynthesisError):
    """An online voice did not speak; whoever has another voice asks `fault` how long to stay away from this one."""

    def __init__(self, service: str, explanation: Explanation, *, status: int | None = None) -> None:
        super().__init__(service, explanation.problem)
        self.fault: Fault = explanation.fault
        self.code = explanation.code
        """The service's own word; empty when it gave none."""
        self.status = status
        """The HTTP status; None when there was no refusal."""
