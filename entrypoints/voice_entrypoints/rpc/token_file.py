"""The bearer token of the private listener, in a file that only its owner can read."""

from pathlib import Path

from voice_entrypoints.secret_file import TokenFileError, keep_token, read_token

__all__ = ("TokenFileError", "keep_token", "read_token", "token_path")


def token_path(home: Path, named: str | None) -> Path:
    """Return where the token is: the file of `api.tokenFile`, else one in the state folder."""
    return Path(named).expanduser() if named else home / "api-token"
