"""Aliyun in all roles of a carrier: it dials, speaks, listens, hangs up, and is answered when it asks.

No request speaks into a call, or ends one: both are answers to Aliyun's next question, so that they wait for it.
"""

import logging
from typing import Any, Final

import anyio
import attrs

from voice_adapters.carriers.aliyun.answers import CARRY_ON, HANG_UP, NOTED, STOP, answer, reading
from voice_adapters.carriers.aliyun.callback_token import CallbackToken
from voice_adapters.carriers.aliyun.client import AliyunClient
from voice_adapters.carriers.aliyun.details import look_up
from voice_adapters.carriers.aliyun.dialling import Scripts
from voice_adapters.carriers.aliyun.error_codes import CARRIER
from voice_adapters.carriers.aliyun.legs import Leg, Legs
from voice_adapters.carriers.aliyun.notices import Notice, Question, notices_of
from voice_adapters.carriers.aliyun.speech import AliyunSpeech
from voice_adapters.carriers.aliyun.webhooks import (
    brings_words,
    repeats_question,
    signals_of,
    tells_end,
)
from voice_domain.call import Call
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import (
    AskingCarrier,
    Capabilities,
    Carrier,
    CarrierSignal,
    DialRequest,
    LineStatus,
    NativeSpeech,
    SpokenText,
    UnsupportedError,
)
from voice_domain.ports.clock import Clock
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest, WebhookResponse

__all__ = ("AliyunCarrier",)

_log = logging.getLogger(__name__)

_END_SECONDS: Final = 6.0
"""How long a hang-up waits for Aliyun to ask; the next question is answered with it, however late it comes."""
_THOUGHT_SECONDS: Final = 1.5
"""How long a question waits for an answer that is being thought of; it comes with the next one otherwise."""
_THOUGHTS: Final = 4
"""How many questions wait at once: the listener takes eight requests of one address at a time, and Aliyun has few."""


