"""Which other threads can still do something without the event loop's help.

Virtual time may jump only when nothing can happen before the next timer. A thread at work could still hand in a
result, so time waits for it. A thread counts as parked when it waits, without a time limit, for something that
only another thread can give; every other state counts as busy, so a mistake here costs a wait and never a jump.
"""

import sys
import threading
from concurrent.futures import thread as executor
from types import CodeType, FrameType
from typing import Any

import trio

__all__ = ("busy_threads",)


def busy_threads() -> list[threading.Thread]:
    """Return the living threads, other than the one that asks, that are not parked."""
    if threading.active_count() == 1:
        return []
    here = threading.current_thread()
    frames = sys._current_frames()
    return [
        thread
        for thread in threading.enumerate()
        if thread is not here and not _is_parked(frames.get(thread.ident or 0))
    ]


def _is_parked(frame: FrameType | None) -> bool:
    if frame is None:
        return False
    test = _PARKING_PLACES.get(frame.f_code)
    return test is not None and test(frame.f_locals)


def _waits_for_condition(names: dict[str, Any]) -> bool:
    # Covers Condition, Event, Queue and Future. notify() takes the waiter off the list before the waiting thread
    # runs again, so a thread that has just been woken is not taken for a parked one.
    return names.get("timeout") is None and names.get("waiter") in getattr(names["self"], "_waiters", ())


def _waits_in_pool(names: dict[str, Any]) -> bool:
    return names.get("work_item") is None and bool(names["work_queue"].empty())


def _waits_in_trio_cache(names: dict[str, Any]) -> bool:
    worker = names["self"]
    return worker in worker._thread_cache._idle_workers


def _waits_for_trio(names: dict[str, Any]) -> bool:
    return bool(names["message_to_trio"].queue.empty())


_PARKING_PLACES: dict[CodeType, Any] = {
    threading.Condition.wait.__code__: _waits_for_condition,
    executor._worker.__code__: _waits_in_pool,
    trio._core._thread_cache.WorkerThread._work.__code__: _waits_in_trio_cache,
    trio._threads._send_message_to_trio.__code__: _waits_for_trio,
}
