"""The sample community made beside the data folder's database and moved into place when it is whole."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from samovar.adapters.tantivy_index import TantivyIndex
from samovar.app.backends import BULK
from samovar.app.config import Config
from samovar.app.demo.clock import DemoClock
from samovar.app.demo.society import GUIDE
from samovar.app.demo.story import PASSWORD, DemoMail, Progress, Unlimited, fill, is_empty
from samovar.app.serve import house_of
from samovar.kernel.clock import SECOND
from samovar.kernel.settings import SettingsError

DATABASE = "samovar.db"
WELCOME = (
    f"Sign in as {GUIDE} with the password {PASSWORD}. It is for trying out only: everybody knows it, so "
    f"change it before others can reach this site."
)


async def build(
    config: Config, *, members: int = 100, posts: int = 2500, seed: int = 7, progress: Progress | None = None
) -> bool:
    """Fill the community of a data folder that this process holds. False when somebody is there already.

    Killed at any moment, it leaves the folder as it was.
    """
    if not config.alone:
        raise SettingsError(
            "The sample community is made in SQLite: make it without [postgresql] url, then transfer it."
        )
    for stale in config.data.glob(".demo-*"):
        shutil.rmtree(stale, ignore_errors=True)
    if not await _vacant(config):
        return False
    workshop = config.data / f".demo-{os.getpid()}"
    workshop.mkdir(mode=0o700)
    try:
        for name in (DATABASE, BULK):
            if (config.data / name).exists():
                shutil.copy(config.data / name, workshop / name)
        site = msgspec.structs.replace(config.site, registrations_open=True)
        inside = msgspec.structs.replace(config, data=workshop, site=site)
        # The server that starts on this folder makes its own index.
        backends: dict[str, Any] = {
            "mail": DemoMail(), "limits": Unlimited(), "fulltext": TantivyIndex(None),
        }  # fmt: skip
        async with house_of(inside, clock=DemoClock(), durable=False, **backends) as house:
            await fill(house, members=members, posts=posts, seed=seed, progress=progress)
        _move_files(workshop / "blobs", config.data / "blobs")
        # The database last: who finds it in its place finds all the rest.
        for name in (BULK, DATABASE):
            _move(workshop / name, config.data / name)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return True


async def _vacant(config: Config) -> bool:
    """Whether the folder has no members; afterwards its database, if there is one, lies in one file."""
    if not (config.data / DATABASE).exists():
        return True
    async with house_of(config) as house:
        vacant = await is_empty(house)
    if any((config.data / f"{name}-wal").exists() for name in (DATABASE, BULK)):
        raise SettingsError(
            f"{config.data} has changes that are not in the database yet; start Samovar once."
        )
    return vacant


def _move_files(made: Path, place: Path) -> None:
    """Put the pictures in their place: nobody knows of them until the database is in its own."""
    for path in made.glob("[0-9a-f][0-9a-f]/*"):
        target = place / path.parent.name / path.name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.replace(target)


def _move(made: Path, place: Path) -> None:
    """Have it on the disk, then in its place: after a power cut it is there whole or not at all."""
    for path in (made, made.parent):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    made.replace(place)
    descriptor = os.open(place.parent, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


@contextmanager
def shown() -> Iterator[Progress]:
    """A progress bar on standard error that says which day the story has reached."""
    with click.progressbar(
        length=1, label="Making a sample community", file=sys.stderr, show_eta=True,
        item_show_func=lambda day: day,
    ) as bar:  # fmt: skip

        def progress(done: int, total: int, at: int) -> None:
            bar.length = total
            bar.update(done - bar.pos, f"{datetime.fromtimestamp(at / SECOND):%Y-%m-%d}")

        yield progress
