"""Twilio's signatures: forms, with HMAC-SHA1."""

from typing import Final

from voice_adapters.carriers.twilio import TwilioSignature
from voice_contracts.twins.twilio.stage import STAGE
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


def _ours() -> Check:
    checker = TwilioSignature(auth_token=ARRANGED.secret)
    requests = [posted(each.body, {**FORM, **STAGE.signed(ARRANGED, each)}) for each in form_notices()]
    return lambda number: checker.authenticate(requests[number])


def _theirs() -> Check:
    from twilio.request_validator import RequestValidator

    validator, notices = RequestValidator(ARRANGED.secret), form_notices()
    macs = [STAGE.signed(ARRANGED, each)["x-twilio-signature"] for each in notices]
    return lambda number: held(validator.validate(URL, dict(notices[number].fields), macs[number]))


CONTEST: Final = Contest("twilio, form and HMAC-SHA1", _ours, _theirs, "twilio")
