"""The import rules name what they must; import-linter itself runs in `make check`."""

from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parents[2]
OPEN_TO_DOMAIN = {"ids", "clock", "errors"}


def test_domain_is_kept_from_every_kernel_module_but_three() -> None:
    rules = ConfigParser()
    rules.read(ROOT / ".importlinter")
    forbidden = set(rules["importlinter:contract:domain"]["forbidden_modules"].split())
    kernel = {path.stem for path in (ROOT / "src/samovar/kernel").iterdir() if not path.stem.startswith("__")}
    assert {f"samovar.kernel.{name}" for name in kernel - OPEN_TO_DOMAIN} <= forbidden
