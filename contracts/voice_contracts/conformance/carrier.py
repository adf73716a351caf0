"""The promises of `Carrier` and its roles, as checks.

@pytest.mark.anyio
class TestMyCarrier(CarrierConformance):
    def open_stage(self, exchange):
        return my_stage(exchange)
"""

from functools import partial
from typing import cast

from voice_contracts.conformance.about import Area, about
from voice_contracts.conformance.carrier_refusals import CarrierRefusals
from voice_contracts.conformance.carrier_stage import NotingExchange, PressingStage
from voice_contracts.conformance.promise import promise
from voice_domain.identity import CarrierCallId
from voice_domain.inputs import KeysPressed, LineAnswered, LineEnded, LineRang
from voice_domain.ports.carrier import Keypad, NativeSpeech
from voice_domain.vocabulary import Direction, EndReason

__all__ = ("CarrierConformance",)

# Which methods a carrier must have for what its capabilities claim.
_METHODS_OF_ABILITY = {
    "digits": ("send_digits",),
    "transfer": ("transfer",),
    "native_speech": ("speak", "silence"),
    "native_listening": ("listen", "stop_listening"),
}


class CarrierConformance(CarrierRefusals):
    """Everything that the core relies on when it places, takes and ends calls."""

    @about(Area.PLACING)
    async def test_it_has_a_name_for_the_settings(self) -> None:
        """The name is typed by people and ends up in records."""
        async with self.open_stage(NotingExchange()) as stage:
            name = stage.carrier.name

        kept = name.isascii() and name.isalnum() and name == name.lower()
        promise("`name` is one word of small letters and digits.", kept=kept, seen=name)

    @about(Area.PLACING)
    async def test_it_has_the_methods_of_what_it_claims_to_do(self) -> None:
        """The application asks capabilities, and then relies on them."""
        async with self.open_stage(NotingExchange()) as stage:
            able = stage.carrier.capabilities
            missing = [
                method
                for ability, methods in _METHODS_OF_ABILITY.items()
                for method in methods
                if getattr(able, ability) and not callable(getattr(stage.carrier, method, None))
            ]

        promise("A carrier has the methods of every ability that it claims.", kept=not missing, seen=missing)

    @about(Area.PLACING)
    async def test_every_call_that_is_dialled_has_a_name_of_its_own_and_lives(self) -> None:
        """Webhooks and hang-ups find their call by the name."""
        async with self.open_stage(NotingExchange()) as stage:
            one, other = await self.dial(stage), await self.dial(stage, "call-2")
            status = await self.look_up(stage, one)

        promise("`dial` gives every call a name of its own.", kept=one != other, seen=(one, other))
        sentence = "`look_up` does not say of a call that was just dialled that it is over."
        promise(sentence, kept=status.alive is not False, seen=status)
        # Only the carrier that tells it apart can save a call whose answer got lost.
        sentence = "`look_up` does not say of a call that only rings that it was answered."
        promise(sentence, kept=not status.answered, seen=status)

    @about(Area.PLACING)
    async def test_an_answer_is_told_with_an_id_and_a_time(self) -> None:
        """Repeated news are recognised by their ids, for ever."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            leg = await self.answered(stage, exchange)
            news = exchange.news(LineAnswered, leg)[0]
            status = await self.look_up(stage, leg)

        promise("News carry the carrier's own id for the event.", kept=news.event_id != "", seen=news)
        promise("News carry the time of the event, in epoch milliseconds.", kept=news.at_ms > 0, seen=news)
        sentence = "`look_up` does not say of a call that was answered that it rings."
        promise(sentence, kept=status.answered is not False, seen=status)

    @about(Area.IDEMPOTENCY)
    async def test_different_news_have_different_ids(self) -> None:
        """Two events under one id would be one."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            leg = await self.answered(stage, exchange)
            await stage.hang_up(leg)
            await self.told_end(exchange, leg)

        told: list[LineRang | LineAnswered | LineEnded] = [
            *exchange.news(LineRang, leg)[:1],
            *exchange.news(LineAnswered, leg)[:1],
            *exchange.news(LineEnded, leg)[:1],
        ]
        ids = [news.event_id for news in told]
        promise("Different news have different event ids.", kept=len(set(ids)) == len(ids), seen=ids)

    @about(Area.HANG_UP)
    async def test_the_counterparts_hang_up_is_told(self) -> None:
        """A call that nobody ends would be billed for ever."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            leg = await self.answered(stage, exchange)
            await stage.hang_up(leg)
            end = await self.told_end(exchange, leg)
            status = await self.status_once_over(stage, leg)

        sentence = "The counterpart's hang-up is told as `hangup-user`, or as `completed` by carriers that cannot tell."
        promise(sentence, kept=end.reason in {EndReason.HANGUP_USER, EndReason.COMPLETED}, seen=end)
        promise(
            "`look_up` does not say of an ended call that it is alive.", kept=not status.alive, seen=status
        )

    @about(Area.HANG_UP)
    async def test_hanging_up_ends_the_leg_and_may_be_repeated(self) -> None:
        """Hang-ups are repeated until they are confirmed, by crashed processes too."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            leg = await self.answered(stage, exchange)
            await self.does("`hang_up` ends a call.", partial(stage.carrier.hang_up, leg))
            status = await self.status_once_over(stage, leg)
            again = partial(stage.carrier.hang_up, leg)
            await self.does("`hang_up` of a call that is gone counts as done.", again)

        promise("A call is over after `hang_up` has returned.", kept=not status.alive, seen=status)

    @about(Area.HANG_UP)
    async def test_a_call_that_only_rings_can_be_hung_up(self) -> None:
        """Whoever changes his mind must not have to wait for an answer."""
        async with self.open_stage(NotingExchange()) as stage:
            leg = await self.dial(stage)
            await self.does("`hang_up` ends a call that rings.", partial(stage.carrier.hang_up, leg))
            status = await self.status_once_over(stage, leg)

        promise("A ringing call is over after `hang_up` has returned.", kept=not status.alive, seen=status)

    @about(Area.STATUS)
    async def test_a_call_that_never_was_is_gone(self) -> None:
        """After a restart we ask about calls that the carrier has forgotten."""
        unknown = CarrierCallId("no-such-call")
        async with self.open_stage(NotingExchange()) as stage:
            status = await self.look_up(stage, unknown)
            hang_up = partial(stage.carrier.hang_up, unknown)
            await self.does("`hang_up` of a call that the carrier does not know counts as done.", hang_up)

        sentence = "`look_up` does not say of a call that never was that it is alive."
        promise(sentence, kept=not status.alive, seen=status)

    @about(Area.PLACING)
    async def test_the_carrier_gives_up_ringing_in_time(self) -> None:
        """No leg outlives its deadline, even if we are gone."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            leg = await self.dial(stage, ring_ms=5_000)
            sentence = "The carrier gives up a call that nobody answers after `ring_ms`, and tells so."
            end = await self.told_end(exchange, leg, sentence, after_seconds=5)

        promise(
            "A call that nobody answers ends as `no-answer`.",
            kept=end.reason is EndReason.NO_ANSWER,
            seen=end,
        )

    @about(Area.HANG_UP)
    async def test_the_carrier_ends_a_call_that_lasts_too_long(self) -> None:
        """A forgotten call costs money by the minute."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            leg = await self.answered(stage, exchange, cap_ms=20_000)
            sentence = "The carrier ends a call `cap_ms` after the dial, and tells so."
            await self.told_end(exchange, leg, sentence, after_seconds=20)

    @about(Area.DIGITS, supposes="digits")
    async def test_keys_are_pressed(self) -> None:
        """Whoever calls a machine has to press keys."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            if not stage.carrier.capabilities.digits:
                return
            leg = await self.answered(stage, exchange)
            press = partial(cast("Keypad", stage.carrier).send_digits, leg, "1w#")
            await self.does("A carrier that claims `digits` does it.", press)

    @about(Area.DIGITS, shows="press")
    async def test_keys_that_the_counterpart_presses_are_told(self) -> None:
        """Some answers are easier to press than to say."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            if not hasattr(stage, "press"):
                return
            leg = await self.answered(stage, exchange)
            if stage.carrier.capabilities.native_listening:
                # Some carriers notice keys only while they are asked to listen.
                listen = partial(cast("NativeSpeech", stage.carrier).listen, leg, locale="en-US")
                await self.does("`listen` begins to take keys, too.", listen)
            # Without #, which ends the keys at some carriers and is one of them at others.
            await cast("PressingStage", stage).press(leg, "12")
            await exchange.until(
                "Keys that the counterpart presses are told as KeysPressed, in order.",
                lambda: "".join(news.digits for news in exchange.news(KeysPressed, leg)) == "12",
                deadline_seconds=self.deadline_seconds,
            )

    @about(Area.TRANSFER, supposes="transfer")
    async def test_the_counterpart_is_handed_over(self) -> None:
        """Somebody asks for a human."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            if not stage.carrier.capabilities.transfer:
                return
            leg = await self.answered(stage, exchange)
            hand_over = partial(cast("Keypad", stage.carrier).transfer, leg, self.caller)
            await self.does("A carrier that claims `transfer` does it.", hand_over)

    @about(Area.ANSWERING, supposes="inbound")
    async def test_a_caller_is_announced_and_can_be_answered(self) -> None:
        """An inbound call is recognised by its direction and found by its name."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            if not stage.carrier.capabilities.inbound:
                return
            leg = await stage.ring_in()
            offers = [signal for signal in exchange.signals if signal.carrier_call_id == leg]
            sentence = "A caller is announced by LineRang with the direction `inbound` and the carrier's name for it."
            kept = bool(offers) and isinstance(offers[0].news, LineRang)
            promise(sentence, kept=kept and offers[0].direction is Direction.INBOUND, seen=offers)
            await self.does("`answer` takes an inbound call.", partial(stage.carrier.answer, leg))
            await self.told_answer(exchange, leg)

    @about(Area.REJECTING, supposes="reject")
    async def test_a_caller_can_be_rejected_and_rejected_again(self) -> None:
        """A refused call is never billed as answered."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            if not (stage.carrier.capabilities.inbound and stage.carrier.capabilities.reject):
                return
            leg = await stage.ring_in()
            for _ in range(2):
                reject = partial(stage.carrier.reject, leg, busy=True)
                await self.does("`reject` refuses an inbound call, and may be repeated.", reject)
            status = await self.status_once_over(stage, leg)
            answered = exchange.news(LineAnswered, leg)

        promise("A rejected call is over.", kept=not status.alive, seen=status)
        promise("A rejected call is never told as answered.", kept=not answered, seen=answered)

    @about(Area.PLACING)
    async def test_what_it_does_not_claim_it_refuses_as_unsupported(self) -> None:
        """What cannot be done is refused loudly."""
        for ability in await self.unclaimed():
            await self.refuses(ability)
