"""How Aliyun writes numbers."""

from typing import Final

from voice_domain.e164 import PhoneNumber

__all__ = ("dialled_digits",)

_MAINLAND: Final = "CN"


def dialled_digits(number: PhoneNumber) -> str:
    """Return *number* as Aliyun takes it.

    Mainland: as it is dialled there, a mobile number as 13900000000, a landline with its area code as 05710000000.
    Elsewhere: country code and number, without `+`.
    """
    return number.national_digits if number.region == _MAINLAND else number.e164.removeprefix("+")
