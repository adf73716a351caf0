"""Carriers: the companies and programs that run the phone network side of a call."""

__all__: tuple[str, ...] = ()
