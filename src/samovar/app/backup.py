"""Backup of an embedded installation: one tar file with the database, the second file of many small facts,
the files that people sent, the secret and the settings.

The copy of a database is one snapshot (VACUUM INTO in a read transaction), taken while the server writes
on; that of the facts is taken last, so that no event is lost between the two: one that reached the facts
meanwhile is still on its way in the database, and comes again to be known by its id. Files never change
once they are there: they are held by links before and after the snapshot, so that all its rows have theirs.
Files in an object store are that store's to keep. The archive holds the installation's secret: without it
passwords and second factors could not be checked after a restore.
"""

import hashlib
import io
import os
import re
import shutil
import tarfile
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import apsw
import msgspec

from samovar import __version__
from samovar.adapters.sqlite import check_library
from samovar.app.backends import BULK
from samovar.app.serve import alone

DATABASE: Final = "samovar.db"
#: Touched when a backup was made: its age is a metric.
MADE: Final = "backup.at"
MANIFEST: Final = "manifest.json"
BESIDE: Final = ("secret.key", "samovar.toml")
BLOBS: Final = "blobs"
#: The search index, which is not in archives: it can be made from the rest.
INDEX: Final = "search"
#: Lines of a SHA-256 and the name of a file.
SUMS: Final = "blobs.sha256"
#: The only names that an archive may hold, beside files.
ALLOWED: Final = frozenset({DATABASE, BULK, MANIFEST, SUMS, *BESIDE})
_BLOB: Final = re.compile(r"blobs/[0-9a-f]{2}/[a-z0-9_-][a-z0-9._=-]{0,200}", re.ASCII)


class BackupError(Exception):
    """A backup can't be made or restored; the message says why and what to do."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds."""

    version: str
    #: Unix seconds.
    made_at: int
    bytes: int
    sha256: str
    #: How many files people sent, all forms together, and the SHA-256 of their list; archives of the first
    #: release have none.
    files: int = 0
    files_sha256: str = ""
    #: Of the file of facts; archives of the first releases have none.
    facts_bytes: int = 0
    facts_sha256: str = ""


def back_up(data: Path, file: Path) -> Manifest:
    """Write an archive of the installation in `data`. Raises BackupError."""
    check_library()
    source = data / DATABASE
    if not source.exists():
        raise BackupError(f"{source} does not exist: nothing to back up.")
    with tempfile.TemporaryDirectory(dir=file.resolve().parent, prefix=".backup-") as folder:
        copy, facts = Path(folder) / DATABASE, Path(folder) / BULK
        with _Held(data) as held:
            _copy(source, copy)
            held.hold()
            if (data / BULK).exists():
                _copy(data / BULK, facts)
            return _write(data, file, Path(folder), copy, held)


def _copy(source: Path, copy: Path) -> None:
    """One snapshot of a database, whole. Raises BackupError."""
    connection = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_timeout(30_000)
        connection.execute("VACUUM INTO ?", (str(copy),))
    finally:
        connection.close()
    _check(copy)


def _write(data: Path, file: Path, folder: Path, copy: Path, held: "_Held") -> Manifest:
    facts = folder / BULK
    sums = "".join(f"{_digest(path)} {name}\n" for name, path in held.files()).encode()
    manifest = Manifest(
        version=__version__, made_at=int(time.time()), bytes=copy.stat().st_size, sha256=_digest(copy),
        files=sums.count(b"\n"), files_sha256=hashlib.sha256(sums).hexdigest(),
        facts_bytes=facts.stat().st_size if facts.exists() else 0,
        facts_sha256=_digest(facts) if facts.exists() else "",
    )  # fmt: skip
    partial = Path(folder) / "archive.tar"
    with tarfile.open(partial, "w") as archive:
        archive.addfile(*_text(MANIFEST, msgspec.json.encode(manifest)))
        archive.addfile(*_text(SUMS, sums))
        archive.add(copy, DATABASE)
        if facts.exists():
            archive.add(facts, BULK)
        for name, path in held.files():
            archive.add(path, name)
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
        _check_facts(file, unpacked / BULK, manifest)
        _check_files(file, unpacked, manifest)
        erased = _erased(data / DATABASE)
        aside = data / f"before-restore-{time.strftime('%Y%m%d-%H%M%S')}"
        databases = [f"{name}{end}" for name in (BULK, DATABASE) for end in ("", "-wal", "-shm")]
        for name in (*databases, *BESIDE, BLOBS):
            if (data / name).exists():
                aside.mkdir(exist_ok=True)
                (data / name).rename(aside / name)
        # What was found there belongs to what was there: the index is made anew.
        shutil.rmtree(data / INDEX, ignore_errors=True)
        for name in (*BESIDE, BLOBS, BULK, DATABASE):
            if (unpacked / name).exists():
                (unpacked / name).replace(data / name)
    return erased


def _unpack(file: Path, folder: Path) -> Manifest:
    try:
        with tarfile.open(file) as archive:
            members = archive.getmembers()
            strange = [
                m.name
                for m in members
                if not m.isfile() or (m.name not in ALLOWED and not _BLOB.fullmatch(m.name))
            ]
            if strange or DATABASE not in {m.name for m in members}:
                raise BackupError(f"{file} is not a backup of Samovar.")
            archive.extractall(folder, filter="data")
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (tarfile.TarError, OSError, msgspec.DecodeError) as error:
        raise BackupError(f"{file} can't be read as a backup: {error}") from error


class _Held:
    """The files of an installation, held by links: what is removed meanwhile is still there."""

    def __init__(self, data: Path) -> None:
        self._source = data / BLOBS
        self._folder = data / f".backup-{os.getpid()}"
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> "_Held":
        self.hold()
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def hold(self) -> None:
        """Hold all that is there now, beside what is held already."""
        for path in self._source.glob("[0-9a-f][0-9a-f]/*"):
            link = self._folder / path.parent.name / path.name
            link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileExistsError, FileNotFoundError):  # held already, or removed just now
                os.link(path, link)

    def files(self) -> list[tuple[str, Path]]:
        """Names in the archive, and where they are."""
        found = sorted(self._folder.glob("[0-9a-f][0-9a-f]/*"))
        return [(f"{BLOBS}/{path.parent.name}/{path.name}", path) for path in found]


def _check_facts(file: Path, facts: Path, manifest: Manifest) -> None:
    """Raises BackupError unless the facts are as they were written; older archives have none."""
    if facts.exists() != bool(manifest.facts_sha256) or (
        facts.exists() and _digest(facts) != manifest.facts_sha256
    ):
        raise BackupError(f"{file} is damaged: its facts are not those that were written.")
    if facts.exists():
        _check(facts)


def _check_files(file: Path, unpacked: Path, manifest: Manifest) -> None:
    """Raises BackupError unless every file is as it was written."""
    sums = (unpacked / SUMS).read_bytes() if (unpacked / SUMS).exists() else b""
    if manifest.files and hashlib.sha256(sums).hexdigest() != manifest.files_sha256:
        raise BackupError(f"{file} is damaged: its list of files is not the one that was written.")
    listed = set()
    for line in sums.decode().splitlines():
        digest, _, name = line.partition(" ")
        listed.add(name)
        path = unpacked / name
        if not _BLOB.fullmatch(name) or not path.is_file() or _digest(path) != digest:
            raise BackupError(f"{file} is damaged: {name} is not the file that was written.")
    there = {f"{BLOBS}/{p.parent.name}/{p.name}" for p in (unpacked / BLOBS).glob("*/*")}
    if there != listed:
        raise BackupError(f"{file} is damaged: it holds files that are not in its list.")


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
