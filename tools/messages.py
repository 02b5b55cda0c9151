"""Keep the translations of pages and messages whole.

    python tools/messages.py extract   bring new texts into every messages.po, drop those no longer used
    python tools/messages.py check     every text has its translation, with the same slots
    python tools/messages.py compile   write messages.mo beside every messages.po

English is written in the templates and in the code; the other languages are written by hand in
src/samovar/edge/web/locale/<language>/LC_MESSAGES/messages.po.

In templates a text stands in _() or its kin. Services know no languages: what they say to people are the
messages of errors, and the edge translates those. So in code these are collected: arguments of translate(),
`default_message` of a class, sentences in `raise NotFound("...")`, in `fields={...}`, in
`problems["name"] = "..."` and in `return "..."`, what the gateway gives as a Refusal, and the texts of
constants named SAID and TITLES. A sentence begins with a capital letter and ends with a full stop; its
numbers are written as {n}.
"""

import ast
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "samovar"
LOCALES = SOURCE / "edge" / "web" / "locale"
SPEAKING = (
    "services/**/*.py", "contracts/*.py", "kernel/errors.py", "kernel/paging.py", "edge/**/*.py",
)  # fmt: skip
METHODS = [("**/templates/**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
SENTENCE = re.compile(r"[A-Z].+[.?]", re.DOTALL)
SLOT = re.compile(r"%\((\w+)\)[a-z]|\{(\w+)\}")


def main(arguments: list[str]) -> int:
    commands = {"extract": extract, "check": check, "compile": compile_all}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(__doc__)
        return 2
    return commands[arguments[0]]()


def extract() -> int:
    found = sources()
    for path in books():
        book = load(path)
        book.update(found, no_fuzzy_matching=True, update_header_comment=False)
        book.obsolete.clear()
        save(path, book)
        missing = sum(1 for message in texts(book) if not all(forms(message)))
        print(f"messages: {path.relative_to(ROOT)}: {len(book)} texts, {missing} to translate")
    return 0


def check() -> int:
    found = sources()
    problems = [
        f"{path.relative_to(ROOT)}: {problem}" for path in books() for problem in wrong(load(path), found)
    ]
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"messages: {len(found)} texts, every one translated")
    return 1 if problems else 0


def compile_all() -> int:
    for path in books():
        with path.with_suffix(".mo").open("wb") as out:
            write_mo(out, load(path))
    return 0


def sources() -> Catalog:
    """Every text that templates and code ask to translate."""
    catalog = Catalog()
    for name, line, text, comments, context in extract_from_dir(SOURCE, METHODS, OPTIONS):
        catalog.add(text, None, [(name, line)], auto_comments=comments, context=context)
    for path in sorted({path for pattern in SPEAKING for path in SOURCE.glob(pattern)}):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for text in said(node):
                catalog.add(text)
    return catalog


def said(node: ast.AST) -> Iterator[str]:
    """What this piece of code says to people."""
    match node:
        case ast.Call(func=ast.Name(id="translate") | ast.Attribute(attr="translate"), args=[text]):
            yield from constants(text)
        case ast.Assign(targets=[ast.Name(id="default_message" | "SAID" | "TITLES")], value=value):
            yield from constants(value)
        case ast.AnnAssign(
            target=ast.Name(id="default_message" | "SAID" | "TITLES"), value=ast.expr() as value
        ):
            yield from constants(value)
        case ast.Call(func=ast.Name(id="Refusal") | ast.Attribute(attr="_refuse"), args=[_, _, text, *_]):
            yield from sentences(text)
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=[text])) if not name.endswith("Error"):
            yield from sentences(text)
        case ast.keyword(arg="fields", value=value):
            yield from sentences(value)
        case ast.Assign(targets=[ast.Subscript()], value=value) | ast.Return(value=ast.expr() as value):
            yield from sentences(value)


def constants(node: ast.expr) -> Iterator[str]:
    """The texts written here: one, or the values of a mapping."""
    for part in node.values if isinstance(node, ast.Dict) else [node]:
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value:
            yield part.value
        if isinstance(part, ast.JoinedStr):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "{n}" for p in part.values)


def sentences(node: ast.expr) -> Iterator[str]:
    return (text for text in constants(node) if SENTENCE.fullmatch(text))


def books() -> list[Path]:
    return sorted(LOCALES.glob("*/LC_MESSAGES/messages.po"))


def load(path: Path) -> Catalog:
    return read_po(BytesIO(path.read_bytes()), locale=path.parts[-3])


def save(path: Path, book: Catalog) -> None:
    """The header is kept as it stands, so that a file changes only where its texts do."""
    header = path.read_text(encoding="utf-8").split("\n\n", 1)[0]
    body = BytesIO()
    write_po(body, book, sort_output=True, omit_header=True, no_location=True, width=110)
    path.write_text(f"{header}\n\n{body.getvalue().decode().strip()}\n", encoding="utf-8")


def texts(book: Catalog) -> list[Message]:
    return [message for message in book if message.id]


def forms(message: Message) -> tuple[str, ...]:
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(form or "" for form in string)


def wrong(book: Catalog, found: Catalog) -> list[str]:
    """What a translator has still to do, in words."""
    problems = []
    for message in texts(found):
        mine = book.get(message.id, message.context)
        if mine is None or not all(forms(mine)):
            problems.append(f"not translated: {message.id!r}")
        elif message.pluralizable and len(forms(mine)) != book.num_plurals:
            problems.append(f"needs {book.num_plurals} plural forms: {message.id!r}")
        elif any(slots(form) != slots(message.id) for form in forms(mine)):
            problems.append(f"slots differ: {message.id!r}")
        elif mine.fuzzy:
            problems.append(f"marked fuzzy: {message.id!r}")
    unused = [message for message in texts(book) if found.get(message.id, message.context) is None]
    return problems + [f"no longer used: {message.id!r}" for message in unused]


def slots(text: str | tuple[str, ...] | list[str]) -> set[str]:
    """The named places of a text; of a text with plural forms, of its last form."""
    last = text if isinstance(text, str) else text[-1]
    return {percent or brace for percent, brace in SLOT.findall(last)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
