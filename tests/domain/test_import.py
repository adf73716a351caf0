"""What `import voice_domain` gives and costs."""

import subprocess
import sys

import pytest

import voice_domain
from voice_domain import call, events


def _loaded_by(statement: str) -> set[str]:
    program = f"import sys; {statement}; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("name", voice_domain.__all__)
def test_every_noun_of_a_host_is_at_the_root(name: str) -> None:
    assert getattr(voice_domain, name) is not None


def test_a_noun_at_the_root_is_the_one_of_its_module() -> None:
    assert voice_domain.Call is call.Call
    assert voice_domain.CallEvent == events.CallEvent


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"voice_domain.*Telephone"):
        _ = voice_domain.Telephone


def test_importing_the_domain_loads_nothing_that_is_slow() -> None:
    assert _loaded_by("import voice_domain") & {"attr", "phonenumbers", "voice_domain.call"} == set()


def test_deciding_calls_does_not_need_the_metadata_of_numbers() -> None:
    loaded = _loaded_by("import voice_domain.decide")

    assert "voice_domain.e164" in loaded
    assert "phonenumbers" not in loaded
