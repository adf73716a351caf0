"""What a carrier does not claim to be able to do, it refuses: never silently, never with another error."""

from collections.abc import Awaitable, Callable

from voice_contracts.conformance.carrier_stage import NotingExchange
from voice_contracts.conformance.carrier_suite import CarrierSuite
from voice_contracts.conformance.promise import BrokenPromiseError, promise, promise_in_time
from voice_domain.identity import CarrierCallId, SpeechId
from voice_domain.ports.carrier import SpokenText, UnsupportedError

__all__ = ("CarrierRefusals",)

# The methods of each ability; what a carrier does not claim it may also not have.
_METHODS = {
    "digits": ("send_digits",),
    "transfer": ("transfer",),
    "native_speech": ("speak", "silence"),
    "native_listening": ("listen", "stop_listening"),
    "inbound": ("answer",),
    "reject": ("reject",),
}


class CarrierRefusals(CarrierSuite):
    """Checks the other side of capabilities."""

    async def unclaimed(self) -> tuple[str, ...]:
        """Return the abilities that the carrier does not claim."""
        async with self.open_stage(NotingExchange()) as stage:
            able = stage.carrier.capabilities
        return tuple(name for name in (*_METHODS, "media_stream") if not getattr(able, name))

    async def refuses(self, ability: str) -> None:
        """Check that what belongs to *ability* is refused with UnsupportedError, or cannot even be asked for.

        Raises:
            BrokenPromiseError: if it is done, or refused otherwise.
        """
        exchange = NotingExchange()
        sentence = f"A carrier that does not claim `{ability}` refuses it with UnsupportedError."
        async with self.open_stage(exchange) as stage:
            leg = await self.answered(stage, exchange)
            for method in _METHODS.get(ability, ()):
                action = getattr(stage.carrier, method, None)
                if action is not None:
                    await self._refused(
                        f"{sentence} Asked for `{method}`.", self._request(method, action, leg)
                    )
            links = list(exchange.audio)
        if ability == "media_stream":
            promise(
                "A carrier that does not claim `media_stream` attaches no audio.", kept=not links, seen=links
            )

    async def _refused(self, sentence: str, action: Callable[[], Awaitable[None]]) -> None:
        try:
            with promise_in_time(sentence, deadline_seconds=self.deadline_seconds):
                await action()
        except UnsupportedError:
            return
        except BrokenPromiseError:
            raise
        # Any other error would be taken for trouble that passes.
        except Exception as error:
            raise BrokenPromiseError(sentence, error) from error
        raise BrokenPromiseError(sentence, "no error")

    def _request(
        self, method: str, action: Callable[..., Awaitable[None]], leg: CarrierCallId
    ) -> Callable[[], Awaitable[None]]:
        spoken = SpokenText(
            speech_id=SpeechId("s1"),
            part=0,
            text="Hello.",
            locale="en-US",
            interruptible=False,
            then_listen=False,
        )
        requests: dict[str, Callable[[], Awaitable[None]]] = {
            "send_digits": lambda: action(leg, "1"),
            "transfer": lambda: action(leg, self.caller),
            "speak": lambda: action(leg, spoken),
            "silence": lambda: action(leg),
            "listen": lambda: action(leg, locale="en-US"),
            "stop_listening": lambda: action(leg),
            "answer": lambda: action(CarrierCallId("no-such-caller")),
            "reject": lambda: action(CarrierCallId("no-such-caller"), busy=True),
        }
        return requests[method]
