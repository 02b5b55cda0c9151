"""Write src/samovar/contracts/ from proto/: one readable Python module per context.

    python tools/gen_contracts.py           write
    python tools/gen_contracts.py --check   fail when what is committed is not current

Each message becomes a frozen keyword-only struct, each service a Protocol of keyword-only async
methods with the proto's comments as docstrings, each declared error a class, each event a struct.
`descriptors.bin` beside them holds the compiled protos for the binary codec.
"""

import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "src" / "samovar" / "contracts"
FieldProto = descriptor_pb2.FieldDescriptorProto
SCALARS = {
    FieldProto.TYPE_INT64: ("int", "0"),
    FieldProto.TYPE_INT32: ("int", "0"),
    FieldProto.TYPE_UINT32: ("int", "0"),
    FieldProto.TYPE_UINT64: ("int", "0"),
    FieldProto.TYPE_BOOL: ("bool", "False"),
    FieldProto.TYPE_STRING: ("str", '""'),
    FieldProto.TYPE_BYTES: ("bytes", 'b""'),
    FieldProto.TYPE_DOUBLE: ("float", "0.0"),
}


def main() -> int:
    files = compile_protos()
    modules = {path: render(file, files) for path, file in contexts(files).items()}
    outputs: dict[Path, bytes] = {OUT / f"{name}.py": formatted(text) for name, text in modules.items()}
    outputs[OUT / "__init__.py"] = (
        b'"""Generated from proto/ by tools/gen_contracts.py. Do not edit by hand."""\n'
    )
    outputs[OUT / "descriptors.bin"] = stripped(files).SerializeToString(deterministic=True)
    stale = [path for path, data in outputs.items() if not path.exists() or path.read_bytes() != data]
    stale += [path for path in OUT.glob("*.py") if path not in outputs]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not current: run `make gen`")
        return 1 if stale else 0
    OUT.mkdir(exist_ok=True)
    for path in stale:
        if path in outputs:
            path.write_bytes(outputs[path])
        else:
            path.unlink()
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


def compile_protos() -> descriptor_pb2.FileDescriptorSet:
    """All protos below proto/ as descriptors, comments kept."""
    import grpc_tools
    from grpc_tools import protoc

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "all.bin"
        protos = sorted(str(p.relative_to(ROOT / "proto")) for p in (ROOT / "proto").rglob("*.proto"))
        include = Path(grpc_tools.__file__).parent / "_proto"
        code = protoc.main(
            ["protoc", f"-I{ROOT / 'proto'}", f"-I{include}", "--include_imports",
             "--include_source_info", f"--descriptor_set_out={target}", *protos]
        )  # fmt: skip
        if code:
            raise SystemExit("protoc refused the protos")
        return descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes())


def contexts(files: descriptor_pb2.FileDescriptorSet) -> dict[str, Any]:
    return {f.package.split(".")[1]: f for f in files.file if f.package.startswith("samovar.")}


def stripped(
    files: descriptor_pb2.FileDescriptorSet,
) -> descriptor_pb2.FileDescriptorSet:
    """The same without comments: what the codec needs at run time."""
    copy = descriptor_pb2.FileDescriptorSet()
    copy.CopyFrom(files)
    for file in copy.file:
        file.ClearField("source_code_info")
    return copy


def formatted(text: str) -> bytes:
    """In the shape of the tree: imports sorted and joined, lines laid out."""
    ruff = Path(sys.executable).parent / "ruff"
    data = text.encode()
    for step in (["check", "--select", "I", "--fix", "--quiet"], ["format"]):
        done = subprocess.run(
            [ruff, *step, "--stdin-filename", str(OUT / "x.py"), "-"],
            input=data, capture_output=True, check=True, cwd=ROOT,
        )  # fmt: skip
        data = done.stdout
    return data


class Options:
    """Reads our own options, which descriptors carry as extensions."""

    def __init__(self, files: descriptor_pb2.FileDescriptorSet) -> None:
        pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            pool.Add(file)
        self._pool = pool

    def of(self, options: Any, kind: str, extension: str) -> Any:
        cls = message_factory.GetMessageClass(self._pool.FindMessageTypeByName(f"google.protobuf.{kind}"))
        parsed = cls.FromString(options.SerializeToString())
        field = self._pool.FindExtensionByName(f"samovar.{extension}")
        if field.label == field.LABEL_REPEATED if hasattr(field, "label") else field.is_repeated:
            return list(parsed.Extensions[field])
        return parsed.Extensions[field] if parsed.HasExtension(field) else None


def render(file: Any, files: descriptor_pb2.FileDescriptorSet) -> str:
    return Module(file, files).text()


