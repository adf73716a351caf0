"""What everything in the twin shares."""

import anyio.abc
import attrs

from voice_contracts.twins.aliyun.account import AliyunAccount
from voice_contracts.twins.faults import Faults
from voice_contracts.twins.ledger import Ledger
from voice_contracts.twins.moments import TwinClock

__all__ = ("Office",)


@attrs.frozen(kw_only=True, eq=False)
class Office:
    """One account, what was seen of it, and the tasks that live for it."""

    account: AliyunAccount
    ledger: Ledger
    faults: Faults
    clock: TwinClock
    tasks: anyio.abc.TaskGroup
