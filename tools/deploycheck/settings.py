"""Every setting named under deploy/ is one that Samovar knows."""

import re
from collections.abc import Iterator
from pathlib import Path

NAME = re.compile(r"\bSAMOVAR_[A-Z0-9]+__[A-Z0-9_]+\b")
#: Settings that are being written and not yet in docs/reference/settings.md.
COMING: frozenset[str] = frozenset()


def known(tree: Path) -> set[str]:
    """What the reference lists; it is generated from the program."""
    return set(NAME.findall((tree / "docs/reference/settings.md").read_text(encoding="utf-8")))


def names(tree: Path, _: str) -> Iterator[str]:
    there = known(tree) | COMING
    for path in sorted((tree / "deploy").rglob("*")):
        if not path.is_file() or "refused" in path.parts or "secrets" in path.parts:
            continue
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for name in NAME.findall(text):
                if name not in there and name.removesuffix("_FILE") not in there:
                    yield f"{path.relative_to(tree)}:{line}: {name}: Samovar has no such setting"


def arrived(tree: Path) -> list[str]:
    """Names that have come and can leave the list above."""
    return sorted(COMING & known(tree))
