"""The promises of `MediaDialect`, as checks.

class TestMyDialect(MediaDialectConformance):
    def samples(self):
        return DialectSamples(dialect=MyDialect(), began=…, …)
"""

from abc import ABC, abstractmethod

from voice_contracts.conformance.about import Area, about
from voice_contracts.conformance.carrier_under_test import DialectSamples
from voice_contracts.conformance.promise import BrokenPromiseError, promise
from voice_domain.ports.media_dialect import (
    BadMediaError,
    DialectSession,
    FrameCame,
    MarkCame,
    StreamBegan,
    StreamOver,
)

__all__ = ("MediaDialectConformance",)

_FRAME = bytes(range(160))
_GARBAGE = (b"", b"\xff\x00", "{", "[1]", "null", '{"event": 7}', "[" * 50_000)


class MediaDialectConformance(ABC):
    """Everything that the media engine relies on. A subclass says what is under test."""

    @abstractmethod
    def samples(self) -> DialectSamples:
        """Return the dialect and messages of one stream."""

    @about(Area.DIALECT, supposes="media_stream")
    def test_a_stream_says_first_which_call_it_belongs_to(self) -> None:
        """A stream of another call is closed."""
        samples = self.samples()
        told = samples.dialect.session().read(samples.began)

        kept = isinstance(told, StreamBegan) and told.carrier_call_id != ""
        promise(
            "The first message is read as StreamBegan with the carrier's name for the call.",
            kept=kept,
            seen=told,
        )

    @about(Area.DIALECT, supposes="media_stream")
    def test_audio_is_read_as_it_was_spoken(self) -> None:
        """Transcribers get what the counterpart said."""
        told = self._begun().read(self.samples().frame)

        kept = told == FrameCame(self.samples().frame_payload)
        promise("A message of audio is read as FrameCame with its µ-law.", kept=kept, seen=told)

    @about(Area.DIALECT, supposes="media_stream")
    def test_a_mark_is_read_with_its_name(self) -> None:
        """What was heard is known by marks."""
        told = self._begun().read(self.samples().mark)

        promise(
            "A mark is read as MarkCame with its name.",
            kept=told == MarkCame(self.samples().mark_name),
            seen=told,
        )

    @about(Area.DIALECT, supposes="media_stream")
    def test_the_end_of_a_stream_is_read_as_such(self) -> None:
        """Where the carrier says that it is the end."""
        over = self.samples().over
        if over is not None:
            told = self._begun().read(over)
            promise("The last message is read as StreamOver.", kept=isinstance(told, StreamOver), seen=told)

    @about(Area.DIALECT, supposes="media_stream")
    def test_what_we_send_is_text_and_differs_by_what_it_means(self) -> None:
        """Other audio, other marks and a clear are other messages."""
        session = self._begun()
        messages = [
            session.frame(_FRAME),
            session.frame(_FRAME[::-1]),
            session.mark("one"),
            session.mark("two"),
            session.clear(),
        ]
        for message in messages:
            try:
                message.decode()
            except UnicodeDecodeError as error:
                raise BrokenPromiseError("What is sent is text in UTF-8.", message) from error

        sentence = "Other audio, other marks and `clear` are other messages, and none is empty."
        promise(sentence, kept=len({*messages, b""}) == len(messages) + 1, seen=messages)

    @about(Area.DIALECT, supposes="media_stream")
    def test_streams_do_not_share_what_they_remember(self) -> None:
        """Two calls are two streams."""
        samples = self.samples()
        one, other = samples.dialect.session(), samples.dialect.session()
        one.read(samples.began)

        promise("`session` gives every stream a wording of its own.", kept=one is not other)
        told = other.read(samples.began)
        promise("A second stream begins as the first did.", kept=isinstance(told, StreamBegan), seen=told)

    @about(Area.DIALECT, supposes="media_stream")
    def test_garbage_is_bad_media_and_nothing_worse(self) -> None:
        """Whoever found the address of a stream can send anything."""
        sentence = "`read` raises BadMediaError, and nothing else, for what it cannot understand."
        for message in _GARBAGE:
            try:
                told = self._begun().read(message)
            except BadMediaError:
                continue
            # Whatever else is raised would end the stream with a traceback.
            except Exception as error:
                raise BrokenPromiseError(sentence, error) from error
            promise(sentence, kept=told is None, seen=told)

    def _begun(self) -> DialectSession:
        samples = self.samples()
        session = samples.dialect.session()
        session.read(samples.began)
        return session
