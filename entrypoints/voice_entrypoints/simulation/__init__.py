"""The whole gateway among twins, in one process and in virtual time, while everything around it fails on purpose.

A plan is made from a seed: calls, what callees and clients do in them, and faults. It is carried out by the real
entrypoints, runtime and adapters; oracles then compare what we kept with what the carrier's twin saw. The same plan
gives the same trace, so a failure can be had again, and a plan that fails can be made smaller.
"""

__all__ = ()
