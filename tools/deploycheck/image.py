"""The image: hadolint, and what it does not ask."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from tools.deploycheck.programs import run, said


def hadolint(tree: Path, program: str) -> Iterator[str]:
    yield from said(run([program, "--no-color", "deploy/Dockerfile"], cwd=tree), "hadolint")


def rules(tree: Path, _: str) -> Iterator[str]:
    """Does the image keep what deploy/ promises of it?"""
    text = (tree / "deploy/Dockerfile").read_text(encoding="utf-8")
    last = text[text.rindex("\nFROM ") :]
    for wanted, why in (
        (r"(?m)^USER [1-9]\d*(:\d+)?$", "ends as a user that is a number and not root"),
        (r'(?m)^ENTRYPOINT \["', "has its entrypoint in exec form, so that signals reach it"),
        (r"(?m)^HEALTHCHECK ", "has a HEALTHCHECK"),
        (r"org\.opencontainers\.image\.version=", "has OCI labels"),
        (r"(?m)^COPY --from=build ", "takes what it holds from a build stage"),
    ):
        if not re.search(wanted, last):
            yield f"the last stage no longer {why}"
    for line in re.findall(r"pip install [^\n&\\]*", text):
        if "--require-hashes" not in line and "--no-index" not in line:
            yield f"installs without hashes: {line.strip()}"
    if "npm ci" not in text:
        yield "front-end packages do not come from package-lock.json (npm ci)"
    yield from _context(tree, text)
    yield from _backend(text)


def _context(tree: Path, text: str) -> Iterator[str]:
    """What is copied must exist, and get past .dockerignore."""
    let_in = {
        line[1:].strip("/")
        for line in (tree / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    for line in re.findall(r"(?m)^COPY (?!--from)(.+)$", text):
        for source in [word for word in line.split() if not word.startswith("--")][:-1]:
            if not (tree / source).exists():
                yield f"COPY {source}: there is no such file"
            elif source not in let_in:
                yield f"COPY {source}: .dockerignore keeps it out"


def _backend(text: str) -> Iterator[str]:
    """The build backend's own dependencies are named in the Dockerfile: are these all?"""
    found = re.search(r"~ /\^\(([a-z|-]+)\)==/", text)
    named = set(found[1].split("|")) if found else set()
    try:
        needs = requires("hatchling") or []
    except PackageNotFoundError:
        return
    wanted = {"hatchling"}
    for need in needs:
        if "extra ==" not in need and "python_version <" not in need:
            wanted.add(re.split(r"[^a-z0-9-]", need.lower())[0])
    for name in sorted(wanted - named):
        yield f"deploy/Dockerfile does not take {name} from requirements-dev.lock, which hatchling needs"
