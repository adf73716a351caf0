"""The options that every command has."""

from pathlib import Path
from typing import Annotated

import attrs
from cyclopts import Parameter

__all__ = ("Shared",)


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Shared:
    """How a command reads its settings and prints its answer."""

    json: Annotated[
        bool, Parameter(help="Print JSON on stdout and nothing else there.", show_default=False)
    ] = False
    config: Annotated[
        Path | None,
        Parameter(help="Read the settings from this file instead of the first one found."),
    ] = None
