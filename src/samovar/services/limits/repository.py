"""Every statement of limits."""

from sqlalchemy import bindparam, delete, func, select

from samovar.kernel.db import Query, Reads
from samovar.kernel.store import Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.limits import tables
from samovar.services.limits.domain import Network

#: The one row of the version.
ONE = 1

_rule, _network = tables.rule.c, tables.network.c
_columns = [_network[name] for name in Network._fields]
_SET = Query(
    upsert(tables.rule, [_rule.action], update={name: excluded(name) for name in ("rule", "changed_at")})
)
_UNSET = Query(delete(tables.rule).where(_rule.action == bindparam("name")))
_RULES = Query(select(_rule.action, _rule.rule).order_by(_rule.action))
_LIST = Query(
    upsert(
        tables.network, [_network.network],
        update={name: excluded(name) for name in ("stand", "reason", "until", "listed_at")},
    )
)  # fmt: skip
_UNLIST = Query(delete(tables.network).where(_network.network == bindparam("name")))
_EXPIRED = Query(
    delete(tables.network).where(_network.until > 0, _network.until <= bindparam("now"))
)  # fmt: skip
_NETWORKS = Query(
    select(*_columns)
    .where(_network.network > bindparam("after"))
    .order_by(_network.network)
    .limit(bindparam("limit"))
)
_COUNT = Query(select(func.count()).select_from(tables.network).where(_network.network != bindparam("name")))
_RISE = Query(upsert(tables.version, [tables.version.c.id], update={"version": tables.version.c.version + 1}))
_VERSION = Query(select(tables.version.c.version).where(tables.version.c.id == bindparam("one")))


async def set_rule(tx: Tx, action: str, rule: str, now: int) -> None:
    await tx.run(_SET, action=action, rule=rule, changed_at=now)


async def unset_rule(tx: Tx, action: str) -> None:
    await tx.run(_UNSET, name=action)


async def rules(db: Reads) -> dict[str, str]:
    """Changed rules by action."""
    return dict(await db.all(_RULES))


async def put(tx: Tx, network: Network) -> None:
    await tx.run(_LIST, **network._asdict())


async def drop(tx: Tx, network: str) -> bool:
    """Take a network off the list; False when it is not there."""
    return await tx.run(_UNLIST, name=network) > 0


async def drop_expired(tx: Tx, now: int) -> int:
    return await tx.run(_EXPIRED, now=now)


async def networks(db: Reads, after: str, limit: int) -> list[Network]:
    """Listed networks by their text."""
    return [Network._make(row) for row in await db.all(_NETWORKS, after=after, limit=limit)]


async def others(db: Reads, network: str) -> int:
    """How many networks but this one are listed."""
    return int(await db.value(_COUNT, name=network))


async def rise(tx: Tx) -> int:
    """Count one more change; answers the version now."""
    await tx.run(_RISE, id=ONE, version=1)
    return int(await tx.value(_VERSION, one=ONE))


async def version(db: Reads) -> int:
    return int(await db.value(_VERSION, one=ONE) or 0)
