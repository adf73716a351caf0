"""Speaking in a conversation of Aliyun's: what we say waits until Aliyun asks. It listens all the time."""

from typing import Final

import anyio
import attrs

from voice_adapters.carriers.aliyun.error_codes import CARRIER, callback_missing
from voice_adapters.carriers.aliyun.legs import Legs, Wish
from voice_adapters.carriers.aliyun.texts import spoken_text
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError, NativeSpeech, SpokenText
from voice_domain.speech import OPENING_ID

__all__ = ("AliyunSpeech",)

_PATIENCE_SECONDS: Final = 13.0
"""Aliyun asks after every second of silence: if it does not for so long, it cannot reach us."""


@attrs.frozen(kw_only=True)
class AliyunSpeech(NativeSpeech):
    """Plays the role for all calls."""

    legs: Legs

    @property
    def tells_end(self) -> bool:
        """Nothing is told when a text was read to its end."""
        return False

    async def speak(self, carrier_call_id: CarrierCallId, spoken: SpokenText) -> None:
        """Give a text to Aliyun when it asks next. The opening it has had since the dial.

        Raises:
            CarrierError: if Aliyun does not ask, as in a call that reads a template, or the call is over.
        """
        if spoken.speech_id == OPENING_ID:
            return
        leg = self.legs.of(carrier_call_id)
        if not leg.asks:
            raise CarrierError(
                CARRIER,
                "语音通知播放模板时不能插话，请使用 conversation 模式；"
                "Nothing can be said into a notify call that reads a template: use the mode conversation",
            )
        text = spoken_text(spoken.text)
        if not text:
            return
        wish = Wish(text, spoken.interruptible)
        leg.want(wish)
        try:
            with anyio.move_on_after(_PATIENCE_SECONDS) as patience:
                await wish.settled.wait()
        finally:
            if leg.wish is wish:
                leg.drop_wish()
        if patience.cancelled_caught:
            raise callback_missing()

    async def silence(self, carrier_call_id: CarrierCallId) -> None:
        """Stop reading at the next question. What the counterpart spoke over is silent already."""
        leg = self.legs.find(carrier_call_id)
        if leg is not None:
            leg.drop_wish()
            leg.quiet = True

    async def listen(self, carrier_call_id: CarrierCallId, *, locale: str) -> None:
        """Do nothing: Aliyun transcribes from the answer to the end."""

    async def stop_listening(self, carrier_call_id: CarrierCallId) -> None:
        """Do nothing: words that nobody wants change nothing."""
