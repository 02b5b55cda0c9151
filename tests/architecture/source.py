"""The source tree as these tests read it: parsed, never imported."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "samovar"
SERVICES = PACKAGE / "services"
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Module(NamedTuple):
    """One file of the package."""

    path: Path
    tree: ast.Module
    lines: int

    @property
    def where(self) -> str:
        """Its path below src/samovar."""
        return self.path.relative_to(PACKAGE).as_posix()

    def at(self, node: ast.AST) -> str:
        """A place to click on."""
        return f"src/samovar/{self.where}:{getattr(node, 'lineno', 1)}"


@cache
def modules() -> tuple[Module, ...]:
    """Every module that people write; generated contracts are left out."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if "contracts" not in path.relative_to(PACKAGE).parts:
            text = path.read_text(encoding="utf-8")
            found.append(Module(path, ast.parse(text), text.count("\n")))
    return tuple(found)


def service_names() -> list[str]:
    """The folders below services/."""
    return sorted(path.name for path in SERVICES.iterdir() if (path / "__init__.py").exists())


def of_service(name: str) -> list[Module]:
    """The modules of one service."""
    return [module for module in modules() if (SERVICES / name) in module.path.parents]


def definitions(node: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    """Classes and functions that stand directly in a module or class."""
    for child in node.body:
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
