"""Whose fault a refusal is, which decides whether anybody should ask again."""

from enum import StrEnum

import attrs

__all__ = ("Explanation", "Fault")


class Fault(StrEnum):
    """What has to change before the same request can succeed."""

    REQUEST = "request"
    """The request: another text may well succeed."""
    ACCOUNT = "account"
    """The key, the plan or the settings: a person has to act."""
    PASSING = "passing"
    """Nothing: the service is busy, broken or out of reach for the moment."""


@attrs.frozen
class Explanation:
    """A refusal in our words: what was wrong and what to do."""

    problem: str
    fault: Fault
    code: str = ""
    """The service's own word; empty when it gave none."""
