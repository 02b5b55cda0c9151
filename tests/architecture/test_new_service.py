"""`make new-service` gives a service that works and keeps to the rules of the tree."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT

LEFT_OUT = shutil.ignore_patterns(
    ".venv", "node_modules", ".git", "__pycache__", ".*_cache", "var", "out", "*.db", "pictures"
)
NAME = "samples"


def run(folder: Path, *command: str | Path) -> None:
    """Run a Python command in the copy, whose own sources come first."""
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, timeout=300,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
    )  # fmt: skip
    assert done.returncode == 0, f"{command}: {done.stdout[-4000:]}{done.stderr[-2000:]}"


def test_the_skeleton_works_and_keeps_to_the_rules(tmp_path: Path) -> None:
    copy = tmp_path / "tree"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    run(copy, "tools/new_service.py", NAME)
    run(copy, "tools/gen_contracts.py", "--check")
    run(copy, "tools/docs.py")
    made = [
        copy / f"src/samovar/services/{NAME}",
        copy / f"tests/services/{NAME}",
        copy / "src/samovar/app/registry.py",
    ]
    run(copy, "-m", "ruff", "check", *made)
    run(copy, "-m", "ruff", "format", "--check", *made)
    rules = [f"tests/architecture/test_{name}.py" for name in ("code", "contracts", "tables")]
    run(copy, "-m", "pytest", "-q", "-p", "no:schemathesis", "-p", "no:cacheprovider",
        f"tests/services/{NAME}", *rules)  # fmt: skip
    assert NAME in (copy / "docs/reference/services.md").read_text(encoding="utf-8")
