"""The mouth and ear of one call, whatever carries the audio."""

from typing import Protocol

from voice_domain.effects import Play
from voice_domain.identity import SpeechId
from voice_domain.inputs import CallInput
from voice_domain.ports.carrier import SpeechPlayed
from voice_domain.ports.media import MediaLink, MediaListener

__all__ = ("SpeechMoments", "Voice")


class Voice(Protocol):
    """Speaks and listens for one call, and reports to its mailbox what was heard on both sides."""

    async def prepare(self, text: str, *, locale: str) -> None:
        """Get *text* ready to be said, while it rings; a voice that cannot does nothing."""

    def play(self, order: Play) -> None:
        """Say a part after all others."""
        ...

    def foresee(self, order: Play) -> None:
        """Begin to make the sound of a part that will be ordered next; nothing of it is heard before `play`.

        A voice that cannot does nothing.
        """

    def forget(self) -> None:
        """What was foreseen is not ordered now; it may be later."""

    def clear(self) -> None:
        """Stop and drop everything, reporting what was heard of it."""
        ...

    def cut(self) -> list[CallInput]:
        """As `clear`, but return the reports: the call is over."""
        ...

    def pause(self) -> None:
        """Be silent and remember where."""
        ...

    def resume(self) -> None:
        """Go on from there."""
        ...

    def listen(self, locale: str) -> None:
        """Transcribe the counterpart from now on."""
        ...

    def stop_listening(self) -> None:
        """Transcribe no more."""
        ...

    def keys_sent(self) -> None:
        """Keys are being pressed for us, which may cut what a carrier's own voice reads."""
        ...

    def attach(self, link: MediaLink) -> MediaListener:
        """Use this media link from now on; an older one is closed."""
        ...

    def played(self, played: SpeechPlayed) -> None:
        """The carrier's own voice has read a part to its end."""
        ...

    async def run(self) -> None:
        """Work until cancelled, then let everything go."""
        ...


class SpeechMoments(Protocol):
    """Is told when the parts of our speech pass the points that latency is measured at."""

    def first_byte(self, speech_id: SpeechId, part: int) -> None:
        """The synthesizer gave the first audio of a part."""
        ...

    def first_frame(self, speech_id: SpeechId, part: int) -> None:
        """The first frame of a part went out."""
        ...
