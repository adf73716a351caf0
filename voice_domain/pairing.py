"""Pairing: an unknown caller hears a code, and whoever runs this gateway approves or denies it.

The book is a value; each change gives a new one. Codes and the time come from outside.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

import attrs

from voice_domain.e164 import InvalidNumberError, PhoneNumber
from voice_domain.errors import VoiceError

__all__ = (
    "CODE_LIFE_MS",
    "MAX_PENDING",
    "DamagedPairingBookError",
    "InvalidPairingCodeError",
    "PairingBook",
    "PairingRequest",
    "UnknownPairingCodeError",
)

CODE_LIFE_MS = 60 * 60 * 1000
MAX_PENDING = 5
_CODE = re.compile(r"[0-9]{6}")


class InvalidPairingCodeError(VoiceError):
    """A drawn code cannot be given to a caller."""

    kind: ClassVar[str] = "invalid_pairing_code"

    def __init__(self, problem: str) -> None:
        super().__init__(f"The pairing code {problem}; draw another")


class UnknownPairingCodeError(VoiceError):
    """Nobody waits with this code, or not any more."""

    kind: ClassVar[str] = "unknown_pairing_code"

    def __init__(self, code: str) -> None:
        remedy = "`voicecall pairing list` shows those that wait; the caller gets a new one by calling again"
        super().__init__(f"No caller waits with pairing code {code!r}; {remedy}")
        self.code = code


class DamagedPairingBookError(VoiceError):
    """Kept data is not a pairing book."""

    kind: ClassVar[str] = "damaged_pairing_book"

    def __init__(self, where: str) -> None:
        super().__init__(
            f"The kept pairing book is damaged at {where}; correct it, or delete it and pair again"
        )
        self.where = where


def _check_code(_request: object, _field: object, code: str) -> None:
    if not _CODE.fullmatch(code):
        raise InvalidPairingCodeError("has not six digits")


@attrs.frozen
class PairingRequest:
    """One caller who heard a code and waits.

    Raises:
        InvalidPairingCodeError: if the code is not six ASCII digits.
    """

    code: str = attrs.field(validator=_check_code, repr=False)
    caller: PhoneNumber
    requested_at_ms: int
    """Epoch milliseconds of the first call; calling again does not renew it."""

    @property
    def expires_at_ms(self) -> int:
        """The first millisecond in which the code is worth nothing: an hour after it was given."""
        return self.requested_at_ms + CODE_LIFE_MS


@attrs.frozen
class PairingBook:
    """Who waits and who was approved. Times are epoch milliseconds."""

    pending: tuple[PairingRequest, ...] = ()
    """Oldest first; expired ones may be among them until the next change."""
    approved: frozenset[PhoneNumber] = frozenset()

    def pending_at(self, now_ms: int) -> tuple[PairingRequest, ...]:
        """List those whose code still lives, oldest first."""
        return tuple(request for request in self.pending if now_ms < request.expires_at_ms)

    def ask(
        self, caller: PhoneNumber, *, code: str, now_ms: int
    ) -> tuple["PairingBook", PairingRequest | None]:
        """Let *caller* wait with *code*, unless they wait already: then with the code they have.

        Gives None in place of the request if five others wait: the caller is refused without a code.

        Raises:
            InvalidPairingCodeError: if the code is not six digits, or somebody else's.
        """
        alive = self.pending_at(now_ms)
        waiting = next((request for request in alive if request.caller == caller), None)
        if waiting is not None or len(alive) >= MAX_PENDING:
            return attrs.evolve(self, pending=alive), waiting
        if any(request.code == code for request in alive):
            raise InvalidPairingCodeError("is taken")
        request = PairingRequest(code, caller, now_ms)
        return attrs.evolve(self, pending=(*alive, request)), request

    def find(self, code: str, *, now_ms: int) -> PairingRequest:
        """Give the request that waits with *code*.

        Raises:
            UnknownPairingCodeError: if there is none, or it expired.
        """
        found = next((request for request in self.pending_at(now_ms) if request.code == code), None)
        if found is None:
            raise UnknownPairingCodeError(code)
        return found

    def approve(self, code: str, *, now_ms: int) -> "PairingBook":
        """Admit from now on whoever waits with *code*.

        Raises:
            UnknownPairingCodeError: if there is none, or it expired.
        """
        caller = self.find(code, now_ms=now_ms).caller
        return attrs.evolve(self.deny(code, now_ms=now_ms), approved=self.approved | {caller})

    def deny(self, code: str, *, now_ms: int) -> "PairingBook":
        """Forget whoever waits with *code*; they may ask again.

        Raises:
            UnknownPairingCodeError: if there is none, or it expired.
        """
        denied = self.find(code, now_ms=now_ms)
        alive = self.pending_at(now_ms)
        return attrs.evolve(self, pending=tuple(request for request in alive if request != denied))

    def to_plain(self) -> dict[str, object]:
        """Give the book as text, whole numbers, lists and dictionaries, for `from_plain`."""
        return {
            "pending": [
                {"code": each.code, "caller": each.caller.e164, "requested_at_ms": each.requested_at_ms}
                for each in self.pending
            ],
            "approved": sorted(number.e164 for number in self.approved),
        }

    @classmethod
    def from_plain(cls, plain: object) -> "PairingBook":
        """Rebuild what `to_plain` gave.

        Raises:
            DamagedPairingBookError: if it has another shape; says where.
        """
        book = _mapping(plain, "the top")
        pending = tuple(
            _request(each, f"pending[{index}]") for index, each in enumerate(_list(book, "pending"))
        )
        approved = (_number(each, f"approved[{index}]") for index, each in enumerate(_list(book, "approved")))
        return cls(pending, frozenset(approved))


def _mapping(plain: object, where: str) -> Mapping[object, object]:
    if not isinstance(plain, Mapping):
        raise DamagedPairingBookError(where)
    return plain


def _list(book: Mapping[object, object], key: str) -> list[object]:
    found = book.get(key)
    if not isinstance(found, list):
        raise DamagedPairingBookError(key)
    return found


def _number(plain: object, where: str) -> PhoneNumber:
    try:
        return PhoneNumber(plain if isinstance(plain, str) else "")
    except InvalidNumberError as error:
        raise DamagedPairingBookError(where) from error


def _request(plain: object, where: str) -> PairingRequest:
    fields = _mapping(plain, where)
    code, at_ms = fields.get("code"), fields.get("requested_at_ms")
    if not isinstance(code, str) or not isinstance(at_ms, int):
        raise DamagedPairingBookError(where)
    try:
        return PairingRequest(code, _number(fields.get("caller"), f"{where}.caller"), at_ms)
    except InvalidPairingCodeError as error:
        raise DamagedPairingBookError(f"{where}.code") from error
