"""What a command to a call is answered with."""

from typing import Any

from voice_domain.call import Call
from voice_entrypoints.rpc.api import PhoneApi

__all__ = ("command_result",)


def command_result(api: PhoneApi, call: Call) -> dict[str, Any]:
    """Return that *call* does what was wanted, or will once its carrier asks: then it is pending."""
    return {"success": True, "pending": True} if api.waits(call) else {"success": True}
