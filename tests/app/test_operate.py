"""Operators' commands, as an operator runs them."""

import asyncio
import io
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import msgspec
import pytest
from click.testing import CliRunner, Result

from samovar.adapters.disk import DiskBlobs
from samovar.app.cli import main
from samovar.app.config import load
from samovar.app.operate import OPERATOR
from samovar.app.serve import house_of
from samovar.contracts.identity import IDENTITY
from samovar.kernel.context import calling

EASY = {"SAMOVAR_IDENTITY__ARGON_MEMORY_KIB": "8", "SAMOVAR_IDENTITY__ARGON_PASSES": "1"}
SECRET_WORDS = "a quiet kettle hums"


def samovar(data: Path, *words: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, [*words, "--data", str(data)], env=EASY | (env or {}))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    made = samovar(folder, "user", "create", "anna", "anna@example.org", "--password", SECRET_WORDS)
    assert made.exit_code == 0, made.output
    return folder


def test_an_account_is_made_promoted_and_given_a_password(data: Path) -> None:
    assert "admin" in samovar(data, "user", "promote", "anna", "--role", "admin").output
    done = samovar(data, "user", "reset-password", "anna", "--password", "another quiet kettle")
    assert done.exit_code == 0 and "new password" in done.output
    again = samovar(data, "user", "create", "anna", "other@example.org", "--password", SECRET_WORDS)
    assert again.exit_code == 1 and "username" in again.output
    nobody = samovar(data, "user", "promote", "boris", "--role", "admin")
    assert nobody.exit_code == 1 and "There is no boris" in nobody.output


def test_letters_are_tried_and_looked_up(data: Path) -> None:
    made = samovar(data, "test-letter", "anna@example.org")
    assert made.exit_code == 0 and "accepted" in made.output and "folder" in made.output, made.output
    assert any("operator." in path.name for path in (data / "mail").glob("*.eml"))
    assert "0 message(s)" in samovar(data, "deliveries", "--user", "anna").output
    samovar(data, "user", "reset-password", "anna", "--password", "another quiet kettle")
    found = samovar(data, "deliveries", "--user", "anna")
    assert (
        "password_changed" in found.output
        and "1 message(s)" in found.output
        and "a***@e***.org" in found.output
    )
    assert "anna@example.org" not in found.output
    nobody = samovar(data, "deliveries", "--user", "boris")
    assert nobody.exit_code == 1 and "There is no boris" in nobody.output


