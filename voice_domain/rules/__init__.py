"""What follows from each kind of input: the rules by which a call is decided."""

__all__: tuple[str, ...] = ()
