"""Carriers that other packages bring, by entry points of the group `voicecall.carriers`."""

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs

from voice_domain.errors import VoiceError

if TYPE_CHECKING:  # most commands never ask what else is installed, and the answer takes its time
    from importlib.metadata import EntryPoint

    from voice_adapters.installed_carrier import CarrierFactory, CarrierSet, CarrierSupplies

__all__ = ("GROUP", "CarrierPackageError", "InstalledCarriers", "installed_carriers", "installed_names")

GROUP: Final = "voicecall.carriers"
_PARTS_OF_CARRIER: Final = ("capabilities", "dial", "answer", "reject", "hang_up", "look_up")


class CarrierPackageError(VoiceError):
    """A carrier cannot be had: nobody brings it, several do, or the package that does is at fault."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, name: str, problem: str, remedy: str) -> None:
        super().__init__(f"carrier {name!r} {problem}; {remedy}")
        self.carrier = name


@attrs.frozen
class InstalledCarriers:
    """The carriers of other packages; nothing of theirs is imported before one is made."""

    entry_points: "tuple[EntryPoint, ...]"

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, as `provider` may have them."""
        return tuple(sorted({point.name for point in self.entry_points}))

    def check_choice(self, name: str, ours: tuple[str, ...]) -> None:
        """Check that exactly one carrier, of ours or of another package, has *name*.

        Raises:
            CarrierPackageError: if none has, or several have.
        """
        others = [_origin(point) for point in self.entry_points if point.name == name]
        packages = " and ".join(sorted(others))
        if others and name in ours:
            raise CarrierPackageError(
                name, f"is one of voicecall's own, and {packages} brings another", f"uninstall {packages}"
            )
        if len(others) > 1:
            raise CarrierPackageError(name, f"is brought by {packages}", "uninstall all but one")
        if not others and name not in ours:
            known = f"use one of {', '.join(ours)}"
            known += f", or of the installed {', '.join(self.names)}" if self.names else ""
            raise CarrierPackageError(name, "is not part of this version, and no package brings it", known)

    def make(self, supplies: "CarrierSupplies") -> "CarrierSet":
        """Make the carrier that *supplies* are for.

        Raises:
            CarrierPackageError: if its package cannot be imported, or does not bring a carrier.
            CarrierSettingsError: if it cannot use its section.
        """
        point = next(point for point in self.entry_points if point.name == supplies.name)
        factory = _loaded(point)
        try:
            made: object = factory(supplies)
        except VoiceError:
            raise
        # Whatever a stranger's code does, the user gets one sentence, and its author the cause behind it.
        except Exception as error:
            raise _at_fault(point, f"failed with {type(error).__name__} when it was made") from error
        return _checked(point, made)


@functools.cache
def installed_carriers() -> InstalledCarriers:
    """Return what is installed, looked up once in a process."""
    from importlib.metadata import entry_points

    return InstalledCarriers(tuple(entry_points(group=GROUP)))


def installed_names() -> tuple[str, ...]:
    """Return the names of `installed_carriers`."""
    return installed_carriers().names


def _loaded(point: "EntryPoint") -> "CarrierFactory":
    try:
        factory: Any = point.load()
    # An import runs a stranger's code, so that anything may come of it.
    except Exception as error:
        problem = f"cannot be imported ({type(error).__name__}: {error})"
        raise _at_fault(point, problem, "install what it needs, or uninstall it") from error
    if not callable(factory):
        raise _at_fault(point, f"names {type(factory).__name__}, which is not a function")
    made: Callable[[CarrierSupplies], CarrierSet] = factory
    return made


def _checked(point: "EntryPoint", made: object) -> "CarrierSet":
    from voice_adapters.installed_carrier import CarrierSet

    if not isinstance(made, CarrierSet):
        raise _at_fault(point, f"gave {type(made).__name__} and not a CarrierSet")
    missing = [part for part in _PARTS_OF_CARRIER if not hasattr(made.carrier, part)]
    if missing:
        raise _at_fault(point, f"gave a carrier without {_listed(missing)}")
    if made.carrier.name != point.name:
        raise _at_fault(point, f"gave a carrier that calls itself {made.carrier.name!r}")
    return made


def _at_fault(
    point: "EntryPoint", problem: str, remedy: str = "tell its author, or uninstall it"
) -> CarrierPackageError:
    return CarrierPackageError(point.name, f"of {_origin(point)} ({point.value}) {problem}", remedy)


def _origin(point: "EntryPoint") -> str:
    return f"the package {point.dist.name}" if point.dist is not None else "an unnamed package"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
