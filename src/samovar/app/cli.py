"""`samovar`: the command for operators."""

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from samovar import __version__
from samovar.app.config import Config, load
from samovar.kernel import telemetry
from samovar.kernel.errors import AppError
from samovar.kernel.migrate import SchemaTooNew
from samovar.kernel.service import ManifestError
from samovar.kernel.settings import SettingsError

F = TypeVar("F", bound=Callable[..., Any])

data_option = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), default=Path("var"), show_default=True,
    help="Folder of this installation.",
)  # fmt: skip


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Samovar: a self-hosted home for a community."""


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
    try:
        return load(data)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--services", help="A slice, separated by commas; `edge` is the public HTTP. Default: all.")
@click.option("--demo", is_flag=True, help="Fill an empty community with sample members and posts first.")
def serve(data: Path, host: str, port: int, services: str | None, demo: bool) -> None:
    """Serve the community."""
    from samovar.app import serve as serving

    config = config_of(data)
    telemetry.configure_logs(config.process.log_level, readable=sys.stderr.isatty())
    run(lambda: serving.serve(config, host, port, services, demo=demo))


if __name__ == "__main__":
    main()
