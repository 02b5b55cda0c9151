"""Every statement of logs."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.sql import ColumnElement

from samovar.kernel.db import Query, Text
from samovar.kernel.store import Db, Tx
from samovar.kernel.upsert import upsert
from samovar.services.logs.domain import Entry, Wanted
from samovar.services.logs.tables import entry

#: Later than any entry.
FOREVER = (1 << 63) - 1

_e = entry.c
_columns = [_e[name] for name in Entry._fields]
_ADD = Query(upsert(entry, [_e.id]))


def _if_given(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    return or_(bindparam(name, type_=Text()) == "", column == bindparam(name, type_=Text()))


_FIND = Query(
    select(*_columns)
    .where(
        _e.id < bindparam("before"),
        _e.level >= bindparam("level"),
        or_(
            bindparam("like", type_=Text()) == "", _e.words.like(bindparam("like", type_=Text()), escape="!")
        ),
        _if_given(_e.request_id, "request"),
        _if_given(_e.trace_id, "trace"),
        or_(
            bindparam("source", type_=Text()) == "",
            _e.process == bindparam("source", type_=Text()),
            _e.service == bindparam("source", type_=Text()),
        ),
        _e.at >= bindparam("since"),
        _e.at < bindparam("until"),
    )
    .order_by(_e.id.desc())
    .limit(bindparam("limit"))
)
_NTH = Query(select(_e.id).order_by(_e.id.desc()).limit(1).offset(bindparam("keep")))
_TRIM = Query(delete(entry).where(_e.id <= bindparam("last")))
_FORGET = Query(delete(entry).where(_e.at < bindparam("before")))


async def add(tx: Tx, entries: Sequence[Entry]) -> None:
    """Store entries, but those that are there already."""
    await tx.many(_ADD, [one._asdict() for one in entries])


async def find(db: Db, what: Wanted, before: int, limit: int) -> list[Entry]:
    """Entries that fit, newest first."""
    escaped = what.text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    rows = await db.scan(
        _FIND, before=before, level=what.level, like=f"%{escaped}%" if escaped else "",
        request=what.request_id, trace=what.trace_id, source=what.source, since=what.since,
        until=what.until or FOREVER, limit=limit,
    )  # fmt: skip
    return [Entry._make(row) for row in rows]


async def trim(tx: Tx, keep: int, before: int) -> int:
    """Leave so many of the newest, none of them from before a time. Answers how many went."""
    gone = await tx.run(_FORGET, before=before)
    last = await tx.value(_NTH, keep=keep)
    return gone if last is None else gone + await tx.run(_TRIM, last=last)
