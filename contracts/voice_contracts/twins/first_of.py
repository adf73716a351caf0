"""Waiting for whichever comes first."""

import anyio

__all__ = ("first_of",)


async def first_of(one: anyio.Event, other: anyio.Event) -> None:
    """Wait until *one* or the *other* has happened."""
    async with anyio.create_task_group() as tasks:

        async def wait(event: anyio.Event) -> None:
            await event.wait()
            tasks.cancel_scope.cancel()

        tasks.start_soon(wait, one)
        tasks.start_soon(wait, other)
