"""`python -m voice_contracts.conformance package.module:Class`: check a carrier and print what it can do."""

import importlib
import sys
from collections.abc import Sequence
from typing import Any, Final

from voice_contracts.conformance.capability_matrix import capability_matrix
from voice_contracts.conformance.carrier_under_test import CarrierUnderTest
from voice_contracts.conformance.kit import run_kit

__all__ = ("main",)

_USAGE: Final = (
    "usage: python -m voice_contracts.conformance package.module:Class\n"
    "Class is a subclass of voice_contracts.conformance.carrier_under_test.CarrierUnderTest that needs no arguments.\n"
)


def main(arguments: Sequence[str]) -> int:
    """Check the carrier that the argument names; return 0 if every promise is kept, 1 if not, 2 if it is none."""
    module_name, colon, name = (arguments[0] if len(arguments) == 1 else "").partition(":")
    if not (module_name and colon and name):
        sys.stderr.write(_USAGE)
        return 2
    try:
        subject: Any = getattr(importlib.import_module(module_name), name)()
    except (ImportError, AttributeError, TypeError) as error:
        sys.stderr.write(f"{arguments[0]} cannot be made: {error}\n{_USAGE}")
        return 2
    if not isinstance(subject, CarrierUnderTest):
        sys.stderr.write(f"{arguments[0]} is {type(subject).__name__}, and no CarrierUnderTest\n{_USAGE}")
        return 2
    report = run_kit(subject)
    sys.stdout.write(capability_matrix(report) + "\n")
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
