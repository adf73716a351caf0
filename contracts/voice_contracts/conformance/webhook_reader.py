"""The promises of `WebhookReader`, as checks.

class TestMyWebhooks(WebhookReaderConformance):
    def reader(self):
        return MyWebhooks(...)

    def requests(self):
        return ringing_request, answered_request

    def forged(self):
        return request_with_a_wrong_signature
"""

from abc import ABC, abstractmethod

import attrs

from voice_contracts.conformance.about import Area, about
from voice_contracts.conformance.promise import BrokenPromiseError, promise
from voice_domain.ports.webhook_reader import (
    BadWebhookError,
    NotAuthenticError,
    WebhookReader,
    WebhookRequest,
)

__all__ = ("WebhookReaderConformance",)


class WebhookReaderConformance(ABC):
    """Everything that the public listener relies on. A subclass says what is under test."""

    @abstractmethod
    def reader(self) -> WebhookReader:
        """Return the reader under test; its clock, if it has one, stands still."""

    @abstractmethod
    def requests(self) -> tuple[WebhookRequest, WebhookRequest]:
        """Return two different authentic requests that tell something of a call."""

    @abstractmethod
    def forged(self) -> WebhookRequest | None:
        """Return a request that is not the carrier's; None for a carrier that signs nothing."""

    @about(Area.WEBHOOKS)
    def test_the_headers_that_it_requires_are_in_every_authentic_request(self) -> None:
        """A request without them is refused unread."""
        required = self.reader().required_headers
        promise(
            "Required headers are in lower case.",
            kept=all(name == name.lower() for name in required),
            seen=required,
        )
        sentence = "An authentic request has one of the required headers, if there are any."
        missing = [
            request for request in self.requests() if required and not set(required) & set(request.headers)
        ]
        promise(sentence, kept=not missing, seen=required)

    @about(Area.IDEMPOTENCY)
    def test_the_same_request_has_the_same_key_and_another_one_has_another(self) -> None:
        """Replays are recognised by their keys."""
        reader, (one, other) = self.reader(), self.requests()
        keys = reader.authenticate(one), reader.authenticate(one), reader.authenticate(other)

        promise(
            "The same request has the same key, and it is not empty.",
            kept=keys[0] == keys[1] != "",
            seen=keys,
        )
        promise("Different requests have different keys.", kept=keys[0] != keys[2], seen=keys)

    @about(Area.IDEMPOTENCY)
    def test_what_is_not_signed_is_not_in_the_key(self) -> None:
        """Whoever replays a request may add to it what no signature covers."""
        reader, (one, _) = self.reader(), self.requests()
        dressed = attrs.evolve(one, headers={**one.headers, "x-voice-conformance": "1"})
        keys = reader.authenticate(one), reader.authenticate(dressed)

        promise("The key is made of signed material only.", kept=keys[0] == keys[1], seen=keys)

    @about(Area.WEBHOOKS)
    def test_what_is_not_the_carriers_is_refused(self) -> None:
        """Webhooks fail closed."""
        forged = self.forged()
        if forged is None:
            return
        sentence = "`authenticate` raises NotAuthenticError for what is not the carrier's."
        try:
            key = self.reader().authenticate(forged)
        except NotAuthenticError:
            return
        raise BrokenPromiseError(sentence, key)

    @about(Area.IDEMPOTENCY)
    def test_reading_a_request_changes_nothing(self) -> None:
        """The same request means the same, however often it is read."""
        reader, (one, other) = self.reader(), self.requests()
        first = reader.translate(one)
        reader.translate(other)
        again = reader.translate(one)

        promise(
            "`translate` is pure: the same request tells the same.", kept=first == again, seen=(first, again)
        )

    @about(Area.WEBHOOKS)
    def test_what_a_request_tells_belongs_to_a_call_and_has_an_id(self) -> None:
        """A signal that names no call is nobody's."""
        signals = [signal for request in self.requests() for signal in self.reader().translate(request)]
        homeless = [signal for signal in signals if not (signal.call_id or signal.carrier_call_id)]
        nameless = [signal for signal in signals if getattr(signal.news, "event_id", "-") == ""]

        promise("A request that tells of a call is translated to signals.", kept=bool(signals), seen=signals)
        promise(
            "Every signal names its call, by our name or the carrier's.", kept=not homeless, seen=homeless
        )
        promise("News carry the carrier's own id for the event.", kept=not nameless, seen=nameless)

    @about(Area.WEBHOOKS)
    def test_what_is_no_webhook_is_refused_as_bad(self) -> None:
        """Garbage is an answer of 400 and no traceback."""
        sentence = "`translate` raises BadWebhookError, and nothing else, for what it cannot understand."
        for body in (b"", b"\xff\x00\xfe", b"{", b"[" * 50_000):
            garbage = attrs.evolve(self.requests()[0], body=body, query={})
            try:
                signals = self.reader().translate(garbage)
            except BadWebhookError:
                continue
            # Whatever else is raised would be a traceback for the carrier.
            except Exception as error:
                raise BrokenPromiseError(sentence, error) from error
            promise(sentence, kept=not signals, seen=signals)

    @about(Area.WEBHOOKS)
    def test_every_request_has_an_answer_even_if_there_is_no_call(self) -> None:
        """A carrier that gets no answer repeats itself."""
        response = self.reader().respond(self.requests()[0], None)

        kept = 200 <= response.status < 300
        promise("`respond` has a 2xx answer for a call that does not exist, too.", kept=kept, seen=response)
