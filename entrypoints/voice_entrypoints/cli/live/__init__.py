"""Calls while they happen: a picture on a terminal, a line for each event anywhere else."""

__all__ = ()
