"""What all of the operators' commands have in common."""

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import click

from samovar.app.config import Config, load
from samovar.kernel.errors import AppError
from samovar.kernel.migrate import SchemaTooNew
from samovar.kernel.service import ManifestError
from samovar.kernel.settings import SettingsError

data_option = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), default=Path("var"), show_default=True,
    help="Folder of this installation.",
)  # fmt: skip


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run to the end; say in one line what is wrong."""
    import uvloop

    try:
        uvloop.run(work())
    except (SettingsError, SchemaTooNew, ManifestError) as error:
        raise click.ClickException(str(error)) from error
    except AppError as error:
        fields = "".join(f"\n  {name}: {text}" for name, text in error.fields.items())
        raise click.ClickException(f"{error.message}{fields}") from error
    except OSError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        sys.exit(130)


def config_of(data: Path) -> Config:
    """The settings of an installation; in one line what is wrong with them."""
    try:
        return load(data)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
