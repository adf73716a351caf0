"""The command line: a client of the gateway, a reader of the store, and a phone of its own where there is neither."""

__all__ = ()
