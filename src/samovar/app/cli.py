"""`samovar`: the command for operators."""

import sys
from pathlib import Path

import click

from samovar import __version__
from samovar.app.command import config_of, data_option, run
from samovar.app.command_bots import bots
from samovar.app.command_letters import dead_letters
from samovar.app.command_search import search
from samovar.app.command_user import user
from samovar.kernel import telemetry
from samovar.kernel.settings import SettingsError


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Samovar: a self-hosted home for a community."""


for _command in (bots, dead_letters, search, user):
    main.add_command(_command)


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
    try:
        name = serving.process_name(*serving.chosen(config, services))
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    telemetry.configure_logs(
        config.process.log_level, readable=sys.stderr.isatty(), process=name, version=__version__
    )
    run(lambda: serving.serve(config, host, port, services, demo=demo))


@main.command()
@data_option
@click.option("--members", type=click.IntRange(2, 100), default=100, show_default=True)
@click.option("--posts", type=click.IntRange(0, 20_000), default=2500, show_default=True)
@click.option("--seed", default=7, show_default=True, help="The same seed makes the same community.")
def demo(data: Path, members: int, posts: int, seed: int) -> None:
    """Fill an empty community with invented members and two months of their talk."""
    from samovar.app.demo.build import WELCOME, build, shown
    from samovar.app.serve import alone

    config = config_of(data)
    telemetry.configure_logs("warning", readable=sys.stderr.isatty())

    async def work() -> None:
        with alone(config.data), shown() as progress:
            made = await build(config, members=members, posts=posts, seed=seed, progress=progress)
        if not made:
            raise SettingsError(
                f"{data} has members already: a sample community goes into an empty one only."
            )
        click.echo(WELCOME)

    run(work)


@main.command()
@data_option
def migrate(data: Path) -> None:
    """Bring the database up to date (serving does it too)."""
    from samovar.app import operate

    config = config_of(data)

    async def work() -> None:
        for name in await operate.migrate(config) or ["nothing to do"]:
            click.echo(name)

    run(work)


@main.command()
@data_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(data: Path, file: Path) -> None:
    """Write a consistent copy of everything to FILE, also while serving. It holds secrets: keep it safe."""
    from samovar.app import backup as backups

    try:
        manifest = backups.back_up(data, file)
    except backups.BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file}: {manifest.bytes:,} bytes of database, {manifest.sha256[:12]}")


@main.command()
@data_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(data: Path, file: Path) -> None:
    """Bring up what a backup holds. What the folder held is set aside in it, and accounts that were
    deleted since the backup are deleted again."""
    from samovar.app import backup as backups
    from samovar.app import operate

    try:
        erased = backups.restore(data, file)
    except (backups.BackupError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    config = config_of(data)

    async def work() -> None:
        again = await operate.erase_again(config, erased)
        click.echo(f"Restored. {again} account(s) deleted since the backup are deleted again.")

    run(work)


@main.command()
@data_option
@click.option("--from", "source", type=click.Choice(["sqlite"]), default="sqlite", show_default=True)
@click.option("--to", "target", type=click.Choice(["postgresql"]), default="postgresql", show_default=True)
def transfer(data: Path, source: str, target: str) -> None:
    """Carry the community from SQLite in the data folder to the PostgreSQL of [postgresql] url.

    Stop the server first. Stopped midway, the same command goes on. Counts and checksums of all tables
    are compared at the end; the file stays as it is.
    """
    from samovar.app import transfer as moving

    config = config_of(data)

    async def work() -> None:
        with click.progressbar(length=moving.rows_of(config), label="Moving", file=sys.stderr) as bar:
            moved = await moving.transfer(config, lambda _, rows: bar.update(rows))
        for one in moved:
            click.echo(f"{one.table:32} {one.rows:>9,}  {one.checksum}")
        click.echo(f"{len(moved)} tables, {sum(one.rows for one in moved):,} rows: the same on both sides")

    try:
        run(work)
    except moving.TransferError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@data_option
@click.option("--user", "username", required=True, help="Whose messages.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
def deliveries(data: Path, username: str, limit: int) -> None:
    """What letters and messages somebody was sent last, and what became of each."""
    from samovar.app import operate

    config = config_of(data)

    async def work() -> None:
        found = await operate.deliveries(config, username, limit)
        for sent in found:
            click.echo("  ".join(operate.told(sent)))
            for attempt in sent.attempts:
                click.echo("    " + "  ".join(operate.told_attempt(attempt)))
        click.echo(f"{len(found)} message(s)")

    run(work)


@main.command("test-letter")
@data_option
@click.argument("address")
def test_letter(data: Path, address: str) -> None:
    """Send a letter to ADDRESS, to see whether letters get out."""
    from samovar.app import operate

    config = config_of(data)

    async def work() -> None:
        sent = await operate.test_letter(config, address)
        if sent is None:
            raise SettingsError("The letter waits: no process of this community hosts delivery now.")
        click.echo("  ".join(operate.told(sent)))
        for attempt in sent.attempts:
            click.echo("    " + "  ".join(operate.told_attempt(attempt)))

    run(work)


@main.command()
@click.option("--format", "form", type=click.Choice(["text", "mermaid"]), default="text", show_default=True)
def graph(form: str) -> None:
    """Who uses, emits and hears what."""
    from samovar.app import operate

    click.echo(operate.service_graph(form))


@main.group()
def config() -> None:
    """Settings."""


@config.command("show")
@data_option
def show_config(data: Path) -> None:
    """All settings in force, secrets hidden."""
    from samovar.app import operate

    try:
        click.echo(operate.settings_text(config_of(data)))
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
