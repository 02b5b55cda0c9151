"""Migrations make exactly what tables.py says, so that code and database never drift apart."""

import importlib
from pathlib import Path
from typing import Any

import apsw
import pytest
from sqlalchemy import MetaData, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from samovar.adapters.sqlite import SqliteEngine
from samovar.kernel.inbox import inbox_table, retries_table
from samovar.kernel.jobs import jobs_table
from samovar.kernel.migrate import migrate
from samovar.kernel.once import idempotency_table
from samovar.kernel.outbox import outbox_table, versions_table
from tests.architecture.source import service_names

KERNEL = (outbox_table, versions_table, inbox_table, retries_table, jobs_table, idempotency_table)
Shape = dict[str, dict[str, Any]]


def shape_of(connection: apsw.Connection) -> Shape:
    """Every table with its columns, keys and indexes, whatever statements made them."""
    found: Shape = {}
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        indexes = {}
        for _, index, unique, origin, partial in connection.execute(f"PRAGMA index_list({name})").fetchall():
            columns = [
                (column, descending)
                for _, _, column, descending, _, key in connection.execute(f"PRAGMA index_xinfo({index})")
                if key
            ]
            where = ""
            if partial:
                statement = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (index,))
                where = str(statement.fetchall()[0][0]).partition(" WHERE ")[2]
            key = index if origin == "c" else f"{origin} {columns}"
            indexes[key] = (unique, columns, where)
        found[name] = {
            "columns": connection.execute(f"PRAGMA table_xinfo({name})").fetchall(),
            "indexes": indexes,
            "foreign": connection.execute(f"PRAGMA foreign_key_list({name})").fetchall(),
            "kind": connection.execute("SELECT wr, strict FROM pragma_table_list(?)", (name,)).fetchall(),
        }
    return found


def described(service: str) -> Shape:
    """The tables as tables.py and the kernel describe them."""
    tables = [*importlib.import_module(f"samovar.services.{service}.tables").__dict__.values()]
    metadata = MetaData()
    wanted = [table for table in tables if isinstance(table, Table)] + [
        make(service, metadata) for make in KERNEL
    ]
    connection = apsw.Connection(":memory:")
    for table in wanted:
        connection.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
        for index in table.indexes:
            connection.execute(str(CreateIndex(index).compile(dialect=sqlite.dialect())))
    return shape_of(connection)


@pytest.mark.parametrize("service", service_names())
async def test_migrations_make_the_tables_that_are_described(service: str, tmp_path: Path) -> None:
    path = tmp_path / "samovar.db"
    engine = SqliteEngine(path, durable=False)
    await engine.start()
    await migrate(engine, service, f"samovar.services.{service}", now=0)
    assert await migrate(engine, service, f"samovar.services.{service}", now=0) == []
    await engine.close()
    made = shape_of(apsw.Connection(str(path)))
    assert f"{service}_migrations" in made
    del made[f"{service}_migrations"]
    wanted = described(service)
    assert set(made) == set(wanted)
    for name, shape in wanted.items():
        assert made[name] == shape, f"{name}: add a migration, or put tables.py right"
    assert all(name.startswith(f"{service}_") for name in made)
