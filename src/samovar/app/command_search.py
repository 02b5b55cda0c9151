"""`samovar search`: the index."""

import sys
from pathlib import Path

import click

from samovar.app.command import config_of, data_option, run


@click.group()
def search() -> None:
    """The search index."""


@search.command("rebuild")
@data_option
@click.option("--wait/--no-wait", default=True, show_default=True, help="Stay until it is done.")
def rebuild_search(data: Path, wait: bool) -> None:
    """Make the index anew beside the live one, also while serving; searches go on meanwhile.

    While a server runs on this installation it does the work, and this command shows how far it is; it may be
    stopped without harm. Without one the command does it itself, and goes on where it was stopped.
    """
    from samovar.app import rebuild

    config = config_of(data)

    async def work() -> None:
        with click.progressbar(length=1, label="Making the index", file=sys.stderr, show_pos=True) as bar:

            def progress(done: int, total: int) -> None:
                bar.length = max(total, done, 1)
                bar.update(done - bar.pos)

            state = await rebuild.rebuild(config, progress, wait=wait)
        if state.rebuilding:
            click.echo("The server makes it.")
        else:
            click.echo(f"{state.documents:,} documents, {state.bytes:,} bytes")

    run(work)
