"""`samovar bots`: members that are none."""

import sys
from pathlib import Path

import click

from samovar.app.command import run
from samovar.kernel.settings import SettingsError


def seconds_of(text: str) -> float:
    """Seconds of "90", "90s", "2m" or "1h"."""
    unit = {"s": 1, "m": 60, "h": 3600}.get(text[-1:], 0)
    number = text[:-1] if unit else text
    try:
        return float(number) * (unit or 1)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time: write 60s, 2m or 1h.") from None


@click.command()
@click.argument("url", required=False)
@click.option("--count", default=200, show_default=True, help="How many bots.")
@click.option("--rate", default=50.0, show_default=True, help="Acts a second, of all together.")
@click.option("--for", "length", default="60s", show_default=True, help="How long: 60s, 2m, 1h.")
@click.option("--register", is_flag=True, help="Make an account for each; else twenty share them.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for bots.json and bots.svg."
)
@click.option("--seed", default=7, show_default=True, help="The same seed makes the same choices.")
@click.option("--i-own-this-server", "own", is_flag=True, help="Needed for servers on other machines.")
@click.option("--self-test", is_flag=True, help="Only measure what the engine itself can do.")
def bots(
    url: str | None, count: int, rate: float, length: str, register: bool, out: Path | None, seed: int,
    own: bool, self_test: bool,
) -> None:  # fmt: skip
    """Let bots live at URL as members do, and report how it fared. They write posts: use a community that
    is for trying out."""
    import asyncio
    import signal

    from samovar.app.bots import run as running

    def progress(text: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{text}", nl=False, err=True)

    async def work() -> None:
        if self_test:
            click.echo(f"the engine itself: {await running.self_test():.0f} acts a second")
            if url is None:
                return
        if url is None:
            raise SettingsError("Where? Give the address of a server, such as http://127.0.0.1:8000.")
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        options = running.Options(
            url=url, count=count, rate=rate, seconds=seconds_of(length), register=register, own=own, out=out,
            seed=seed,
        )  # fmt: skip
        await running.run(options, click.echo, progress, stop)

    run(work)
