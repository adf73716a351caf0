"""The source of our own packages, parsed once, for tests that guard how it is written."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import attrs

__all__ = ("PACKAGES", "ROOT", "Source", "imported_names", "sources")

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "voice_domain": ROOT / "voice_domain",
    "voice_adapters": ROOT / "adapters" / "voice_adapters",
    "voice_contracts": ROOT / "contracts" / "voice_contracts",
    "voice_entrypoints": ROOT / "entrypoints" / "voice_entrypoints",
}


@attrs.frozen
class Source:
    """One module of ours."""

    name: str
    """Dotted, as it is imported."""
    path: Path
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """The layer that the module belongs to."""
        return self.name.partition(".")[0]

    def at(self, line: int) -> str:
        """Return where *line* is, as an editor understands it."""
        return f"{self.path.relative_to(ROOT)}:{line}"


@functools.cache
def sources() -> tuple[Source, ...]:
    """Return every module of the four packages, in order of its name."""
    found = [_read(package, path) for package, root in PACKAGES.items() for path in root.rglob("*.py")]
    return tuple(sorted(found, key=lambda source: source.name))


def imported_names(source: Source) -> Iterator[tuple[str, int]]:
    """Yield every module that *source* imports, at any depth of its code, with the line."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "", node.lineno)


def _read(package: str, path: Path) -> Source:
    parts = path.relative_to(PACKAGES[package]).with_suffix("").parts
    if parts[-1] == "__init__":
        parts = parts[:-1]
    text = path.read_text(encoding="utf-8")
    return Source(".".join((package, *parts)), path, text, ast.parse(text))
