"""The table of what the seed documents ask for names only what is there."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

PAGE = ROOT / "docs" / "reference" / "seeds.md"
ROUTE = re.compile(r"^(GET|POST|PUT|DELETE) (/api/\S+)$")
PATH = re.compile(r"^[\w.-]+(/[\w.-]+)+$|^[\w-]+\.py$")
EVENT = re.compile(r"^(?:[A-Z][a-z]+){2,}$")


class Row:
    """One line of a table: what is asked, what is here, what shows it."""

    def __init__(self, section: str, cells: list[str]) -> None:
        self.section = section
        self.asked, self.here, self.shown = cells

    def __str__(self) -> str:
        return f"{self.section}: {self.asked}"


def rows() -> Iterator[Row]:
    section = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            section = line.strip("# ")
        elif line.startswith("| ") and not line.startswith(("| asked", "| ---")):
            yield Row(section, [cell.strip() for cell in line.strip("|").split("|")])


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@cache
def routes() -> set[str]:
    text = (ROOT / "docs" / "reference" / "routes.md").read_text(encoding="utf-8")
    return {f"{method} {path}" for method, path in re.findall(r"\| (\w+) \| `(/[^`]*)` \|", text)}


@cache
def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def is_there(path: str) -> bool:
    return (ROOT / path).exists() or (ROOT / "src" / "samovar" / path).exists()


@pytest.mark.parametrize("row", list(rows()), ids=str)
def test_what_a_row_names_is_there(row: Row) -> None:
    if row.section == "Technologies":
        spans = code(row.here)
    else:
        spans = code(row.here) + code(row.shown)
        assert row.shown or row.here == "left out", "a row says which test shows it, or that it comes later"
    events = (ROOT / "docs" / "reference" / "events.md").read_text(encoding="utf-8")
    for span in spans:
        if ROUTE.match(span):
            assert span in routes(), span
        elif "::" in span:
            file, _, name = span.partition("::")
            assert name in names_in(ROOT / file), span
        elif PATH.match(span) and not span.startswith("/"):
            assert is_there(span), span
        elif EVENT.match(span):
            assert f"[{span}]" in events, span


def test_every_service_of_the_twitter_clone_has_its_table() -> None:
    headings = re.findall(r"^### (\d+)\. ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(number) for number in headings] == list(range(1, 17))
