"""Moving from SQLite to PostgreSQL: everything arrives, a stopped move goes on, nothing is overwritten."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from samovar.adapters.disk import DiskBlobs
from samovar.app import transfer as moving
from samovar.app.config import Config, S3Settings, load
from samovar.app.demo.build import build
from samovar.app.serve import house_of
from samovar.app.transfer import TransferError, transfer
from samovar.contracts.feed import FEED
from samovar.contracts.identity import IDENTITY
from samovar.kernel.context import Call, calling
from samovar.kernel.settings import SettingsError
from tests.adapters.stores import bucket
from tests.servers import database

SETTINGS = {"SAMOVAR_IDENTITY__ARGON_MEMORY_KIB": "8", "SAMOVAR_IDENTITY__ARGON_PASSES": "1"}


@pytest.fixture
async def moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Config]:
    """A small sample community in SQLite, and settings that name an empty PostgreSQL."""
    async with database() as url:
        for name, value in SETTINGS.items():
            monkeypatch.setenv(name, value)
        assert await build(load(tmp_path), members=6, posts=60)
        monkeypatch.setenv("SAMOVAR_POSTGRESQL__URL", url)
        yield load(tmp_path)


async def test_a_community_arrives_whole_and_lives_on(moved: Config) -> None:
    seen: dict[str, int] = {}

    def progress(table: str, rows: int) -> None:
        seen[table] = seen.get(table, 0) + rows

    arrived = await transfer(moved, progress)
    by_table = {one.table: one.rows for one in arrived}
    assert by_table["identity_account"] == 6 and by_table["posts_post"] == 60
    assert sum(seen.values()) == sum(by_table.values())
    assert by_table["analytics_fact"] > 100 and by_table["analytics_people"] > 10, "the second file, too"
    # Again: all is there already.
    assert await transfer(moved, progress) == arrived
    async with house_of(moved) as house:
        with calling(Call(address="203.0.113.9")):
            grant = await house.peers.get(IDENTITY).login(
                name="anna", password="samovar-demo", otp="", device="", browser=False
            )
        with calling(Call(actor=grant.account.id, roles=("user",))):
            assert (await house.peers.get(FEED).home(cursor="", limit=20)).items


async def test_what_people_sent_arrives_in_the_object_store(
    moved: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await DiskBlobs(moved.data / "blobs").list("media", 1000)
    assert len(kept) > 10
    async with bucket() as there:
        monkeypatch.setattr(moving, "blobs_of", lambda config: there)
        config = msgspec.structs.replace(moved, s3=S3Settings(bucket="there"))
        arrived = await transfer(config, lambda table, rows: None)
        assert {one.table: one.rows for one in arrived}["files"] == len(kept)
        assert list(await there.list("media", 1000)) == list(kept)
        # Again: what was spoilt there is put right, the rest stays.
        await there.put(kept[0], once(b"spoilt"), content_type="image/webp")
        assert await transfer(config, lambda table, rows: None) == arrived
        assert await there.size(kept[0]) == await DiskBlobs(moved.data / "blobs").size(kept[0])


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def test_a_move_that_was_stopped_goes_on(moved: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "PIECE", 7)
    pieces = 0

    class Stopped(Exception):
        pass

    def stop_after(number: int) -> moving.Progress:
        def progress(_: str, rows: int) -> None:
            nonlocal pieces
            pieces += 1
            if pieces >= number:
                raise Stopped

        return progress

    for number in (3, 30, 60):
        with pytest.raises(Stopped):
            await transfer(moved, stop_after(number))
    arrived = await transfer(moved, lambda table, rows: None)
    assert {one.table: one.rows for one in arrived}["posts_post"] == 60


async def test_rows_of_others_are_not_mixed_with_ours(moved: Config) -> None:
    async with house_of(moved):
        pass
    connection = await asyncpg.connect(moved.postgresql.url)
    await connection.execute("INSERT INTO posts.posts_author VALUES (1, 0, false)")
    with pytest.raises(TransferError, match="empty database"):
        await transfer(moved, lambda table, rows: None)
    await connection.close()


async def test_what_was_changed_on_the_way_is_noticed(moved: Config) -> None:
    await transfer(moved, lambda table, rows: None)
    connection = await asyncpg.connect(moved.postgresql.url)
    await connection.execute("UPDATE posts.posts_post SET text = 'another'")
    await connection.close()
    with pytest.raises(TransferError, match="posts_post did not arrive whole"):
        await transfer(moved, lambda table, rows: None)


async def test_another_secret_is_refused(moved: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMOVAR_PROCESS__SECRET", "another secret that is long enough too")
    with pytest.raises(SettingsError, match=r"secret\.key"):
        await transfer(load(moved.data), lambda table, rows: None)
