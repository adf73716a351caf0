"""Build the wheel as a user's pip would, look inside, and run its commands from an environment of its own.

Usage: python .ci/check_wheel.py [--no-isolation]
"""

import configparser
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from pathlib import Path

__all__ = ("main",)

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "voice_domain": "voice_domain",
    "voice_adapters": "adapters/voice_adapters",
    "voice_contracts": "contracts/voice_contracts",
    "voice_entrypoints": "entrypoints/voice_entrypoints",
}
COMMANDS = ("voicecall", "voicecall-http", "voicecall-mcp", "voicecall-rpc")


class WheelError(Exception):
    """The wheel is not what we promise; the message says what is wrong with it."""


def main(arguments: list[str]) -> int:
    """Build and check; return 0, or 1 after one sentence on standard error."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            wheel = _build(Path(folder), arguments)
            _look_inside(wheel)
            _run_commands(wheel, Path(folder) / "venv")
        except WheelError as error:
            sys.stderr.write(f"wheel: {error}\n")
            return 1
        sys.stdout.write(f"{wheel.name}: four packages, typed, complete; its commands run\n")
    return 0


def _build(folder: Path, arguments: list[str]) -> Path:
    _run([sys.executable, "-m", "build", "--wheel", "--outdir", folder, *arguments, ROOT])
    return next(folder.glob("*.whl"))


def _look_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry_points = _entry_points(archive)
    roots = {name.partition("/")[0] for name in names}
    packages = {root for root in roots if not root.endswith(".dist-info")}
    if packages != set(PACKAGES):
        raise WheelError(f"its top level is {sorted(packages)} instead of {sorted(PACKAGES)}")
    if missing := sorted(_tracked_files() - names):
        raise WheelError(f"it lacks {', '.join(missing)}")
    if untyped := [package for package in PACKAGES if f"{package}/py.typed" not in names]:
        raise WheelError(f"py.typed is missing in {', '.join(untyped)}")
    for command in COMMANDS:
        module = entry_points.get(command, "").partition(":")[0].replace(".", "/")
        if not {f"{module}.py", f"{module}/__init__.py"} & names:
            raise WheelError(f"the command {command} leads to {module or 'nothing'}, which is not in it")


def _entry_points(archive: zipfile.ZipFile) -> dict[str, str]:
    name = next(name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.read_string(archive.read(name).decode())
    return {key: target.replace(" ", "") for key, target in parser["console_scripts"].items()}


def _tracked_files() -> set[str]:
    """Every file that git keeps in a package (schemas, pages and marker files included), as the wheel names it."""
    found: set[str] = set()
    for package, folder in PACKAGES.items():
        listed = _run(["git", "-C", ROOT, "ls-files", "-z", "--", folder]).split("\0")
        inside = [name for name in listed if name and (ROOT / name).exists()]
        found.update(package + name.removeprefix(folder) for name in inside)
    return found


def _run_commands(wheel: Path, place: Path) -> None:
    # The dependencies come from this environment by path, the package from the wheel alone: no network is needed,
    # and our editable install is not seen, because Python reads .pth files only in the new environment's own folder.
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    _run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            wheel,
        ]
    )
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    borrowed = place / "lib" / version / "site-packages" / "dependencies.pth"
    borrowed.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    for command in COMMANDS:
        shown = _run([place / "bin" / command, "--help"], cwd=place)
        if command not in shown:
            raise WheelError(f"{command} --help does not name itself")


def _run(command: list[str | Path], cwd: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        line = " ".join(str(word) for word in command)
        raise WheelError(f"`{line}` failed with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
