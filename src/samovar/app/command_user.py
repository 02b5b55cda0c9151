"""`samovar user`: accounts."""

from pathlib import Path

import click

from samovar.app.command import config_of, data_option, run


@click.group()
def user() -> None:
    """Make accounts, give roles, set passwords."""


@user.command("create")
@data_option
@click.argument("username")
@click.argument("email")
@click.option("--role", "roles", multiple=True, help="support, moderator or admin; may be repeated.")
@click.password_option(help="Asked for when not given.")
def create_user(data: Path, username: str, email: str, roles: tuple[str, ...], password: str) -> None:
    """Make an account."""
    from samovar.app import operate

    config = config_of(data)

    async def work() -> None:
        account = await operate.create_user(config, username, email, password, roles)
        click.echo(f"{account.username} ({account.id}) is here: {', '.join(account.roles)}")

    run(work)


@user.command()
@data_option
@click.argument("username")
@click.option("--role", "roles", multiple=True, required=True, help="user takes all others away.")
def promote(data: Path, username: str, roles: tuple[str, ...]) -> None:
    """Give an account its roles."""
    from samovar.app import operate

    config = config_of(data)

    async def work() -> None:
        account = await operate.promote(config, username, roles)
        click.echo(f"{account.username} is now {', '.join(account.roles)}")

    run(work)


@user.command("reset-password")
@data_option
@click.argument("username")
@click.password_option(help="Asked for when not given.")
def reset_password(data: Path, username: str, password: str) -> None:
    """Set a password and end all sessions of an account."""
    from samovar.app import operate

    config = config_of(data)

    async def work() -> None:
        await operate.reset_password(config, username, password)
        click.echo(f"{username} has a new password; all sessions are ended.")

    run(work)
