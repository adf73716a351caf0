"""Who may call in. The number of a caller is a claim, so this screens calls and proves nothing."""

from collections.abc import Collection
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

import attrs

from voice_domain.dialled_text import read_dialled_text
from voice_domain.e164 import InvalidNumberError, PhoneNumber, parse_number

__all__ = (
    "Admission",
    "Admitted",
    "InboundPolicy",
    "PairingNeeded",
    "Refused",
    "RefusedBecause",
    "caller_number",
    "judge_caller",
)


class InboundPolicy(StrEnum):
    """Nobody; the listed; the listed and the paired; everybody."""

    DISABLED = "disabled"
    ALLOWLIST = "allowlist"
    PAIRING = "pairing"
    OPEN = "open"


class RefusedBecause(StrEnum):
    """Why a caller is rejected without being answered."""

    INBOUND_DISABLED = "inbound_disabled"
    ANONYMOUS = "anonymous"
    NOT_LISTED = "not_listed"


@attrs.frozen
class Admitted:
    """The call is taken."""


@attrs.frozen
class Refused:
    """The call is rejected at the carrier without being answered."""

    because: RefusedBecause


@attrs.frozen
class PairingNeeded:
    """The caller is unknown but has a number: they hear a pairing code, if there is one left."""

    caller: PhoneNumber


Admission: TypeAlias = Admitted | Refused | PairingNeeded


def judge_caller(
    policy: InboundPolicy,
    caller: PhoneNumber | None,
    *,
    allow_from: Collection[PhoneNumber],
    paired: Collection[PhoneNumber],
) -> Admission:
    """Decide about *caller*, None if withheld. Numbers match whole or not at all."""
    match policy:
        case InboundPolicy.DISABLED:
            return Refused(RefusedBecause.INBOUND_DISABLED)
        case InboundPolicy.OPEN:
            return Admitted()
        case InboundPolicy.ALLOWLIST | InboundPolicy.PAIRING if caller is None:
            return Refused(RefusedBecause.ANONYMOUS)
        case InboundPolicy.ALLOWLIST:
            return Admitted() if caller in allow_from else Refused(RefusedBecause.NOT_LISTED)
        case InboundPolicy.PAIRING:
            return Admitted() if caller in allow_from or caller in paired else PairingNeeded(caller)


# Carriers that must send digits spell the word on the keypad: ANONYMOUS is 266696687 (ITU-T E.161 letters).
_WITHHELD_WORDS = ("ANONYMOUS", "BLOCKED", "PRIVATE", "RESTRICTED", "UNAVAILABLE", "UNKNOWN")
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_WITHHELD_DIGITS = frozenset(word.translate(_KEYPAD) for word in _WITHHELD_WORDS)


# Every webhook of a call names the same two numbers.
@lru_cache(maxsize=1024)
def caller_number(raw: str | None, *, region: str | None = None) -> PhoneNumber | None:
    """Give the number in what a carrier calls the caller; None if it is withheld or no phone number at all.

    Words such as `anonymous` and their spelling on the keypad (`+266696687`) are no numbers, nor are SIP
    addresses. *region* is where a number without country code is.
    """
    if not raw:
        return None
    text = read_dialled_text(raw)
    if text.strange or text.digits in _WITHHELD_DIGITS:
        return None
    try:
        return PhoneNumber(f"+{text.digits}") if text.international else parse_number(raw, region=region)
    except InvalidNumberError:
        return None
