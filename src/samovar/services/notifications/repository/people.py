"""People as recipients: counts, preferences, what they muted, their devices, what is due."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, select, update

from samovar.kernel.db import Id, Query, Reads, Text, one_of, rows_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.notifications.domain import Device
from samovar.services.notifications.tables import DEVICE, DUE, MUTED, PERSON, PREFERENCE

_person, _chosen, _muted, _device, _due = PERSON.c, PREFERENCE.c, MUTED.c, DEVICE.c, DUE.c
_DEVICE = [_device[name] for name in Device._fields]
_USER: Any = bindparam("user")

_UNREAD = Query(select(_person.unread).where(_person.user_id == _USER))
_COUNTS = Query(select(_person.user_id, _person.unread, _person.gone).where(one_of(_person.user_id, "users")))
_SET_UNREAD = Query(
    upsert(PERSON, [_person.user_id], insert={"gone": False}, update={"unread": excluded("unread")})
)
_LEAVE = Query(
    upsert(PERSON, [_person.user_id], insert={"gone": True, "unread": 0}, update={"gone": True, "unread": 0})
)
_CHOSEN = Query(select(_chosen.user_id, _chosen.value).where(one_of(_chosen.user_id, "users")))
_CHOOSE = Query(upsert(PREFERENCE, [_chosen.user_id], update={"value": excluded("value")}))
_DIGEST_AT = Query(select(_chosen.digest_at).where(_chosen.user_id == _USER))
_DIGESTED = Query(
    update(PREFERENCE).where(_chosen.user_id == _USER).values(digest_at=bindparam("new_digest_at"))
)
_about = rows_of("about", user_id=Id(), kind=Text(), item_id=Id())
_SILENCED = Query(
    select(_muted.user_id, _muted.kind, _muted.item_id).select_from(
        _about.join(
            MUTED,
            and_(
                _muted.user_id == _about.c.user_id,
                _muted.kind == _about.c.kind,
                _muted.item_id == _about.c.item_id,
            ),
        )
    )
)
_MUTE = Query(upsert(MUTED, [_muted.user_id, _muted.kind, _muted.item_id]))
_UNMUTE = Query(
    delete(MUTED).where(
        _muted.user_id == _USER, _muted.kind == bindparam("of_kind"), _muted.item_id == bindparam("of_item")
    )
)
_COUNT_MUTED = Query(select(func.count()).where(_muted.user_id == _USER))
_UNMUTE_ALL = Query(
    delete(MUTED).where(_muted.item_id == bindparam("of_item"), _muted.kind == bindparam("of_kind"))
)
_DEVICES = Query(
    select(*_DEVICE).where(_device.user_id == _USER).order_by(_device.id.desc()).limit(bindparam("limit"))
)
_DEVICES_OF = Query(select(*_DEVICE).where(one_of(_device.user_id, "users")).order_by(_device.id))
_PUT_DEVICE = Query(
    upsert(
        DEVICE,
        [_device.user_id, _device.digest],
        update={name: excluded(name) for name in ("address", "name", "hint")},
    ).returning(*_DEVICE)
)
_MOVE_DEVICE = Query(
    delete(DEVICE).where(
        _device.digest == bindparam("of_digest"), _device.user_id != _USER, _device.channel == "push"
    )
)
_DROP_DEVICE = Query(delete(DEVICE).where(_device.user_id == _USER, _device.id == bindparam("of_id")))
_DROP_ADDRESS = Query(
    delete(DEVICE).where(_device.user_id == _USER, _device.digest == bindparam("of_digest"))
)
_ADD_DUE = Query(upsert(DUE, [_due.user_id, _due.note_id]))
_DUE = Query(
    select(_due.user_id, _due.note_id)
    .where(_due.tell_at <= bindparam("now"))
    .order_by(_due.tell_at, _due.user_id, _due.note_id)
    .limit(bindparam("limit"))
)
_dues = rows_of("dues", user_id=Id(), note_id=Id())
_POSTPONE = Query(
    update(DUE)
    .where(_due.user_id == bindparam("of_user"), _due.note_id == bindparam("of_note"))
    .values(tell_at=bindparam("until"))
)
_DROP_DUE = Query(
    delete(DUE).where(_due.user_id == bindparam("of_user"), _due.note_id == bindparam("of_note"))
)
_DROP_DUES = Query(delete(DUE).where(_due.user_id == _USER, one_of(_due.note_id, "ids")))
_FORGET = tuple(
    Query(delete(table).where(table.c.user_id == _USER)) for table in (PREFERENCE, MUTED, DEVICE, DUE)
)


async def unread(db: Reads, user: int) -> int:
    """How many unread lines a person has."""
    return int(await db.value(_UNREAD, user=user) or 0)


async def counts(tx: Reads, users: Collection[int]) -> dict[int, tuple[int, bool]]:
    """Unread lines, and whether they left, by person."""
    rows = await tx.all(_COUNTS, users=list(users))
    return {row[0]: (row[1], row[2]) for row in rows}


async def set_unread(tx: Tx, numbers: Mapping[int, int]) -> None:
    await tx.many(_SET_UNREAD, [{"user_id": user, "unread": number} for user, number in numbers.items()])


async def leave(tx: Tx, user: int) -> None:
    """Mark a person as gone."""
    await tx.run(_LEAVE, user_id=user)


async def chosen(db: Reads, users: Collection[int]) -> dict[int, dict[str, Any]]:
    """What people chose, by person."""
    return dict(await db.all(_CHOSEN, users=list(users)))


async def choose(tx: Tx, user: int, value: dict[str, Any], now: int) -> None:
    await tx.run(_CHOOSE, user_id=user, value=value, digest_at=now)


async def digest_at(db: Reads, user: int) -> int | None:
    """Until when the digest of a person has told."""
    found: int | None = await db.value(_DIGEST_AT, user=user)
    return found


async def digested(tx: Tx, user: int, until: int) -> None:
    await tx.run(_DIGESTED, user=user, new_digest_at=until)


async def silenced(db: Reads, about: Collection[tuple[int, str, int]]) -> set[tuple[int, str, int]]:
    """Those of (person, kind, item) that the person muted."""
    rows = await db.all(_SILENCED, about=list(about)) if about else []
    return {(row[0], row[1], row[2]) for row in rows}


async def mute(tx: Tx, user: int, kind: str, item_id: int) -> None:
    await tx.run(_MUTE, user_id=user, kind=kind, item_id=item_id)


async def unmute(tx: Tx, user: int, kind: str, item_id: int) -> None:
    await tx.run(_UNMUTE, user=user, of_kind=kind, of_item=item_id)


async def count_muted(tx: Reads, user: int) -> int:
    return int(await tx.value(_COUNT_MUTED, user=user))


async def forget_muted(tx: Tx, kind: str, item_id: int) -> None:
    """An item is gone: nobody needs to mute it any more."""
    await tx.run(_UNMUTE_ALL, of_kind=kind, of_item=item_id)


async def devices(db: Reads, user: int, limit: int) -> list[Device]:
    """A person's devices, newest first."""
    return [Device._make(row) for row in await db.all(_DEVICES, user=user, limit=limit)]


