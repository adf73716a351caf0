"""What must hold after every simulation, whatever went wrong in it."""

__all__ = ()
