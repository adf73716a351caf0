"""What the gateway adds to the time that services take to answer: from the last word heard to the first one said.

Added is (first frame of ours on the wire - last speech frame of theirs on the wire) - the services' own delays, which
are exact because the services are twins.
"""

from voice_entrypoints.bench.turns.measurement import measure

__all__ = ("measure",)
