"""What the documents say is what the program does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from samovar.app.cli import main
from samovar.app.operate import sections
from tests.architecture.source import ROOT, SERVICES, service_names
from tools.docs import documented

PAGES = sorted(path for path in ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("tool", ["gen_contracts", "docs"])
def test_generated_files_are_current(tool: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / f"{tool}.py", "--check"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("service", service_names())
def test_every_service_tells_of_itself(service: str) -> None:
    text = (SERVICES / service / "README.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {service}\n")


def test_every_setting_says_what_it_is() -> None:
    silent = [
        f"[{section}] {field}: put a `#:` comment above it"
        for section, kind in sections()
        for field, comment in documented(kind).items()
        if not comment
    ]
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:|#", target):
            assert (page.parent / target.partition("#")[0]).exists(), f"{page.name}: {target}"


def test_decisions_are_numbered_without_a_gap() -> None:
    names = sorted(path.name for path in (ROOT / "docs/decisions").glob("*.md"))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    for name in names:
        text = (ROOT / "docs/decisions" / name).read_text(encoding="utf-8")
        assert text.startswith(f"# {int(name[:4])}. "), name
        assert "**Why.**" in text, name


def test_documents_name_commands_that_exist() -> None:
    known = set(main.commands)
    for page in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            for name in re.findall(r"^(?:\S*/)?samovar (?!-)([a-z-]+)", block, re.MULTILINE):
                assert name in known, f"{page.name}: samovar {name}"


def test_documents_name_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for name in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")):
            assert name in targets, f"{page.name}: make {name}"
