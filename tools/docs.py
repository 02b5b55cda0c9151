"""Write docs/reference/ from what the program says of itself.

    python tools/docs.py           write
    python tools/docs.py --check   fail when what is committed is not current

Events come from the protos and the services' manifests, settings from their structs and `#:`
comments, routes from the OpenAPI document, metrics from the registry, commands from the command line.
"""

import ast
import inspect
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from samovar.app import operate

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "reference"
sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(ROOT / "src"))
WRITTEN = "<!-- Written by tools/docs.py: `make gen`. -->"


def main() -> int:
    """Write the pages, or with --check only compare."""
    pages = {
        "events.md": events(),
        "settings.md": settings(),
        "services.md": services(),
        "routes.md": routes(),
        "metrics.md": metrics(),
        "commands.md": commands(),
    }
    stale = []
    for name, text in pages.items():
        path = OUT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
            if "--check" not in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for path in stale:
        said = "is not current: run `make gen`" if "--check" in sys.argv else "written"
        print(f"{path.relative_to(ROOT)} {said}")
    return 1 if stale and "--check" in sys.argv else 0


def page(title: str, about: str, *parts: str) -> str:
    """A page of the reference."""
    return "\n\n".join([f"# {title}", about, WRITTEN, *parts]) + "\n"


def prose(text: str) -> str:
    """Text broken at the width of the tree's documents."""
    return "\n".join(textwrap.wrap(" ".join(text.split()), 118, break_on_hyphens=False))


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [heads, tuple("---" for _ in heads), *(tuple(text or "-" for text in row) for row in rows)]
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Text as code; nothing stays nothing."""
    return f"`{text}`" if text else ""


# --- events ---------------------------------------------------------------------------------------


def events() -> str:
    """Every event: who emits and hears it, its key, its fields, what the seeds call it."""
    import gen_contracts

    from samovar.app.registry import all_services

    files = gen_contracts.compile_protos()
    options = gen_contracts.Options(files)
    manifests = all_services()
    parts = []
    rows = []
    for context, file in sorted(gen_contracts.contexts(files).items()):
        comments = {tuple(loc.path): loc.leading_comments for loc in file.source_code_info.location}
        for index, message in enumerate(file.message_type):
            option = options.of(message.options, "MessageOptions", "event")
            if option is None:
                continue
            full = f"{file.package}.{message.name}"
            emitters = [s.name for s in manifests if full in {event.TYPE for event in s.emits}]
            hearers = [s.name for s in manifests if full in {event.TYPE for event in s.hears}]
            seeds = [name for name in option.seed if name != message.name]
            rows.append((
                f"[{message.name}](#{message.name.lower()})", context, ", ".join(emitters),
                ", ".join(hearers), ", ".join(option.seed),
            ))  # fmt: skip
            about = " ".join(comments.get((4, index), "").split())
            fields = [
                (code(field.name), code(_kind(field)), comments.get((4, index, 2, i), ""))
                for i, field in enumerate(message.field)
            ]
            parts += [
                f"## {message.name}",
                prose(about) or "No description.",
                f"Type `{full}`, ordered by `{option.key}`. Emitted by {_list(emitters)}, "
                f"heard by {_list(hearers)}."
                + (f" The seed documents also call it {_list(seeds)}." if seeds else ""),
                table(("field", "type", "about"), fields),
            ]
    return page(
        "Events",
        prose("""
            What services tell each other. An event carries beside its fields an id and a version that
            grows with each event of one key; those of one key arrive in order. Events are stored and
            sent as JSON, with the names below; a field is only ever added.
        """),
        table(("event", "context", "emitted by", "heard by", "in the seeds"), rows),
        *parts,
    )


def _list(names: list[str]) -> str:
    return ", ".join(names) if names else "nobody yet"


def _kind(field: Any) -> str:
    import gen_contracts

    proto = gen_contracts.FieldProto
    names = {number: name.removeprefix("TYPE_").lower() for name, number in proto.Type.items()}
    kind = field.type_name.rpartition(".")[2] or names[field.type]
    return f"list of {kind}" if field.label == proto.LABEL_REPEATED else kind


# --- settings -------------------------------------------------------------------------------------


def settings() -> str:
    """Every section with its settings."""
    parts = []
    for name, kind in operate.sections():
        about = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0]
        parts += [f"## `[{name}]`", about]
        rows = []
        for field, comment in documented(kind).items():
            default = next(f for f in msgspec.structs.fields(kind) if f.name == field).default
            rows.append((code(field), code(_default(default)), code(env_name(name, field)), comment))
        parts.append(table(("setting", "default", "in the environment", "about"), rows) if rows else "None.")
    return page(
        "Settings",
        prose("""
            Defaults stand in the program; `samovar.toml` in the data folder goes over them, and the
            environment over that: `[posts] text_limit = 1000` in the file is
            `SAMOVAR_POSTS__TEXT_LIMIT=1000` in the environment, and any setting may come from a file
            named by the same name with `_FILE` behind it, which is how secrets come. An unknown section
            or setting is an error. `samovar config show` prints what is in force, secrets hidden. In
            the environment a list is not possible: use the file.
        """),
        *parts,
    )


def env_name(section: str, setting: str) -> str:
    """How a setting is called in the environment."""
    return f"SAMOVAR_{section}__{setting}".upper()


def documented(kind: type[msgspec.Struct]) -> Mapping[str, str]:
    """The `#:` comment above each field; empty where there is none."""
    if not msgspec.structs.fields(kind):
        return {}
    lines = textwrap.dedent(inspect.getsource(kind)).splitlines()
    tree = ast.parse("\n".join(lines)).body[0]
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            comment: list[str] = []
            row = node.lineno - 2
            while row >= 0 and lines[row].strip().startswith("#:"):
                comment.insert(0, lines[row].strip().removeprefix("#:").strip())
                row -= 1
            found[node.target.id] = " ".join(comment)
    return found


def _default(value: Any) -> str:
    if value == "":
        return '""'
    if isinstance(value, tuple):
        return ", ".join(str(getattr(item, "type", item)) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- services -------------------------------------------------------------------------------------


def services() -> str:
    """The manifests, and a picture of who asks and tells whom."""
    from samovar.app.operate import service_graph
    from samovar.app.registry import all_services

    parts = []
    for service in all_services():
        readme = Path("src/samovar/services") / service.name / "README.md"
        first = (inspect.getdoc(sys.modules[service.package]) or "").split("\n\n")[0]
        linked = f" More in [its README](../../{readme.as_posix()})." if (ROOT / readme).exists() else ""
        parts += [
            f"## {service.name}",
            first + linked,
            table(("", ""), [
                ("serves", ", ".join(code(served.address) for served in service.serves)),
                ("uses", ", ".join(code(contract.short) for contract in service.uses)),
                ("emits", ", ".join(code(event.__name__) for event in service.emits)),
                ("hears", ", ".join(code(event.__name__) for event in service.hears)),
                ("keeps of a person", service.personal_data or "nothing"),
            ]),
        ]  # fmt: skip
    return page(
        "Services",
        prose("""
            Each owns its data and speaks to others through contracts (`proto/`) and [events](events.md)
            only. What it keeps of a person it erases when identity asks for it, which is what happens
            when somebody deletes their account. `samovar graph` prints the same.
        """),
        "Solid lines are questions, dotted ones are events.",
        f"```mermaid\n{service_graph('mermaid')}\n```",
        *parts,
    )


# --- routes ---------------------------------------------------------------------------------------


def openapi() -> dict[str, Any]:
    """The OpenAPI document, without a server."""
    from samovar.adapters.sqlite import SqliteEngine
    from samovar.app.backends import embedded
    from samovar.app.facing import edge_of
    from samovar.app.house import House
    from samovar.app.registry import all_services
    from samovar.edge.application import application
    from samovar.edge.settings import EdgeSettings
    from samovar.kernel.clock import SystemClock
    from samovar.kernel.kit import Site
    from samovar.kernel.settings import Secret, Source

    with tempfile.TemporaryDirectory() as folder:
        clock, site, secret = SystemClock(), Site(), Secret("only for documents")
        backends = embedded(clock, SqliteEngine(Path(folder) / "none.db"), Path(folder))
        house = House(all_services(), backends, Source(None, {}), site=site, secret=secret)
        edge = edge_of(house, EdgeSettings(), secret)
        gateway, _ = application(edge)
        app: Any = gateway.app
        document: dict[str, Any] = app.openapi_schema.to_schema()
        return document


def routes() -> str:
    """Every operation of the public REST, by its tag."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    for path, item in openapi()["paths"].items():
        for method, operation in item.items():
            good = [status for status in operation["responses"] if status.startswith("2")]
            groups.setdefault(operation["tags"][0], []).append(
                (method.upper(), code(path), ", ".join(good), operation["summary"])
            )
    parts = []
    for tag, rows in sorted(groups.items()):
        parts += [f"## {tag}", table(("method", "path", "answers", "what"), sorted(rows, key=lambda r: r[1]))]
    return page(
        "Routes",
        prose("""
            The public REST. Bodies and answers are at `/api/docs` of a running server, for programs at
            `/api/openapi.json`. Refusals are `application/problem+json` with a stable `code`. Ids are
            strings, times RFC 3339 in UTC; lists answer `items` and `next` and take `cursor` and
            `limit`. Beside them stand `/livez`, `/readyz` and `/metrics` for operators.
        """),
        *parts,
    )


