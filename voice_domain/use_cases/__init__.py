"""Use cases: what a host can ask, one request a file."""
