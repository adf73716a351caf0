"""Finds what belongs to a carrier alone: the modules and folders of a package that have its name."""

import pkgutil
from collections.abc import Iterable

from voice_contracts.settings import CARRIERS

__all__ = ("named_for_carriers",)


def named_for_carriers(path: Iterable[str]) -> tuple[str, ...]:
    """Return the carriers that a package has a module or a folder for, in the order of the settings.

    *path* is the `__path__` of the package. Nothing is imported.
    """
    names = {module.name for module in pkgutil.iter_modules(path)}
    return tuple(carrier for carrier in CARRIERS if carrier in names)