@attrs.frozen(kw_only=True, eq=False)
class AliyunCarrier(Carrier, AskingCarrier, NativeSpeech, WebhookReader):
    """One account of Aliyun's voice service."""

    client: AliyunClient
    token: CallbackToken
    scripts: Scripts
    clock: Clock
    _legs: Legs = attrs.field(factory=Legs, init=False)
    _thinking: set[Leg] = attrs.field(factory=set, init=False)
    """The calls whose question waits for an answer."""
    _speech: AliyunSpeech = attrs.field(init=False)

    @_speech.default
    def _make_speech(self) -> AliyunSpeech:
        return AliyunSpeech(legs=self._legs)

    @property
    def name(self) -> str:
        """The word for it in the settings file."""
        return CARRIER

    @property
    def capabilities(self) -> Capabilities:
        """Its own voice and ear; nothing can be said into a notify call that reads a template."""
        return Capabilities(
            native_speech=True, native_listening=True, live_speech=self.scripts.tts_code is None
        )

    async def dial(self, request: DialRequest) -> CarrierCallId:
        """Place a call; see the port. The network decides how long it rings.

        Raises:
            CarrierError: if the message cannot be read, in which case nothing is asked; else see `AliyunClient.place`.
        """
        order = self.scripts.order(request)
        leg = self._legs.expect(request.call_id, asks=order.asks)
        carrier_call_id = await self.client.place(order.action, order.parameters)
        self._legs.name(leg, carrier_call_id)
        return carrier_call_id

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        """Refuse: callers are not brought to us.

        Raises:
            UnsupportedError: always.
        """
        del carrier_call_id
        raise UnsupportedError(self.name, "inbound calls")

    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        """Refuse, as `answer` does.

        Raises:
            UnsupportedError: always.
        """
        del carrier_call_id, busy
        raise UnsupportedError(self.name, "inbound calls")

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        """Have the next question answered with the end, and wait six seconds for it.

        There is no request that ends a call. If Aliyun does not ask meanwhile, as while the phone rings, the wish is
        kept and the call counts as ending: it ends with the next question, with its template, or with its session.
        """
        leg = self._legs.of(carrier_call_id)
        leg.want_end()
        with anyio.move_on_after(_END_SECONDS) as patience:
            await leg.gone.wait()
        if patience.cancelled_caught:
            _log.warning("call %s: the hang-up waits for Aliyun's next question", carrier_call_id)

    def waits(self, carrier_call_id: CarrierCallId) -> bool:
        """Whether what is wanted of a call waits for Aliyun's next question."""
        leg = self._legs.find(carrier_call_id)
        return leg is not None and not leg.gone.is_set()

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        """Return what Aliyun keeps of a call, which is nothing until it is over.

        Raises:
            CarrierError: if it could not be asked.
        """
        return await look_up(self.client, carrier_call_id, now_ms=self.clock.now_ms())

    @property
    def tells_end(self) -> bool:
        """See `AliyunSpeech`."""
        return self._speech.tells_end

    async def speak(self, carrier_call_id: CarrierCallId, spoken: SpokenText) -> None:
        """Read a text from Aliyun's next question on; see `AliyunSpeech`."""
        await self._speech.speak(carrier_call_id, spoken)

    async def silence(self, carrier_call_id: CarrierCallId) -> None:
        """Stop reading; see `AliyunSpeech`."""
        await self._speech.silence(carrier_call_id)

    async def listen(self, carrier_call_id: CarrierCallId, *, locale: str) -> None:
        """Do nothing; see `AliyunSpeech`."""
        await self._speech.listen(carrier_call_id, locale=locale)

    async def stop_listening(self, carrier_call_id: CarrierCallId) -> None:
        """Do nothing; see `AliyunSpeech`."""
        await self._speech.stop_listening(carrier_call_id)

    @property
    def required_headers(self) -> tuple[str, ...]:
        """None: Aliyun signs nothing."""
        return ()

    @property
    def secret_path(self) -> str:
        """The last segment of the path at which callbacks are taken."""
        return self.token.reveal()

    def authenticate(self, request: WebhookRequest) -> str:
        """Return a key made from all that the request tells; see `CallbackToken`.

        Raises:
            NotAuthenticError: if it does not know the secret path.
        """
        return self.token.authenticate(request)

    def translate(self, request: WebhookRequest) -> tuple[CarrierSignal, ...]:
        """Return what a callback or reports tell. What claims to be of a call of ours and is not tells nothing.

        Raises:
            BadWebhookError: if it names no call.
        """
        now_ms = self.clock.now_ms()
        told: list[CarrierSignal] = []
        for notice in notices_of(request):
            leg, believed = self._legs.recognise(notice.carrier_call_id, notice.name)
            if not believed:
                _log.warning("a callback about call %s claims to be of another call", notice.carrier_call_id)
                continue
            if leg is not None:
                _keep_in_mind(leg, notice)
                if leg.asks and repeats_question(notice):
                    continue
            known = None if leg is None else leg.call_id
            reads = leg is not None and not leg.asks
            told += signals_of(notice, call_id=known, now_ms=now_ms, reads_template=reads)
        return tuple(told)

    async def deliberate(self, request: WebhookRequest, call: Call | None) -> None:
        """Hold a question back while the answer to what was just said is being thought of, for 1.5 s at most.

        Of many at once only a few wait, so that the others are heard; their answers come with the next question.
        """
        question = notices_of(request)[0]
        if call is None or call.final_reason is not None or not isinstance(question, Question):
            return
        leg = self._legs.of(question.carrier_call_id)
        leg.drop_stale_wish()
        thought_of = brings_words(question) and (call.turn is not None or call.speeches)
        if not thought_of or len(self._thinking) >= _THOUGHTS:
            return
        self._thinking.add(leg)
        try:
            with anyio.move_on_after(_THOUGHT_SECONDS):
                await leg.wanted.wait()
        finally:
            self._thinking.discard(leg)

    def respond(self, request: WebhookRequest, call: Call | None) -> WebhookResponse:
        """Return what to do next in a conversation; the receipt for reports."""
        question = notices_of(request)[0]
        if not isinstance(question, Question):
            return NOTED
        return answer(question.carrier_call_id, self._action(question, call))

    def _action(self, question: Question, call: Call | None) -> dict[str, Any]:
        leg = self._legs.find(question.carrier_call_id)
        over = call is not None and call.final_reason is not None
        # A caller would hear nothing at all from us, at somebody's cost.
        if over or question.kind == "callin" or (leg is not None and leg.leaving):
            if leg is not None:
                leg.end()
            return HANG_UP
        if leg is None or call is None or question.before_answer:
            return CARRY_ON
        leg.drop_stale_wish()
        wish, quiet = leg.take_wish(), leg.quiet
        leg.quiet = False
        if wish is not None:
            return reading(wish.text, interruptible=wish.interruptible, name=leg.outside_name)
        return STOP if quiet and question.playing else CARRY_ON


def _keep_in_mind(leg: Leg, notice: Notice) -> None:
    if tells_end(notice):
        leg.end()
    elif brings_words(notice):
        leg.overtake_wish()
