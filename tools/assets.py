"""Build what the pages load from src/samovar/edge/web: scripts, styles, fonts and icons.

    python tools/assets.py

Every file in static/ carries a hash of its content in its name, so that browsers may keep it for
ever; static/manifest.json maps the plain name to that name. Text files get a gzip copy beside them.
Third-party code and fonts come from node_modules (see package.json), never from the tree.
"""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "src" / "samovar" / "edge" / "web"
MODULES = ROOT / "node_modules"
TARGET = "es2022,chrome111,firefox114,safari16.4"
TEXT = {".js", ".css", ".svg", ".txt"}
CREDITED = ("htmx.org", "lucide-static", "@fontsource-variable/golos-text", "@fontsource-variable/literata")
SVG = "http://www.w3.org/2000/svg"


class Broken(Exception):
    """The assets cannot be built; the message says what to do."""


class Static:
    """The directory being filled: names with hashes, and the manifest that knows them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.manifest: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> str:
        """Write a file under its hashed name, which is returned."""
        path = Path(name)
        digest = hashlib.sha256(content).hexdigest()[:10]
        hashed = path.with_name(f"{path.stem}.{digest}{path.suffix}").as_posix()
        target = self.root / hashed
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if path.suffix in TEXT:
            target.with_name(target.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
        self.manifest[name] = hashed
        return hashed

    def finish(self) -> None:
        text = json.dumps(self.manifest, indent=2, sort_keys=True) + "\n"
        (self.root / "manifest.json").write_text(text, encoding="utf-8")


def main() -> int:
    if not (MODULES / ".bin" / "esbuild").exists():
        print("assets: node_modules is missing; run `make setup`", file=sys.stderr)
        return 1
    made = Path(tempfile.mkdtemp(prefix=".static-", dir=WEB))
    try:
        made.chmod(0o755)
        static = Static(made)
        build(static)
        static.finish()
        replace(WEB / "static", made)
    except Broken as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(made, ignore_errors=True)
    report(static)
    return 0


def build(static: Static) -> None:
    for source in sorted((WEB / "images").glob("*")):
        static.add(source.name, source.read_bytes())
    static.add("icons.svg", icons())
    style = bundle("styles/main.css", "--external:*.woff2")
    for name in sorted(set(re.findall(r"fonts/([\w-]+\.woff2)", style))):
        hashed = static.add(f"fonts/{name}", font(name))
        style = re.sub(rf"(?:\./)?fonts/{re.escape(name)}", f"./{hashed}", style)
    static.add("main.css", style.encode())
    static.add("licences.txt", licences())
    static.add("sw.js", bundle("scripts/worker/sw.ts", "--format=iife", f"--target={TARGET}").encode())
    # What only the back rooms and plots need is not sent with every page.
    static.add("desk.css", bundle("styles/desk.css").encode())
    static.add("desk.js", bundle("scripts/desk.ts", "--format=iife", f"--target={TARGET}").encode())
    static.add("main.js", bundle("scripts/main.ts", "--format=iife", f"--target={TARGET}").encode())


def bundle(entry: str, *options: str) -> str:
    """One script or style with all that it imports, made small by esbuild."""
    command: list[str | Path] = [
        MODULES / ".bin" / "esbuild",
        WEB / entry,
        "--bundle",
        "--minify",
        "--charset=utf8",
    ]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [*command, "--legal-comments=none", "--log-level=warning", *options],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode != 0:
        raise Broken(f"esbuild could not bundle {entry}\n{done.stderr.strip()}")
    if done.stderr.strip():
        print(done.stderr.strip(), file=sys.stderr)
    return done.stdout


def font(name: str) -> bytes:
    """The font file of that name, from whichever font package holds it."""
    found = sorted((MODULES / "@fontsource-variable").glob(f"*/files/{name}"))
    if not found:
        raise Broken(f"no package under node_modules/@fontsource-variable holds {name}")
    return found[0].read_bytes()


def icons() -> bytes:
    """One sprite of the icons named in icons.txt; each is drawn with the colours of its place."""
    lines = (WEB / "icons.txt").read_text(encoding="utf-8").splitlines()
    names = sorted({line.strip() for line in lines if line.strip() and not line.startswith("#")})
    ElementTree.register_namespace("", SVG)
    sprite = ElementTree.Element(f"{{{SVG}}}svg")
    for name in names:
        source = MODULES / "lucide-static" / "icons" / f"{name}.svg"
        if not source.exists():
            raise Broken(f"icons.txt names {name}, which lucide does not have")
        drawing = ElementTree.parse(source).getroot()
        symbol = ElementTree.SubElement(sprite, f"{{{SVG}}}symbol", {"id": name, "viewBox": "0 0 24 24"})
        for shape in drawing:
            shape.tail = None
            symbol.append(shape)
    drawn: bytes = ElementTree.tostring(sprite, encoding="utf-8")
    return drawn


def licences() -> bytes:
    """The licences of what others made and we serve."""
    parts = [
        f"{name}\n\n{(MODULES / name / 'LICENSE').read_text(encoding='utf-8').strip()}" for name in CREDITED
    ]
    return "\n\n\n".join(parts).encode() + b"\n"


def replace(old: Path, new: Path) -> None:
    """Put the new directory in the place of the old one."""
    aside = old.with_name(f".{old.name}-old")
    shutil.rmtree(aside, ignore_errors=True)
    if old.exists():
        old.rename(aside)
    new.rename(old)
    shutil.rmtree(aside, ignore_errors=True)


def report(static: Static) -> None:
    root = WEB / "static"
    sizes = {
        name: (root / f"{file}.gz" if (root / f"{file}.gz").exists() else root / file).stat().st_size
        for name, file in static.manifest.items()
    }
    first = sum(sizes[name] for name in ("main.js", "main.css"))
    print(f"assets: {len(sizes)} files; main.js and main.css are {first / 1024:.1f} KB compressed")


if __name__ == "__main__":
    sys.exit(main())
