"""Which metrics there are, and which an expression asks for."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

#: Metrics that are being written, with their labels.
COMING: Mapping[str, frozenset[str]] = {}
#: What prometheus_client tells of a process, once its collector is registered.
PROCESS = re.compile(r"process_(cpu_seconds_total|resident_memory_bytes|open_fds|start_time_seconds)$")
#: What others tell: Prometheus itself and its exporters, Alertmanager.
FOREIGN = re.compile(r"(up|ALERTS)$|(probe|node|pg|redis|alertmanager|prometheus)_[a-z]")
KINDS = {"Counter", "Gauge", "Histogram", "Summary"}
#: Labels that a scrape adds, and the buckets of histograms.
ADDED = frozenset({"job", "instance", "process", "le"})
WORDS = frozenset({
    "and", "or", "unless", "on", "ignoring", "group_left", "group_right", "by", "without", "bool", "offset",
    "inf", "nan", "start", "end", "atan2",
})  # fmt: skip


def declared(tree: Path) -> dict[str, frozenset[str]]:
    """The metrics that the source makes, with their labels; of a histogram its series too."""
    found: dict[str, frozenset[str]] = {}
    for path in (tree / "src/samovar").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "samovar_" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            kind = getattr(node.func, "id", getattr(node.func, "attr", ""))
            name = node.args[0]
            if kind in KINDS and isinstance(name, ast.Constant) and str(name.value).startswith("samovar_"):
                _add(found, str(name.value), kind == "Histogram", _labels(node))
    return found


def known(tree: Path) -> dict[str, frozenset[str]]:
    """What rules and dashboards may name: declared, and coming."""
    found = dict(declared(tree))
    for name, labels in COMING.items():
        if name not in found and f"{name}_bucket" not in found:
            _add(found, name, name.endswith("_duration_seconds"), labels)
    return found


def arrived(tree: Path) -> list[str]:
    """Metrics that have come and can leave the list above."""
    there = declared(tree)
    return sorted(name for name in COMING if name in there)


def process_collected(tree: Path) -> bool:
    """Does Samovar tell of its memory and processor time?"""
    return any("ProcessCollector(" in path.read_text() for path in (tree / "src/samovar").rglob("*.py"))


def unknown(expression: str, there: Mapping[str, frozenset[str]], recorded: frozenset[str]) -> Iterator[str]:
    """What an expression asks for that nobody tells."""
    text = re.sub(r"#.*", "", expression)
    for name, matchers in re.findall(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}", text):
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", re.sub(r'"(?:[^"\\]|\\.)*"', '""', matchers)):
            if name in there and label not in there[name] | ADDED:
                yield f"{name} has no label {label}"
    text = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    text = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", text)
    text = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", text)
    text = re.sub(r"\boffset\s+\w+|\b\d[\w.]*", " ", text)
    for name in dict.fromkeys(re.findall(r"[a-zA-Z_:][\w:]*(?![\w:]*\s*\()", text)):
        if name in WORDS or name in there or name in recorded:
            continue
        if not FOREIGN.match(name) and not PROCESS.match(name):
            yield f"nobody tells {name}"


def _add(found: dict[str, frozenset[str]], name: str, histogram: bool, labels: frozenset[str]) -> None:
    found[name] = labels
    if histogram:
        for part in ("bucket", "count", "sum"):
            found[f"{name}_{part}"] = labels


def _labels(node: ast.Call) -> frozenset[str]:
    given = [argument.value for argument in node.keywords if argument.arg == "labelnames"] + node.args[2:3]
    texts = [part for part in ast.walk(given[0]) if isinstance(part, ast.Constant)] if given else []
    return frozenset(str(text.value) for text in texts)