class Module:
    """The Python text of one proto file."""

    def __init__(self, file: Any, files: descriptor_pb2.FileDescriptorSet) -> None:
        self.file = file
        self.options = Options(files)
        self.comments = {tuple(loc.path): loc.leading_comments for loc in file.source_code_info.location}
        self.imports: set[str] = set()
        self.names: list[str] = []

    def text(self) -> str:
        enums = [self.enum(i, e) for i, e in enumerate(self.file.enum_type)]
        order = self.sorted_messages()
        structs = [self.struct(i, m) for i, m in order]
        services = [part for i, s in enumerate(self.file.service) for part in self.service(i, s)]
        doc = self.comment((2,)) or self.comment((12,)) or f"The {self.file.package} contract."
        typing = ["Protocol"] if self.file.service else []
        body = "\n\n".join([*enums, *structs, *services])
        if "ClassVar" in body:
            typing.append("ClassVar")
        abc = [n for n in ("AsyncIterator", "Mapping", "Sequence") if f"{n}[" in body]
        kernel = [
            name for name in KERNEL if any(mark in body for mark in (f"{name}(", f"({name},", f"@{name}"))
        ]
        heads = [line for line in body.splitlines() if line.startswith("class ") and line.endswith("):")]
        bases = {head.partition("(")[2].partition(")")[0] for head in heads}
        errors = sorted(bases & ERRORS)
        head = [
            quoted(
                doc.strip() + "\n\nGenerated from proto/ by tools/gen_contracts.py. Do not edit by hand.",
                0,
            ),
            "",
        ]
        if abc:
            head.append(f"from collections.abc import {', '.join(abc)}")
        if enums:
            head.append("from enum import StrEnum")
        if typing:
            head.append(f"from typing import {', '.join(sorted(typing))}")
        head.append("")
        head += sorted(self.imports)
        if kernel:
            head.append(f"from samovar.kernel.contract import {', '.join(kernel)}")
        if errors:
            head.append(f"from samovar.kernel.errors import {', '.join(errors)}")
        return "\n".join(head) + "\n\n\n" + body + "\n"

    def sorted_messages(self) -> list[tuple[int, Any]]:
        """Messages with what they hold before them, so that annotations resolve."""
        by_name = {f".{self.file.package}.{m.name}": (i, m) for i, m in enumerate(self.file.message_type)}
        done: list[tuple[int, Any]] = []
        seen: set[str] = set()

        def visit(name: str) -> None:
            if name in seen or name not in by_name:
                return
            seen.add(name)
            for field in by_name[name][1].field:
                visit(field.type_name)
            done.append(by_name[name])

        for name in by_name:
            visit(name)
        return done

    def enum(self, index: int, enum: Any) -> str:
        prefix = "".join("_" + c if c.isupper() and i else c for i, c in enumerate(enum.name)).upper() + "_"
        lines = [f"class {enum.name}(StrEnum):", quoted(self.comment((5, index)), 4)]
        for i, value in enumerate(enum.value):
            name = value.name.removeprefix(prefix)
            comment = self.comment((5, index, 2, i)).replace("\n", " ")
            lines.append(f'    {name} = "{name.lower()}"' + (f"  # {comment}" if comment else ""))
        return "\n".join(lines) + "\n"

    def struct(self, index: int, message: Any) -> str:
        event = self.options.of(message.options, "MessageOptions", "event")
        base = "Event" if event else "Message"
        lines = ["@register_event"] if event else []
        lines += [f"class {message.name}({base}, frozen=True, kw_only=True):"]
        lines.append(quoted(self.comment((4, index)) or self.role(message.name), 4))
        if event:
            lines += ["", f'    TYPE: ClassVar[str] = "{self.file.package}.{message.name}"',
                      f'    KEY: ClassVar[str] = "{event.key}"', ""]  # fmt: skip
        for i, field in enumerate(message.field):
            kind, default = self.field(message, field)
            comment = self.comment((4, index, 2, i))
            lines += [f"    #: {line}" for line in comment.splitlines()]
            lines.append(f"    {field.name}: {kind} = {default}")
        return "\n".join(lines) + "\n"

    def role(self, name: str) -> str:
        """A docstring for a message without a comment of its own."""
        for service in self.file.service:
            for method in service.method:
                if method.input_type.endswith(f".{name}"):
                    return f"What {service.name}.{snake(method.name)} takes."
        return f"{' '.join(snake(name).split('_')).capitalize()}."

    def field(self, message: Any, field: Any) -> tuple[str, str]:
        entry = self.map_entry(message, field)
        if entry is not None:
            key, value = (self.field(entry, f)[0] for f in entry.field)
            return f"Mapping[{key}, {value}]", "{}"
        kind, default = self.single(field)
        if field.label == FieldProto.LABEL_REPEATED:
            return f"tuple[{kind}, ...]", "()"
        if field.proto3_optional:
            return f"{kind} | None", "None"
        if field.type == FieldProto.TYPE_MESSAGE:
            return kind, f"{kind}()"
        return kind, default

    def single(self, field: Any) -> tuple[str, str]:
        if field.type in SCALARS:
            return SCALARS[field.type]
        name = field.type_name.removeprefix(f".{self.file.package}.")
        if name.startswith("."):
            context, name = name.split(".")[2], name.rsplit(".", 1)[1]
            self.imports.add(f"from samovar.contracts.{context} import {name}")
        return (name, f"{name}.UNSPECIFIED") if field.type == FieldProto.TYPE_ENUM else (name, "None")

    def map_entry(self, message: Any, field: Any) -> Any:
        for nested in message.nested_type:
            if nested.options.map_entry and field.type_name.endswith(f".{message.name}.{nested.name}"):
                return nested
        return None

    def service(self, index: int, service: Any) -> list[str]:
        errors = self.options.of(service.options, "ServiceOptions", "error")
        parts = []
        for error in errors:
            parts.append("\n".join([
                f"class {error.name}({error.kind}):",
                quoted(error.message, 4), "",
                f'    code = "{error.code}"',
                f'    default_message = "{error.message}"', "",
            ]))  # fmt: skip
        messages = {m.name: m for m in self.file.message_type}
        api = [
            f"class {service.name}Api(Protocol):",
            quoted(self.comment((6, index)) or f"{service.name}.", 4),
        ]
        methods = []
        for i, method in enumerate(service.method):
            api.append("")
            api.append(self.method(messages, method, self.comment((6, index, 2, i))))
            level = method.options.idempotency_level
            request, response = (self.message_name(n) for n in (method.input_type, method.output_type))
            flags = (", idempotent=True" if level else "") + (
                ", streaming=True" if method.server_streaming else ""
            )
            methods.append(f'Method("{snake(method.name)}", {request}, {response}{flags})')
        parts.append("\n".join(api) + "\n")
        names = ", ".join(e.name for e in errors)
        constant = snake(service.name).upper()
        parts.append(
            f"{constant}: Contract[{service.name}Api] = Contract(\n"
            f'    "{self.file.package}.{service.name}",\n'
            f"    methods=({', '.join(methods)},),\n"
            f"    errors=({names}{',' if names else ''}),\n)\n"
        )
        return parts

    def message_name(self, full: str) -> str:
        local = f".{self.file.package}."
        if full.startswith(local):
            return full.removeprefix(local)
        context, name = full.split(".")[2], full.rsplit(".", 1)[1]
        self.imports.add(f"from samovar.contracts.{context} import {name}")
        return name

    def method(self, messages: dict[str, Any], method: Any, comment: str) -> str:
        request = messages[method.input_type.rsplit(".", 1)[1]]
        args = []
        for field in request.field:
            kind, default = self.field(request, field)
            kind = kind.replace("tuple[", "Sequence[").replace(", ...]", "]")
            has_default = default in ("None", "()", "{}")
            args.append(f"{field.name}: {kind}" + (f" = {default}" if has_default else ""))
        inner = "self" + (", *, " + ", ".join(args) if args else "")
        response = self.message_name(method.output_type)
        word, answer = "async def", response
        if method.server_streaming:
            word, answer = "def", f"AsyncIterator[{response}]"
        head = f"    {word} {snake(method.name)}({inner}) -> {answer}:"
        return "\n".join([head, quoted(comment or f"{method.name}.", 8), "        ..."])

    def comment(self, path: tuple[int, ...]) -> str:
        return textwrap.dedent(self.comments.get(path, "")).strip().replace("\n ", "\n")


WIDTH = 110
KERNEL = ("Contract", "Event", "Message", "Method", "register_event")
ERRORS = {
    "Invalid",
    "Unauthenticated",
    "Forbidden",
    "NotFound",
    "Conflict",
    "TooLarge",
    "RateLimited",
    "Unavailable",
}


def snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))


def quoted(text: str, indent: int) -> str:
    """A docstring, its long lines broken."""
    pad = " " * indent
    text = text.strip() or "No description."
    if len(text) > WIDTH - indent - 6 or "\n" in text:
        lines = [
            part
            for line in text.splitlines()
            for part in (textwrap.wrap(line, WIDTH - indent - 6, break_long_words=False) or [""])
        ]
        text = "\n".join([lines[0], *(f"{pad}{line}".rstrip() for line in lines[1:]), pad])
    return f'{pad}"""{text}"""'


if __name__ == "__main__":
    sys.exit(main())
