"""What each event changes of a call: the pieces of the fold, one module for each subject."""

__all__: tuple[str, ...] = ()
