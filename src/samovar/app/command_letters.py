"""`samovar dead-letters`: events that were given up."""

from pathlib import Path

import click

from samovar.app.command import config_of, data_option, run


@click.group("dead-letters")
def dead_letters() -> None:
    """Events that were given up."""


@dead_letters.command("list")
@data_option
def list_dead_letters(data: Path) -> None:
    """Show them."""
    from samovar.app import operate

    config = config_of(data)

    async def work() -> None:
        letters = await operate.dead_letters(config)
        for service, letter in letters:
            click.echo(f"{service}  {letter.id}  {letter.type}  key {letter.key}  {letter.error}")
        click.echo(f"{len(letters)} dead letter(s)")

    run(work)


@dead_letters.command("replay")
@data_option
@click.argument("service")
@click.argument("ids", nargs=-1, type=int)
def replay_dead_letters(data: Path, service: str, ids: tuple[int, ...]) -> None:
    """Give dead letters of SERVICE another round of tries: those named, or all."""
    from samovar.app import operate

    config = config_of(data)

    async def work() -> None:
        click.echo(f"{await operate.replay(config, service, ids)} on their way again")

    run(work)


@dead_letters.command("drop")
@data_option
@click.argument("service")
@click.argument("ids", nargs=-1, type=int)
@click.confirmation_option(prompt="What these events should have done will never be done. Go on?")
def drop_dead_letters(data: Path, service: str, ids: tuple[int, ...]) -> None:
    """Throw dead letters of SERVICE away for good: those named, or all."""
    from samovar.app import operate

    config = config_of(data)

    async def work() -> None:
        click.echo(f"{await operate.drop(config, service, ids)} thrown away")

    run(work)
