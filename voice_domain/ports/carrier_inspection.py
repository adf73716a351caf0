"""What a carrier's interface tells of our account there, before the first call. Nothing is changed by asking."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

import attrs

from voice_domain.e164 import PhoneNumber

__all__ = ("AccountProblem", "AccountSeen", "CarrierInspection", "NumberSeen", "RegionSeen")


class AccountProblem(StrEnum):
    """Something about an account that keeps calls from being placed or taken."""

    CLOSED = "closed"
    """It is suspended or closed."""
    TRIAL = "trial"
    """It is a trial account, which calls only numbers that it has verified."""
    NO_CREDIT = "no-credit"
    """It has no money left."""
    NO_APPLICATION = "no-application"
    """The application that calls are placed with does not exist."""
    APPLICATION_OFF = "application-off"
    """That application is switched off."""
    NO_OUTBOUND_PROFILE = "no-outbound-profile"
    """That application may not place calls."""
    OLD_WEBHOOKS = "old-webhooks"
    """That application sends webhooks of a version that we do not read."""


@attrs.frozen(kw_only=True)
class AccountSeen:
    """An account whose credentials were taken."""

    problems: tuple[AccountProblem, ...] = ()
    server_ms: int | None = None
    """What the carrier's clock showed, epoch milliseconds; None if it did not say."""


@attrs.frozen(kw_only=True)
class NumberSeen:
    """One of our numbers, as the carrier's account has it."""

    is_ours: bool
    """Whether it belongs to the account."""
    may_call: bool = True
    """Whether calls may come from it: it belongs to the account, or is a verified caller number of it."""
    webhook_url: str = ""
    """Where calls to it are told; empty for nowhere."""
    method: str = "POST"
    """How they are told."""
    leads_to: str = ""
    """What takes its calls instead, in the carrier's words: another application, a trunk; empty for nothing else."""


@attrs.frozen(kw_only=True)
class RegionSeen:
    """Credentials that belong to another region than the one that is asked."""

    setting: str
    """The key of the settings that names the region."""
    configured: str
    home: str
    """The region that takes them."""


class CarrierInspection(Protocol):
    """Looks at an account. An adapter answers what its carrier tells, and inherits the rest.

    Every method that asks has a deadline of about 15 seconds.
    """

    async def account(self) -> AccountSeen | None:
        """Prove the credentials by one harmless read; None where the carrier has none that could be read.

        Raises:
            CarrierError: if they are refused, or the carrier could not be asked.
        """
        return None

    async def number(self, number: PhoneNumber) -> NumberSeen | None:
        """Return what the account says of a number; None where the carrier does not tell.

        Raises:
            CarrierError: if it could not be asked.
        """
        del number
        return None

    async def home_region(self) -> RegionSeen | None:
        """Return which region takes the credentials, if the configured one does not; None if none does."""
        return None

    def signed(self, url: str, form: Mapping[str, str]) -> Mapping[str, str] | None:
        """Return the headers by which the carrier would sign a webhook with *form* to *url*.

        None where only the carrier can sign, or where it signs nothing.
        """
        del url, form
        return None
