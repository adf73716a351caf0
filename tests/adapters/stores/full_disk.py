"""Fills its own disk: a file size limit of this process stands for a disk that takes nothing more."""

import resource
import sys
from pathlib import Path

import anyio

from voice_adapters.stores.sqlite import SqliteStore
from voice_contracts.conformance.sample_values import opened
from voice_domain.events import UtteranceHeard
from voice_domain.identity import CallId
from voice_domain.ports.event_store import StoreError

CALL = CallId("call-1")


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")


async def main(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append(CALL, (opened(CALL),), expected_version=0)
        say(len(await store.load(CALL)))
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        huge = UtteranceHeard(2, "x" * 1_000_000)
        try:
            await store.append(CALL, (huge,), expected_version=1)
        except StoreError as error:
            say(error)
        say(len(await store.load(CALL)))
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        await store.append(CALL, (huge,), expected_version=1)
        say(len(await store.load(CALL)))


anyio.run(main, Path(sys.argv[1]))
