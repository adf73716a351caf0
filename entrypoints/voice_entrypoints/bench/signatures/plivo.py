"""Plivo's signatures: forms, with HMAC-SHA256 (version 3)."""

from typing import Final

from voice_adapters.carriers.plivo import PlivoSignature
from voice_contracts.twins.plivo.stage import STAGE
from voice_contracts.twins.stage import Notice
from voice_entrypoints.bench.signatures.contest import (
    ARRANGED,
    FORM,
    URL,
    Check,
    Contest,
    form_notices,
    held,
    posted,
)

__all__ = ("CONTEST",)

_MAC: Final = "x-plivo-signature-v3"
_NONCE: Final = f"{_MAC}-nonce"


def _signed(notice: Notice) -> dict[str, str]:
    headers = STAGE.signed(ARRANGED, notice)
    return {name: headers[name] for name in (_MAC, _NONCE)}


def _ours() -> Check:
    checker = PlivoSignature(auth_token=ARRANGED.secret)
    requests = [posted(each.body, {**FORM, **_signed(each)}) for each in form_notices()]
    return lambda number: checker.authenticate(requests[number])


def _theirs() -> Check:
    from plivo.utils import validate_v3_signature

    requests = [(dict(each.fields), _signed(each)) for each in form_notices()]

    def check(number: int) -> None:
        fields, signed = requests[number]
        held(validate_v3_signature("POST", URL, signed[_NONCE], ARRANGED.secret, signed[_MAC], fields))

    return check


CONTEST: Final = Contest("plivo, form and HMAC-SHA256", _ours, _theirs, "plivo")
