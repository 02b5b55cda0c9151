"""Backup of an embedded installation: one tar file with the database, the secret and the settings.

The copy of the database is one snapshot (VACUUM INTO in a read transaction), taken while the server
writes on. The archive holds the installation's secret: without it passwords and second factors
could not be checked after a restore.
"""

import hashlib
import io
import os
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Final

import apsw
import msgspec

from samovar import __version__
from samovar.adapters.sqlite import check_library
from samovar.app.serve import alone

DATABASE: Final = "samovar.db"
#: Touched when a backup was made: its age is a metric.
MADE: Final = "backup.at"
MANIFEST: Final = "manifest.json"
BESIDE: Final = ("secret.key", "samovar.toml")
#: The only names that an archive may hold.
ALLOWED: Final = frozenset({DATABASE, MANIFEST, *BESIDE})


class BackupError(Exception):
    """A backup can't be made or restored; the message says why and what to do."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds."""

    version: str
    #: Unix seconds.
    made_at: int
    bytes: int
    sha256: str


def back_up(data: Path, file: Path) -> Manifest:
    """Write an archive of the installation in `data`. Raises BackupError."""
    check_library()
    source = data / DATABASE
    if not source.exists():
        raise BackupError(f"{source} does not exist: nothing to back up.")
    with tempfile.TemporaryDirectory(dir=file.resolve().parent, prefix=".backup-") as folder:
        copy = Path(folder) / DATABASE
        connection = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            connection.set_busy_timeout(30_000)
            connection.execute("VACUUM INTO ?", (str(copy),))
        finally:
            connection.close()
        _check(copy)
        manifest = Manifest(
            version=__version__, made_at=int(time.time()), bytes=copy.stat().st_size, sha256=_digest(copy)
        )
        partial = Path(folder) / "archive.tar"
        with tarfile.open(partial, "w") as archive:
            archive.addfile(*_text(MANIFEST, msgspec.json.encode(manifest)))
            archive.add(copy, DATABASE)
            for name in BESIDE:
                if (data / name).exists():
                    archive.add(data / name, name)
        partial.chmod(0o600)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(file)
    (data / MADE).touch()
    return manifest


def restore(data: Path, file: Path) -> list[int]:
    """Put an archive's content into `data`; what was there is set aside in a folder beside it.

    Answers ids of accounts that were erased in what was there: the caller erases them again.
    Raises BackupError before anything is changed when the archive is damaged or too new.
    """
    data.mkdir(parents=True, exist_ok=True)
    with alone(data), tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as folder:
        unpacked = Path(folder)
        manifest = _unpack(file, unpacked)
        database = unpacked / DATABASE
        if _digest(database) != manifest.sha256:
            raise BackupError(f"{file} is damaged: its database is not the one that was written.")
        _check(database)
        erased = _erased(data / DATABASE)
        aside = data / f"before-restore-{time.strftime('%Y%m%d-%H%M%S')}"
        for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", *BESIDE):
            if (data / name).exists():
                aside.mkdir(exist_ok=True)
                (data / name).rename(aside / name)
        for name in (*BESIDE, DATABASE):
            if (unpacked / name).exists():
                (unpacked / name).replace(data / name)
    return erased


def _unpack(file: Path, folder: Path) -> Manifest:
    try:
        with tarfile.open(file) as archive:
            members = archive.getmembers()
            strange = [m.name for m in members if m.name not in ALLOWED or not m.isfile()]
            if strange or DATABASE not in {m.name for m in members}:
                raise BackupError(f"{file} is not a backup of Samovar.")
            archive.extractall(folder, filter="data")
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (tarfile.TarError, OSError, msgspec.DecodeError) as error:
        raise BackupError(f"{file} can't be read as a backup: {error}") from error


def _erased(database: Path) -> list[int]:
    """Accounts erased according to a database that is about to be set aside, if it can be read."""
    if not database.exists():
        return []
    try:
        connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            return [row[0] for row in connection.execute("SELECT user_id FROM identity_erasure")]
        finally:
            connection.close()
    except apsw.Error:
        return []


def _check(database: Path) -> None:
    try:
        connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()
        finally:
            connection.close()
    except apsw.Error as error:
        raise BackupError(f"the database is damaged: {error}") from error
    if verdict != ("ok",):
        raise BackupError(f"the database is damaged: {verdict}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _text(name: str, data: bytes) -> tuple[tarfile.TarInfo, io.BytesIO]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mtime = int(time.time())
    return info, io.BytesIO(data)