async def devices_of(db: Reads, users: Collection[int]) -> dict[int, list[Device]]:
    """Devices by person, oldest first."""
    found: dict[int, list[Device]] = {}
    for row in await db.all(_DEVICES_OF, users=list(users)):
        found.setdefault(row[1], []).append(Device._make(row))
    return found


async def put_device(tx: Tx, device: Device) -> Device:
    """Add a device, or renew the one with that address; a browser is told for one person only."""
    await tx.run(_MOVE_DEVICE, of_digest=device.digest, user=device.user_id)
    row = await tx.first(_PUT_DEVICE, **device._asdict())
    assert row is not None
    return Device._make(row)


async def drop_device(tx: Tx, user: int, device_id: int) -> None:
    await tx.run(_DROP_DEVICE, user=user, of_id=device_id)


async def drop_address(tx: Tx, user: int, digest: str) -> None:
    await tx.run(_DROP_ADDRESS, user=user, of_digest=digest)


async def add_due(tx: Tx, rows: Iterable[tuple[int, int, int]]) -> None:
    """Rows of person, line and when to tell; what is due already stays as it is."""
    names = ("user_id", "note_id", "tell_at")
    await tx.many(_ADD_DUE, [dict(zip(names, row, strict=True)) for row in rows])


async def due(db: Reads, now: int, limit: int) -> list[tuple[int, int]]:
    """Lines that are to be told of now: person and line."""
    return [(row[0], row[1]) for row in await db.all(_DUE, now=now, limit=limit)]


async def postpone(tx: Tx, dues: Iterable[tuple[int, int]], until: int) -> None:
    await tx.many(_POSTPONE, [{"of_user": u, "of_note": n, "until": until} for u, n in dues])


async def drop_due(tx: Tx, dues: Iterable[tuple[int, int]]) -> None:
    await tx.many(_DROP_DUE, [{"of_user": user, "of_note": note} for user, note in dues])


async def drop_dues(tx: Tx, user: int, ids: Sequence[int]) -> None:
    """What was read or went needs no telling."""
    if ids:
        await tx.run(_DROP_DUES, user=user, ids=ids)


async def forget(tx: Tx, user: int) -> None:
    """Remove what a person chose, muted and registered."""
    for query in _FORGET:
        await tx.run(query, user=user)
