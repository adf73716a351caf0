"""The promises of a carrier's own voice and ear, `NativeSpeech`, as checks; used like those of the carrier."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import cast

from voice_contracts.conformance.about import Area, about
from voice_contracts.conformance.carrier_stage import CarrierStage, NotingExchange, TalkingStage
from voice_contracts.conformance.carrier_suite import CarrierSuite
from voice_contracts.conformance.promise import promise
from voice_domain.identity import CarrierCallId, SpeechId
from voice_domain.inputs import WordsHeard
from voice_domain.ports.carrier import NativeSpeech, SpeechPlayed, SpokenText

__all__ = ("CarrierSpeechConformance",)

_WORDS = "Yes, please."
_LONG = "This is a long announcement that nobody wants to hear to its end. " * 5


class CarrierSpeechConformance(CarrierSuite):
    """Everything that a call without a media stream relies on."""

    @about(Area.SPEECH, supposes="native_speech")
    async def test_a_text_is_accepted_and_read_to_its_end(self) -> None:
        """What comes after it waits for its end."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            leg = await self.answered(stage, exchange)
            await self._read(stage, exchange, leg, "greeting", "Hello.")

    @about(Area.SPEECH, supposes="native_speech")
    async def test_a_newer_text_replaces_the_one_that_is_read(self) -> None:
        """Whoever interrupts us is answered, not told the rest."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            leg = await self.answered(stage, exchange)
            await self._interrupted(stage, leg)
            await self._read(stage, exchange, leg, "next", "Well.")

    @about(Area.SPEECH, supposes="native_speech")
    async def test_reading_can_be_stopped(self) -> None:
        """A barge-in silences us."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            leg = await self.answered(stage, exchange)
            await self._interrupted(stage, leg)
            silence = partial(_voice(stage).silence, leg)
            await self.does("`silence` stops what is read.", silence)
            await self._read(stage, exchange, leg, "next", "Well.")

    @about(Area.LISTENING, supposes="native_listening")
    async def test_what_the_counterpart_says_is_heard(self) -> None:
        """A conversation needs both sides."""
        exchange = NotingExchange()
        sentence = "What the counterpart says while it is listened to is told as WordsHeard, as a final one."
        async with self.open_stage(exchange) as stage:
            shown = hasattr(stage, "say")
            promise(
                "A carrier that claims `native_listening` is shown at it: the stage has `say`.", kept=shown
            )
            leg = await self.answered(stage, exchange)
            await self._read(stage, exchange, leg, "question", "Shall we?", then_listen=True)
            await self.does("`listen` begins to transcribe.", self._listen(stage, leg))
            await cast("TalkingStage", stage).say(leg, _WORDS)
            await exchange.until(
                sentence, lambda: _finals(exchange, leg) != [], deadline_seconds=self.deadline_seconds
            )
            heard = _finals(exchange, leg)[0]

        promise("`WordsHeard` holds the words that were said.", kept=_same(heard.text, _WORDS), seen=heard)
        promise("News carry the carrier's own id for the event.", kept=heard.event_id != "", seen=heard)

    @about(Area.LISTENING, supposes="native_listening")
    async def test_listening_can_be_stopped_and_stopped_again(self) -> None:
        """A call that ends stops listening whether it had begun or not."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            leg = await self.answered(stage, exchange)
            await self.does("`listen` begins to transcribe.", self._listen(stage, leg))
            for _ in range(2):
                stop = partial(_voice(stage).stop_listening, leg)
                await self.does("`stop_listening` stops it, and may be repeated.", stop)

    async def _interrupted(self, stage: CarrierStage, leg: CarrierCallId) -> None:
        """Order a long text. Who can be told nothing meanwhile asks us when the counterpart speaks into it."""
        asks = callable(getattr(stage.carrier, "waits", None))
        await self._order(stage, leg, "long", _LONG, then_listen=asks)
        if asks and hasattr(stage, "say"):
            await cast("TalkingStage", stage).say(leg, _WORDS)

    def _listen(self, stage: CarrierStage, leg: CarrierCallId) -> Callable[[], Awaitable[None]]:
        return partial(_voice(stage).listen, leg, locale="en-US")

    async def _read(
        self,
        stage: CarrierStage,
        exchange: NotingExchange,
        leg: CarrierCallId,
        name: str,
        text: str,
        *,
        then_listen: bool = False,
    ) -> None:
        """Order a text, and wait for its end where the carrier tells it."""
        await self._order(stage, leg, name, text, then_listen=then_listen)
        if not _voice(stage).tells_end:
            return

        def ended() -> bool:
            return any(
                isinstance(signal.news, SpeechPlayed) and signal.news.speech_id == name
                for signal in exchange.signals
            )

        sentence = "The end of a text that was read is told as SpeechPlayed with the speech's id, as `tells_end` says."
        await exchange.until(sentence, ended, deadline_seconds=self.deadline_seconds)

    async def _order(
        self, stage: CarrierStage, leg: CarrierCallId, name: str, text: str, *, then_listen: bool = False
    ) -> None:
        spoken = SpokenText(
            speech_id=SpeechId(name),
            part=0,
            text=text,
            locale="en-US",
            interruptible=then_listen,
            then_listen=then_listen,
        )
        await self.does("`speak` accepts a text.", partial(_voice(stage).speak, leg, spoken))


def _voice(stage: CarrierStage) -> NativeSpeech:
    return cast("NativeSpeech", stage.carrier)


def _finals(exchange: NotingExchange, leg: CarrierCallId) -> list[WordsHeard]:
    return [heard for heard in exchange.news(WordsHeard, leg) if heard.final]


def _same(heard: str, said: str) -> bool:
    """Whether two transcriptions have the same letters; carriers write them with and without punctuation."""
    return [c for c in heard.lower() if c.isalnum()] == [c for c in said.lower() if c.isalnum()]