# --- metrics --------------------------------------------------------------------------------------


def metrics() -> str:
    """Every metric at /metrics."""
    from prometheus_client.metrics import MetricWrapperBase

    from samovar.kernel import telemetry

    made = [value for value in vars(telemetry).values() if isinstance(value, MetricWrapperBase)]
    rows = []
    for metric in sorted(made, key=lambda metric: metric._name):
        kind = str(metric._type)
        name = metric._name + ("_total" if kind == "counter" else "")
        rows.append((code(name), kind, ", ".join(map(code, metric._labelnames)), metric._documentation))
    return page(
        "Metrics",
        prose("""
            What `/metrics` tells Prometheus. Labels never hold ids or raw paths. What to watch and when
            to worry is in the [operators' guide](../guide/operators.md#what-to-watch).
        """),
        table(("metric", "kind", "labels", "about"), rows),
    )


# --- commands -------------------------------------------------------------------------------------


def commands() -> str:
    """Every command of the command line."""
    from samovar.app.cli import main as samovar

    parts = []
    for path, command in _walk("samovar", samovar):
        context = click.Context(command, info_name=path)
        about = inspect.cleandoc(command.help or "").replace("\b\n", "")
        parts += [f"## `{path}`", about or "No description."]
        if isinstance(command, click.Group):
            continue
        pieces = " ".join(command.collect_usage_pieces(context))
        parts.append(f"```\n{path} {pieces}\n```")
        rows = [
            (code(", ".join(option.opts)), _option_default(option), option.help or "")
            for option in command.params
            if isinstance(option, click.Option) and not option.hidden
        ]
        if rows:
            parts.append(table(("option", "default", "about"), rows))
    return page("Commands", "`.venv/bin/samovar` for operators. Each has `--help`.", *parts)


def _walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            if isinstance(child, click.Group):
                yield f"{path} {name}", child
            yield from _walk(f"{path} {name}", child)
    else:
        yield path, command


def _option_default(option: click.Option) -> str:
    if option.is_flag or option.multiple or not isinstance(option.default, str | int | Path):
        return ""
    return code(str(option.default))


if __name__ == "__main__":
    sys.exit(main())
