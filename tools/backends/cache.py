"""What was fetched or built, kept outside any checkout so that a second clone finds it."""

import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.backends.errors import Unavailable
from tools.backends.folder import held, locked


def root() -> Path:
    """The cache folder: SAMOVAR_BACKENDS_CACHE, or ~/.cache/samovar/backends."""
    given = os.environ.get("SAMOVAR_BACKENDS_CACHE")
    return Path(given).absolute() if given else Path.home() / ".cache" / "samovar" / "backends"


def has(name: str) -> bool:
    return (root() / name).is_dir()


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of this name in the cache, made when it is not there. Nobody ever sees it half made."""
    target = root() / name
    if target.is_dir():
        return target
    with locked(root() / f"{name}.lock"):
        if not target.is_dir():  # another clone may have made it while we waited
            rough = root() / f"{name}.new"
            remove(rough)
            rough.mkdir(parents=True)
            make(rough)
            rough.rename(target)
    return target


def remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def run(
    command: Sequence[str | Path],
    what: str,
    *,
    limit: float = 900,
    more: Mapping[str, str] | None = None,
    where: Path | None = None,
    words: str = "",
    log: Path | None = None,
) -> str:
    """Run a helper to its end and return what it printed. Raises Unavailable: `what` could not be done.

    All that it said goes to a log, whose place the error tells.
    """
    log = log or root() / "logs" / f"{Path(command[0]).name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab") as noise:
        noise.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        noise.flush()
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=noise,
                cwd=where or "/",
                env={**os.environ, **(more or {})},
                start_new_session=True,
                pass_fds=held(),
                text=True,
            )
        except OSError as error:
            raise Unavailable(f"{what}: {command[0]}: {error.strerror}") from error
        with process:
            try:
                said, _ = process.communicate(words, timeout=limit)
            except subprocess.TimeoutExpired:
                raise Unavailable(f"{what}: not done after {limit:.0f} s") from None
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
        noise.write(said.encode())
    if process.returncode != 0:
        raise Unavailable(f"{what}: {Path(command[0]).name} ended with {process.returncode}, see {log}")
    return said
