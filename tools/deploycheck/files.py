"""Reading what stands under deploy/."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml


def load(path: Path) -> Any:
    """A YAML document."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def documents(text: str) -> list[Any]:
    """The YAML documents of a text, empty ones left out."""
    return [document for document in yaml.safe_load_all(text) if document]


def parses(tree: Path, _: str) -> Iterator[str]:
    """Is every YAML and JSON file what its name says? For some no other check can be had."""
    count = 0
    for path in sorted((tree / "deploy").rglob("*")):
        if "templates" in path.parts or "targets" in path.parts or not path.is_file():
            continue
        try:
            if path.suffix in (".yaml", ".yml") and ".template" not in path.name:
                list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
                count += 1
            elif path.suffix == ".json":
                json.loads(path.read_text(encoding="utf-8"))
                count += 1
        except (yaml.YAMLError, json.JSONDecodeError) as error:
            yield f"{path.relative_to(tree)}: {error}"
    if not count:
        yield "deploy/ holds nothing"


def alloy(tree: Path, _: str) -> Iterator[str]:
    """Alloy's own check can't be had here: are its brackets and quotes closed, its references defined?"""
    path = tree / "deploy/alloy/config.alloy"
    source = path.read_text(encoding="utf-8")
    text = re.sub(r'"(?:[^"\\\n]|\\.)*"|(?m://.*$)', "", source)
    if '"' in text:
        yield "deploy/alloy/config.alloy: a quote is not closed"
    stack: list[str] = []
    for sign in re.findall(r"[][(){}]", text):
        if sign in "([{":
            stack.append(sign)
        elif not stack or "([{".index(stack.pop()) != ")]}".index(sign):
            yield "deploy/alloy/config.alloy: brackets do not match"
            return
    if stack:
        yield f"deploy/alloy/config.alloy: {len(stack)} brackets are not closed"
    defined = {f"{kind}.{name}" for kind, name in re.findall(r'(?m)^([a-z_.]+) "(\w+)" \{', source)}
    for kind, name in re.findall(r"([a-z_]+(?:\.[a-z_]+)+)\.(\w+)\.(?:targets|output|receiver)\b", source):
        if f"{kind}.{name}" not in defined:
            yield f"deploy/alloy/config.alloy: {kind}.{name} is not defined"


def services(tree: Path) -> set[str]:
    """The services that there are: the folders of src/samovar/services that hold a manifest."""
    folder = tree / "src/samovar/services"
    found = set()
    for path in folder.glob("*/__init__.py"):
        if "SERVICE" in path.read_text(encoding="utf-8"):
            found.add(path.parent.name)
    return found
