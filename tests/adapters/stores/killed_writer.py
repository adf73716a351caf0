"""Writes calls until it is killed, again and again: for each line on stdin, one process that reports what is durable.

Forked from a process that has imported everything, so that a round costs milliseconds.
"""

import os
import sys
from pathlib import Path

import anyio

from voice_adapters.stores.sqlite import SqliteStore
from voice_contracts.conformance.sample_values import opened
from voice_domain.effects import Answer
from voice_domain.events import UtteranceHeard
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.event_store import OutboxItem


def report(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def write_call(store: SqliteStore, call_id: CallId) -> None:
    await store.append(call_id, (opened(call_id),), expected_version=0)
    report(f"kept {call_id} 1")
    version = 1
    while True:
        events = tuple(UtteranceHeard(version + n, f"sentence {version + n}") for n in range(2))
        item = OutboxItem(f"{call_id}:{version}:0", call_id, Answer(CarrierCallId("C1")))
        await store.append(call_id, events, expected_version=version, outbox=(item,))
        version += 2
        report(f"kept {call_id} {version}")


async def write(path: Path, round_: str) -> None:
    async with SqliteStore(path) as store, anyio.create_task_group() as tasks:
        for number in range(8):
            tasks.start_soon(write_call, store, CallId(f"call-{round_}-{number}"))


def main() -> None:
    for line in sys.stdin:
        round_, backend = line.split()
        child = os.fork()
        if not child:
            report(f"pid {os.getpid()}")
            anyio.run(write, Path(sys.argv[1]), round_, backend=backend)
        os.waitpid(child, 0)
        report("dead")


main()
