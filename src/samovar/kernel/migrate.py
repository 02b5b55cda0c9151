"""Migrations: ordered modules `services/<name>/migrations/m0001_create.py`, each with
`def upgrade(op)` over Alembic's operations, which here only make SQL; the SQL runs through the
service's own engine. Applied names are kept per service, so a migration runs once.

Only additions in one release, removals a release later: an older process must bear a newer schema.
"""

import importlib
import io
import pkgutil
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from sqlalchemy import Column, MetaData, Table, insert, select
from sqlalchemy.schema import CreateIndex, CreateTable

from samovar.kernel.db import DIALECTS, Engine, Query, RawTx, Text, Time
from samovar.kernel.inbox import inbox_table, retries_table
from samovar.kernel.jobs import jobs_table
from samovar.kernel.once import idempotency_table
from samovar.kernel.outbox import outbox_table, versions_table

log = structlog.get_logger(__name__)


class SchemaTooNew(Exception):
    """The database was migrated by a newer release."""


def _kernel_tables(op: Any, service: str) -> None:
    meta = MetaData()
    for make in (
        outbox_table,
        versions_table,
        inbox_table,
        retries_table,
        jobs_table,
        idempotency_table,
    ):
        create_table(op, make(service, meta))


#: Migrations of the tables that the kernel keeps in each service.
KERNEL: Sequence[tuple[str, Callable[[Any, str], None]]] = (("k0001_tables", _kernel_tables),)


def create_table(op: Any, table: Table) -> None:
    """Create a table with its indexes."""
    op.execute(CreateTable(table))
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        op.execute(CreateIndex(index))


def migrations_of(package: str) -> list[str]:
    """Names of a service's migration modules, in order. Does not import them."""
    try:
        found = importlib.import_module(f"{package}.migrations")
    except ModuleNotFoundError:
        return []
    return sorted(module.name for module in pkgutil.iter_modules(found.__path__) if module.name[0] == "m")


async def pending(engine: Engine, service: str, package: str) -> list[str]:
    """Migrations not yet applied, in order. Raises SchemaTooNew."""
    known = [name for name, _ in KERNEL] + migrations_of(package)
    applied = await _applied(engine, service)
    if extra := applied - set(known):
        raise SchemaTooNew(
            f"The database of {service} holds migrations that this release doesn't know "
            f"({', '.join(sorted(extra))}): run the release that made them, or a newer one."
        )
    return [name for name in known if name not in applied]


async def migrate(engine: Engine, service: str, package: str, now: int) -> list[str]:
    """Bring a service's schema up to date; answers what was applied. One process at a time does it."""
    async with engine.migrating(service):
        await engine.prepare(service)
        return await _apply(engine, service, package, now)


async def _apply(engine: Engine, service: str, package: str, now: int) -> list[str]:
    done = []
    for name in await pending(engine, service, package):
        sql = _sql(engine.dialect, service, package, name)
        history = _history(service)
        record = Query(insert(history)).compiled(engine.dialect, service)

        async def apply(raw: RawTx, sql: str = sql, name: str = name, record: Any = record) -> None:
            await raw.script(sql)
            await raw.execute(record, {"name": name, "applied_at": now})

        await engine.write(service, apply)
        log.info("migrated", service=service, migration=name)
        done.append(name)
    return done


async def _applied(engine: Engine, service: str) -> set[str]:
    history = _history(service)
    create = str(CreateTable(history, if_not_exists=True).compile(dialect=DIALECTS[engine.dialect]))

    async def ensure(raw: RawTx) -> None:
        await raw.script(create)

    compiled = Query(select(history.c.name)).compiled(engine.dialect, service)
    try:
        rows = await engine.read(service, compiled, {})
    except Exception:
        await engine.write(service, ensure)
        rows = await engine.read(service, compiled, {})
    return {row[0] for row in rows}


def _sql(dialect: str, service: str, package: str, name: str) -> str:
    # Alembic is imported only when there is something to migrate: it is heavy.
    from alembic.migration import MigrationContext  # noqa: PLC0415
    from alembic.operations import Operations  # noqa: PLC0415

    text = io.StringIO()
    context = MigrationContext.configure(
        dialect=DIALECTS[dialect], opts={"as_sql": True, "output_buffer": text}
    )
    op = Operations(context)
    kernel = dict(KERNEL).get(name)
    if kernel is not None:
        kernel(op, service)
    else:
        importlib.import_module(f"{package}.migrations.{name}").upgrade(op)
    return text.getvalue()


def _history(service: str) -> Table:
    return Table(
        f"{service}_migrations",
        MetaData(),
        Column("name", Text, primary_key=True),
        Column("applied_at", Time, nullable=False),
    )
