"""Whatever the document, reading it never raises."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.settings_documents import nested

from voice_contracts.settings import Settings
from voice_contracts.settings_reading import read_settings
from voice_contracts.settings_report import SettingsReport
from voice_contracts.settings_rules import nested_fields

_OWN_KEYS = {key for path, _ in nested_fields(Settings) for key in path}
_KEYS = sorted(_OWN_KEYS | {"messages", "source", "id", "env", "from"})
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["twilio", "mock", "log", "edge", "env", "file", "+15550001234", "funnel", "busy"])
)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(_KEYS) | st.text(max_size=6), inner, max_size=5)
    ),
    max_leaves=25,
)
_PATHS = st.sampled_from([path for path, _ in nested_fields(Settings)])


def _is_honest(report: SettingsReport) -> bool:
    return (report.settings is None) == bool(report.problems)


@given(
    document=_JSON,
    environ=st.dictionaries(st.sampled_from(["OPENAI_API_KEY", "TWILIO_FROM_NUMBER"]), st.text()),
)
@settings(max_examples=150, deadline=None)
def test_any_json_is_read_without_an_error(document: Any, environ: dict[str, str]) -> None:
    for shape in (document, nested(document), {"plugins": document}, {"messages": {"tts": document}}):
        assert _is_honest(read_settings(shape, environ))


@given(changes=st.lists(st.tuples(_PATHS, _JSON), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_value_at_any_known_key_is_read_without_an_error(
    changes: list[tuple[tuple[str, ...], Any]],
) -> None:
    document: dict[str, Any] = {}
    for path, value in changes:
        inner = document
        for key in path[:-1]:
            below = inner.get(key)
            if not isinstance(below, dict):
                inner[key] = below = {}
            inner = below
        inner[path[-1]] = value

    assert _is_honest(read_settings(document, {}))


@given(key=st.integers() | st.none() | st.binary())
def test_keys_that_are_no_text_are_a_problem(key: Any) -> None:
    for document in ({key: 1}, {"serve": {key: 1}}, {"numbers": {key: {}}}, nested({key: 1})):
        assert read_settings(document, {}).problems


def test_reading_changes_neither_the_document_nor_the_environment() -> None:
    document = {"twilio": {"from": "+15550001234"}, "tts": {"providers": {"openai": {"voice": "x"}}}}

    read_settings(document, {})

    assert document == {"twilio": {"from": "+15550001234"}, "tts": {"providers": {"openai": {"voice": "x"}}}}