def test_a_backup_brings_up_an_equal_server(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    assert samovar(data, "backup", str(file)).exit_code == 0
    assert file.stat().st_mode & 0o077 == 0, "it holds secrets"
    other = tmp_path / "other"
    assert samovar(other, "restore", str(file)).exit_code == 0
    assert samovar(other, "user", "promote", "anna", "--role", "moderator").exit_code == 0
    for name in ("secret.key",):
        assert (other / name).read_bytes() == (data / name).read_bytes()


def registered(data: Path) -> int:
    """How many registrations the second file has counted."""
    connection = apsw.Connection(str(data / "facts.db"))
    rows = connection.execute("SELECT sum(number) FROM analytics_day WHERE name = 'registered'").fetchall()
    connection.close()
    return int(rows[0][0] or 0)


def rewritten(file: Path, target: Path, changed: dict[str, bytes | None]) -> Path:
    """A copy of an archive with other content under some names, or without them."""
    with tarfile.open(file) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            content = changed.get(member.name, old.extractfile(member).read())  # type: ignore[union-attr]
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return target


def test_facts_are_in_a_backup_and_come_back(data: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "backup.tar", tmp_path / "other"
    assert registered(data) == 1
    assert samovar(data, "backup", str(file)).exit_code == 0
    samovar(data, "user", "create", "later", "later@example.org", "--password", SECRET_WORDS)
    assert registered(data) == 2
    assert samovar(data, "restore", str(file)).exit_code == 0
    assert samovar(other, "restore", str(file)).exit_code == 0
    assert registered(data) == registered(other) == 1
    (aside,) = data.glob("before-restore-*")
    assert registered(aside) == 2
    damaged = rewritten(file, tmp_path / "damaged.tar", {"facts.db": b"spoilt"})
    refused = samovar(data, "restore", str(damaged))
    assert refused.exit_code == 1 and "its facts" in refused.output and registered(data) == 1
    assert (
        samovar(data, "restore", str(rewritten(file, tmp_path / "x.tar", {"facts.db": None}))).exit_code == 1
    )


def test_a_backup_of_a_release_without_facts_restores(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    samovar(data, "backup", str(file))
    with tarfile.open(file) as archive:
        manifest = msgspec.json.decode(archive.extractfile("manifest.json").read())  # type: ignore[union-attr]
    for name in ("facts_bytes", "facts_sha256"):
        del manifest[name]
    changed = {"facts.db": None, "manifest.json": msgspec.json.encode(manifest)}
    old = rewritten(file, tmp_path / "old.tar", changed)
    assert samovar(data, "restore", str(old)).exit_code == 0
    (aside,) = data.glob("before-restore-*")
    assert registered(aside) == 1 and registered(data) == 0
    assert samovar(data, "user", "promote", "anna", "--role", "admin").exit_code == 0


def test_a_restore_sets_aside_what_was_there(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    samovar(data, "backup", str(file))
    samovar(data, "user", "create", "later", "later@example.org", "--password", SECRET_WORDS)
    assert samovar(data, "restore", str(file)).exit_code == 0
    assert samovar(data, "user", "promote", "later", "--role", "admin").exit_code == 1
    (aside,) = data.glob("before-restore-*")
    assert (aside / "samovar.db").exists()


def test_a_restore_deletes_again_who_left_since_the_backup(data: Path, tmp_path: Path) -> None:
    samovar(data, "user", "create", "leaver", "leaver@example.org", "--password", SECRET_WORDS)
    file = tmp_path / "backup.tar"
    samovar(data, "backup", str(file))
    asyncio.run(leave(data, "leaver"))
    restored = samovar(data, "restore", str(file))
    assert "1 account(s) deleted since the backup are deleted again" in restored.output
    assert samovar(data, "user", "promote", "leaver", "--role", "admin").exit_code == 1
    assert samovar(data, "user", "promote", "anna", "--role", "admin").exit_code == 0


async def leave(data: Path, username: str) -> None:
    """Delete an account as its owner would, and carry the erasure through."""
    async with house_of(load(data)) as house:
        identity = house.peers.get(IDENTITY)
        with calling(OPERATOR):
            account = (await identity.by_username(usernames=[username])).items[0]
            await identity.erase_account(user_id=account.id)
        await house.drain()


@pytest.mark.parametrize("damage", [b"not a tar", b""])
def test_a_damaged_backup_changes_nothing(data: Path, tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "bad.tar"
    file.write_bytes(damage)
    before = (data / "secret.key").read_bytes()
    refused = samovar(data, "restore", str(file))
    assert refused.exit_code == 1 and "backup" in refused.output
    assert (data / "secret.key").read_bytes() == before and (data / "samovar.db").exists()


def test_a_wrong_setting_is_named_in_one_line(data: Path) -> None:
    for name, value in (("SAMOVAR_POSTS__TEXT_LIMITS", "5"), ("SAMOVAR_POSTS__TEXT_LIMIT", "many")):
        refused = samovar(data, "config", "show", env={name: value})
        assert refused.exit_code == 1
        assert name in refused.output and len(refused.output.splitlines()) <= 3
    refused = samovar(data, "config", "show", env={"SAMOVAR_NOBODY__X": "1"})
    assert refused.exit_code == 1 and "nobody" in refused.output


def test_settings_are_shown_without_secrets(data: Path) -> None:
    secret = "0123456789abcdef0123456789abcdef"
    shown = samovar(data, "config", "show", env={"SAMOVAR_PROCESS__SECRET": secret})
    assert shown.exit_code == 0 and "[posts]" in shown.output
    assert secret not in shown.output and "(set)" in shown.output


def test_the_graph_and_the_dead_letters_are_shown(data: Path) -> None:
    graph = CliRunner().invoke(main, ["graph", "--format", "mermaid"])
    assert "feed --> graph" in graph.output
    assert "0 dead letter(s)" in samovar(data, "dead-letters", "list").output
    assert "0 on their way again" in samovar(data, "dead-letters", "replay", "feed").output
    assert "0 thrown away" in samovar(data, "dead-letters", "drop", "feed", "5", "--yes").output
    nowhere = samovar(data, "dead-letters", "replay", "kettle")
    assert nowhere.exit_code == 1 and "There is no service kettle" in nowhere.output


def test_migrating_twice_does_nothing_the_second_time(tmp_path: Path) -> None:
    first, second = samovar(tmp_path / "d", "migrate"), samovar(tmp_path / "d", "migrate")
    assert "identity: m0001_create" in first.output and "nothing to do" in second.output


def picture(data: Path, body: bytes) -> Path:
    """A file that somebody sent, as the data folder keeps it."""
    blobs = DiskBlobs(data / "blobs")

    async def chunks() -> AsyncIterator[bytes]:
        yield body

    asyncio.run(blobs.put("media/1/large.webp", chunks(), content_type="image/webp"))
    (path,) = (data / "blobs").glob("??/*large.webp")
    return path


def test_a_backup_carries_what_people_sent(data: Path, tmp_path: Path) -> None:
    path = picture(data, b"tea" * 1000)
    file, other = tmp_path / "backup.tar", tmp_path / "other"
    assert samovar(data, "backup", str(file)).exit_code == 0
    assert not list(data.glob(".backup-*"))
    assert samovar(other, "restore", str(file)).exit_code == 0
    assert (other / path.relative_to(data)).read_bytes() == b"tea" * 1000
    path.write_bytes(b"coffee")
    assert samovar(data, "restore", str(file)).exit_code == 0
    assert path.read_bytes() == b"tea" * 1000
    (aside,) = data.glob("before-restore-*")
    assert (aside / path.relative_to(data)).read_bytes() == b"coffee"


def test_a_backup_whose_files_were_touched_is_refused(data: Path, tmp_path: Path) -> None:
    picture(data, b"tea" * 1000)
    file, other = tmp_path / "backup.tar", tmp_path / "other"
    samovar(data, "backup", str(file))
    file.write_bytes(file.read_bytes().replace(b"teateatea", b"teaXXXtea"))
    refused = samovar(other, "restore", str(file))
    assert refused.exit_code == 1 and "damaged" in refused.output
    assert not (other / "samovar.db").exists()
