"""Who answers a number, for a carrier that takes numbers as they are dialled in China."""

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from voice_contracts.twins.callee import Callee

__all__ = ("CalleesAsDialled", "as_dialled")

_MAINLAND: Final = "+86"


def as_dialled(number: str) -> str:
    """Return an E.164 *number* as Aliyun takes it: a mobile number of the mainland without its country code."""
    return number.removeprefix(_MAINLAND).removeprefix("+")


@attrs.frozen
class CalleesAsDialled(Mapping[str, Callee]):
    """A view of callees by their E.164 numbers, in which they are found by what is dialled."""

    _callees: Mapping[str, Callee]

    def __getitem__(self, number: str) -> Callee:
        abroad = f"+{number}"
        return self._callees[abroad if abroad in self._callees else f"{_MAINLAND}{number}"]

    def __iter__(self) -> Iterator[str]:
        return (as_dialled(number) for number in self._callees)

    def __len__(self) -> int:
        return len(self._callees)
