"""The table of errors: complete, and what each transport gets of it."""

import importlib
import pkgutil

import pytest

import voice_adapters
import voice_contracts
import voice_domain
import voice_entrypoints
from voice_contracts.errors import (
    ERROR_TABLE,
    INVALID_PARAMS,
    RemoteError,
    error_object,
    error_row,
    exit_code_of,
    http_status_of,
    kind_of,
)
from voice_domain.e164 import InvalidNumberError
from voice_domain.errors import VoiceError
from voice_domain.ports.carrier import CarrierError
from voice_domain.refusals import CallNotFoundError

# Suites, twins and simulations try us out: what they raise never reaches a client.
_TEST_KITS = ("voice_contracts.conformance", "voice_contracts.twins", "voice_entrypoints.simulation")


def _every_error() -> set[type[VoiceError]]:
    for package in (voice_domain, voice_adapters, voice_contracts, voice_entrypoints):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.startswith(_TEST_KITS):
                importlib.import_module(module.name)
    found, waiting = set[type[VoiceError]](), [VoiceError]
    while waiting:
        kind = waiting.pop()
        found.add(kind)
        waiting += kind.__subclasses__()
    ours = {error for error in found if error.__module__.startswith("voice_")}
    return {error for error in ours if not error.__module__.startswith(_TEST_KITS)}


def test_every_kind_of_error_in_the_packages_has_a_row() -> None:
    kinds = {error.kind: error.__qualname__ for error in _every_error()}

    assert {kind: name for kind, name in kinds.items() if kind not in ERROR_TABLE} == {}


def test_the_kinds_that_the_product_promises_have_codes_of_their_own() -> None:
    promised = [
        *("call_not_found", "call_ended", "not_connected", "limit_reached", "policy_refused"),
        *("carrier_error", "timeout", "unavailable", "already_waiting"),
    ]

    codes = [ERROR_TABLE[kind].code for kind in promised]

    assert len(set(codes)) == len(promised)
    assert all(-32019 <= code <= -32000 for code in codes)


def test_codes_stay_within_what_json_rpc_leaves_to_us() -> None:
    assert {row.code for row in ERROR_TABLE.values()} <= {INVALID_PARAMS, *range(-32019, -31999)}


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [
        ("error", 1),
        ("invalid_number", 2),
        ("gateway_unreachable", 3),
        ("policy_refused", 4),
        ("limit_reached", 4),
    ],
)
def test_exit_codes_are_those_of_the_product(kind: str, exit_code: int) -> None:
    assert error_row(kind).exit_code == exit_code


def test_a_carriers_error_tells_its_code_and_whether_to_try_again() -> None:
    shown = error_object(CarrierError("twilio", "no", code="21215", status=400, retryable=True))

    assert shown["code"] == -32006
    assert shown["data"] == {
        "kind": "carrier_error",
        "carrier": "twilio",
        "carrierCode": "21215",
        "carrierStatus": 400,
        "retryable": True,
        "remedy": ERROR_TABLE["carrier_error"].remedy,
    }


def test_an_unknown_call_is_named() -> None:
    assert error_object(CallNotFoundError("abc"))["data"] == {"kind": "call_not_found", "callId": "abc"}


def test_an_impossible_number_is_an_invalid_parameter() -> None:
    shown = error_object(InvalidNumberError("it has no digits"))

    assert (shown["code"], shown["data"]["kind"]) == (INVALID_PARAMS, "invalid_number")


def test_attributes_that_are_not_listed_never_leave() -> None:
    class LeakyError(VoiceError):
        def __init__(self) -> None:
            super().__init__("no")
            self.token = "canary"
            self.reason = b"canary"

    assert "canary" not in str(error_object(LeakyError()))


def test_a_kind_from_elsewhere_fails_like_any_error() -> None:
    assert error_row("invented") is ERROR_TABLE["error"]


def test_a_gateways_answer_keeps_its_own_kind_and_code() -> None:
    error = RemoteError(-32005, "refused", {"kind": "policy_refused", "reasons": ["night"]})

    assert kind_of(error) == "policy_refused"
    assert exit_code_of(error) == 4
    assert http_status_of(error) == 403
    assert error_object(error) == {
        "code": -32005,
        "message": "refused",
        "data": {"kind": "policy_refused", "reasons": ["night"]},
    }
