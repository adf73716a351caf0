"""What a dial policy permits, written anew from the documents and sharing nothing with ours: for comparison."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import attrs
import hypothesis.strategies as st
from support.watched_line import Asked

__all__ = ("CALLEE", "DENIED", "FRIEND", "RULES", "SPELLINGS", "Rules")

CALLEE, FRIEND, DENIED = "+12025550123", "+12025550199", "+19005551234"
SPELLINGS = (
    *(CALLEE, "(202) 555-0123", "001 202 555 0123", "tel:+12025550123", "+1 202 555 0123;ext=9"),
    *(FRIEND, "+44 20 7946 0018", "00442079460018", "+8613800138000", "+18765550123", "+881612345678"),
    *(DENIED, "1-900-555-1234", "９００5551234", "tel:+1-900-555-1234"),
    *("911", "112", "+1911", "9 1 1", "", "x", "+0"),
)
"""What an agent that was talked into anything may write."""
_COUNTRIES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys((CALLEE, FRIEND, DENIED), "US"),
        "+442079460018": "GB",
        "+8613800138000": "CN",
        "+18765550123": "JM",
        "+881612345678": "",
    }
)
_DEAR = frozenset({DENIED, "+881612345678"})
_HOUR_MS = 3_600_000
_ZONES = MappingProxyType({"UTC": 0, "Asia/Shanghai": 8})
"""Hours ahead of UTC, all the year."""


@attrs.frozen(kw_only=True)
class Rules:
    """Settings of one life of the process, and what they permit."""

    countries: tuple[str, ...] | None
    deny: tuple[str, ...]
    allow: tuple[str, ...]
    cap: int | None
    quiet: tuple[int, int, str] | None
    """Hours of the day, and whose clock."""
    to: str | None
    inbound: str
    enabled: bool

    @property
    def document(self) -> dict[str, Any]:
        """The settings file."""
        outbound: dict[str, Any] = {"denyNumbers": self.deny, "allowNumbers": self.allow}
        if self.countries is not None:
            outbound["allowCountries"] = self.countries
        if self.cap is not None:
            outbound["maxCallsPerHour"] = self.cap
        if self.quiet is not None:
            begin, end, zone = self.quiet
            outbound["quietHours"] = {"from": f"{begin:02}:00", "to": f"{end:02}:00", "timezone": zone}
        document = {
            "enabled": self.enabled,
            "fromNumber": "+12025550100",
            "inboundPolicy": self.inbound,
            "allowFrom": [FRIEND],
            "maxConcurrentCalls": 50,
            "outbound": {**outbound, "adoptExternal": True},
        }
        return document if self.to is None else {**document, "toNumber": self.to}

    def permit(self, asked: Asked, earlier: Sequence[Asked]) -> bool:
        """Whether *asked* may be dialled, after *earlier* dials of this process and others."""
        if not self.enabled or asked.number not in _COUNTRIES:
            return False
        if any(asked.number.startswith(listed.removesuffix("*")) for listed in self.allow):
            return True
        return not (
            asked.number in _DEAR
            or any(asked.number.startswith(denied.removesuffix("*")) for denied in self.deny)
            or (self.countries is not None and _COUNTRIES[asked.number] not in self.countries)
            or self._is_quiet(asked.at_ms)
            or (self.cap is not None and _within_the_hour(earlier, asked.at_ms) >= self.cap)
        )

    def _is_quiet(self, at_ms: int) -> bool:
        if self.quiet is None:
            return False
        begin, end, zone = self.quiet
        hour = (at_ms // _HOUR_MS + _ZONES[zone]) % 24
        return begin <= hour < end if begin < end else hour >= begin or hour < end


def _within_the_hour(earlier: Sequence[Asked], at_ms: int) -> int:
    return sum(other.at_ms > at_ms - _HOUR_MS for other in earlier)


# Virtual time begins at three in the afternoon, UTC.
_HOURS = st.tuples(
    st.integers(8, 17), st.integers(16, 24).map(lambda hour: hour % 24), st.sampled_from(("UTC",))
)
_NIGHT = st.sampled_from(((22, 7, "Asia/Shanghai"), (16, 15, "UTC"), (21, 6, "UTC")))
RULES = st.builds(
    Rules,
    countries=st.sampled_from((None, None, ("US",), ("US", "GB"), ("CN",), ())),
    deny=st.sampled_from(((), ("+1900",), ("+44*",), ("+120255501",), ("+1202", "+86*"))),
    allow=st.lists(st.sampled_from((*sorted(_COUNTRIES), "+4420*")), max_size=2, unique=True).map(tuple),
    cap=st.none() | st.integers(1, 4),
    quiet=st.none() | _NIGHT | _HOURS.filter(lambda hours: hours[0] != hours[1]),
    to=st.sampled_from((None, CALLEE, DENIED)),
    inbound=st.sampled_from(("open", "pairing", "allowlist", "disabled")),
    enabled=st.sampled_from((True,) * 7 + (False,)),
)
"""Any settings."""
