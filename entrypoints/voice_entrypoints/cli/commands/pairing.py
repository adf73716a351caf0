"""`voicecall pairing …`: who may call us."""

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from voice_contracts.settings import Settings
from voice_domain.e164 import PhoneNumber
from voice_domain.pairing import PairingBook
from voice_domain.ports.pairing_store import PairingStore
from voice_entrypoints.cli.columns import columns
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import show, show_json
from voice_entrypoints.cli.surroundings import state_folder
from voice_entrypoints.words.language import translated, translated_all

__all__ = ("approve", "deny", "list_")

_PLAIN = Shared()

Code = Annotated[str, Parameter(help="Six digits, as the caller heard them.")]


async def list_(*, shared: Shared = _PLAIN) -> int:
    """Show the callers who heard a code and wait, and the numbers that were approved."""
    book = await _store(state_folder()).load()
    if shared.json:
        show_json(_json(book, _now_ms()))
    else:
        show(_text(book, _now_ms()))
    return 0


async def approve(code: Code, /, *, shared: Shared = _PLAIN) -> int:
    """Admit whoever heard CODE, from now on."""
    return await _decide(code, shared, approved=True)


async def deny(code: Code, /, *, shared: Shared = _PLAIN) -> int:
    """Forget whoever heard CODE; they hear another one if they call again."""
    return await _decide(code, shared, approved=False)


async def _decide(code: str, shared: Shared, *, approved: bool) -> int:
    now_ms = _now_ms()
    callers: list[PhoneNumber] = []

    def change(book: PairingBook) -> PairingBook:
        callers.append(book.find(code, now_ms=now_ms).caller)
        return book.approve(code, now_ms=now_ms) if approved else book.deny(code, now_ms=now_ms)

    await _store(state_folder(make=True)).change(change)
    caller = callers[-1]
    if shared.json:
        show_json({"ok": True, "from": str(caller)})
    else:
        done = f"{caller.masked} may call from now on" if approved else f"{caller.masked} is forgotten"
        show(translated(done))
    return 0


def _store(home: Path) -> PairingStore:
    """Return who waits and who is approved: the state folder knows, whatever the settings say."""
    from voice_entrypoints.container import Container

    return Container(settings=Settings(), home=home).pairing()


def _json(book: PairingBook, now_ms: int) -> dict[str, object]:
    return {
        "pending": [
            {
                "code": request.code,
                "from": str(request.caller),
                "requestedAt": request.requested_at_ms,
                "expiresAt": request.expires_at_ms,
            }
            for request in book.pending_at(now_ms)
        ],
        "approved": sorted(str(number) for number in book.approved),
    }


def _text(book: PairingBook, now_ms: int) -> str:
    waiting = book.pending_at(now_ms)
    rows = [
        (
            request.code,
            str(request.caller),
            translated(f"{(request.expires_at_ms - now_ms) // 60_000} min left"),
        )
        for request in waiting
    ]
    approved = sorted(str(number) for number in book.approved)
    lines = [columns([translated_all("CODE", "CALLER", ""), *rows]) if rows else translated("nobody waits")]
    lines.append(translated(f"approved: {', '.join(approved)}" if approved else "approved: nobody"))
    return "\n".join(lines)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
