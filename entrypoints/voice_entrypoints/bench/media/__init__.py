"""What carrying the sound of calls costs: the whole path beside bare echo servers, on real sockets.

The servers and the load run in processes of their own; ratios of one run mean something on any machine.
"""

from voice_entrypoints.bench.media.measurement import measure

__all__ = ("measure",)
