"""The gateway as a real process, on real sockets and a real disk, beside a carrier's twin that outlives it.

Where a simulation has virtual time and one process, here the operating system decides: processes are killed, memory
and handles are counted, and what was kept is read from the file that is left.
"""

__all__ = ()
