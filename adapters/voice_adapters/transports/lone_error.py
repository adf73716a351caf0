"""Takes a single error out of the groups that task groups wrap around it."""

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ("lone_errors",)


@contextmanager
def lone_errors() -> Iterator[None]:
    """Let a single error inside leave as itself; several of them stay a group."""
    try:
        yield
    except BaseExceptionGroup as group:
        lone = _lone(group)
        if lone is None:
            raise
        raise lone from lone.__cause__


def _lone(group: BaseExceptionGroup[BaseException]) -> BaseException | None:
    if len(group.exceptions) != 1:
        return None
    (inner,) = group.exceptions
    return _lone(inner) if isinstance(inner, BaseExceptionGroup) else inner
