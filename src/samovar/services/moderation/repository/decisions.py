"""Decisions, what they do, and appeals."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, delete, exists, func, insert, select, update

from samovar.kernel.db import Count, Query, Reads, one_of
from samovar.kernel.store import Tx
from samovar.services.moderation.domain import HOLD, IN_FORCE, SILENCE, Decision, Effect, Subject
from samovar.services.moderation.tables import DECISION, EFFECT

_d, _e = DECISION.c, EFFECT.c
_columns = [_d[name] for name in Decision._fields]
_effects = [_e[name] for name in Effect._fields]
_newest = select(*_columns).where(_d.id < bindparam("before")).order_by(_d.id.desc())

_BY_IDS = Query(select(*_columns).where(one_of(_d.id, "ids")))
_OF_PERSON = Query(_newest.where(_d.person_id == bindparam("person_id")).limit(bindparam("limit")))
_BY = Query(_newest.where(_d.by_id == bindparam("by_id")).limit(bindparam("limit")))
_ALL = Query(_newest.limit(bindparam("limit")))
_OF_CASE = Query(_newest.where(_d.case_id == bindparam("case_id")).limit(bindparam("limit")))
_JUDGED = Query(_newest.where(_d.appeal.in_(("accepted", "rejected"))).limit(bindparam("limit")))
_APPEALED = Query(
    select(*_columns)
    .where(_d.appeal == "open", _d.id > bindparam("after"))
    .order_by(_d.id)
    .limit(bindparam("limit"))
)
_ADD = Query(insert(DECISION))
_CHANGED: Final = (
    "undone_at", "appeal", "appeal_text", "appealed_at", "appeal_answer", "judge_id", "judged_at",
)  # fmt: skip
_SAVE = Query(
    update(DECISION)
    .where(_d.id == bindparam("decision_id"))
    .values({name: bindparam(name) for name in _CHANGED})
)
_COUNT_APPEALS = Query(
    select(func.count(_d.id, type_=Count()), func.min(_d.appealed_at)).where(_d.appeal == "open")
)
_COUNT_SINCE = Query(
    select(func.count(_d.id, type_=Count()), func.count(_d.id, type_=Count()).filter(_d.undone_at > 0)).where(
        _d.created_at >= bindparam("since"), _d.by_id != 0
    )
)
_ADD_EFFECT = Query(insert(EFFECT))
_EFFECTS = Query(select(*_effects).where(one_of(_e.decision_id, "ids")))
_ON = Query(
    select(*_effects)
    .where(
        _e.kind == bindparam("kind"), _e.subject_id == bindparam("subject_id"), _e.state == IN_FORCE
    )
    .order_by(_e.decision_id)
    .limit(200)
)  # fmt: skip
_END = Query(
    update(EFFECT)
    .where(
        _e.decision_id == bindparam("decision"), _e.type == bindparam("of_type"), _e.state == IN_FORCE
    )
    .values(state=bindparam("ended"))
)  # fmt: skip
_END_HOLDS = Query(
    update(EFFECT)
    .where(
        _e.kind == bindparam("of_kind"), _e.subject_id == bindparam("subject"), _e.type == HOLD,
        _e.state == IN_FORCE,
    )
    .values(state=bindparam("ended"))
)  # fmt: skip
_SILENCED = Query(
    select(_e.subject_id, _e.until)
    .where(_e.type == SILENCE, _e.state == IN_FORCE)
    .limit(bindparam("limit"))
)  # fmt: skip
_ERASE = (
    Query(
        delete(EFFECT).where(exists().where(_d.id == _e.decision_id, _d.person_id == bindparam("user_id")))
    ),
    Query(delete(DECISION).where(_d.person_id == bindparam("user_id"))),
    Query(update(DECISION).where(_d.by_id == bindparam("user_id")).values(by_id=0)),
    Query(update(DECISION).where(_d.judge_id == bindparam("user_id")).values(judge_id=0)),
)
_AGAINST = Query(
    select(func.count(_d.id, type_=Count())).where(
        _d.person_id == bindparam("person_id"), _d.undone_at == 0, _d.by_id != 0
    )
)


async def by_ids(db: Reads, ids: Sequence[int]) -> list[Decision]:
    return [Decision._make(row) for row in await db.all(_BY_IDS, ids=list(ids))]


async def one(db: Reads, decision_id: int) -> Decision | None:
    """A decision of an id."""
    found = await by_ids(db, [decision_id])
    return found[0] if found else None


async def listed(db: Reads, person_id: int, by_id: int, before: int, limit: int) -> list[Decision]:
    """About a person, by a moderator or all, the newest first."""
    if person_id:
        rows = await db.all(_OF_PERSON, person_id=person_id, before=before, limit=limit)
    elif by_id:
        rows = await db.all(_BY, by_id=by_id, before=before, limit=limit)
    else:
        rows = await db.all(_ALL, before=before, limit=limit)
    return [Decision._make(row) for row in rows]


async def of_case(db: Reads, case_id: int, before: int, limit: int) -> list[Decision]:
    """The newest first."""
    rows = await db.all(_OF_CASE, case_id=case_id, before=before, limit=limit)
    return [Decision._make(row) for row in rows]


async def appealed(db: Reads, after: int, limit: int) -> list[Decision]:
    """Those whose appeals wait, the oldest first."""
    return [Decision._make(row) for row in await db.all(_APPEALED, after=after, limit=limit)]


async def judged(db: Reads, before: int, limit: int) -> list[Decision]:
    """Those whose appeals are judged, the newest first."""
    return [Decision._make(row) for row in await db.all(_JUDGED, before=before, limit=limit)]


async def add(tx: Tx, decision: Decision, effects: Sequence[Effect]) -> None:
    """Write a decision down with what it does."""
    await tx.run(_ADD, **decision._asdict())
    await tx.many(_ADD_EFFECT, [effect._asdict() for effect in effects])


async def save(tx: Tx, decision: Decision) -> None:
    """Write what becomes of a decision after it was taken."""
    await tx.run(
        _SAVE, decision_id=decision.id, **{name: getattr(decision, name) for name in _CHANGED}
    )  # fmt: skip


async def effects(db: Reads, ids: Sequence[int]) -> dict[int, list[Effect]]:
    """What decisions do, by decision."""
    found: dict[int, list[Effect]] = {}
    for row in await db.all(_EFFECTS, ids=list(ids)) if ids else ():
        found.setdefault(row[0], []).append(Effect._make(row))
    return found


async def on(db: Reads, subject: Subject) -> list[Effect]:
    """What is in force on a subject, the oldest first."""
    rows = await db.all(_ON, kind=subject.kind, subject_id=subject.id)
    return [Effect._make(row) for row in rows]


async def end(tx: Tx, decision_id: int, type: str, state: str) -> bool:
    """End an effect in force; False when it had ended."""
    return await tx.run(_END, decision=decision_id, of_type=type, ended=state) > 0


async def end_holds(tx: Tx, subject: Subject, state: str) -> bool:
    """An item that waited has been looked at; False when it did not wait."""
    return await tx.run(_END_HOLDS, of_kind=subject.kind, subject=subject.id, ended=state) > 0


async def silenced(db: Reads, limit: int) -> dict[int, int]:
    """Who is silenced, each until when; 0: for good."""
    found: dict[int, int] = {}
    for user_id, until in await db.all(_SILENCED, limit=limit):
        known = found.get(user_id)
        found[user_id] = until if known is None else (0 if 0 in (known, until) else max(known, until))
    return found


async def appeals_waiting(db: Reads) -> tuple[int, int]:
    """How many, and since when the oldest does."""
    row = await db.first(_COUNT_APPEALS)
    assert row is not None
    return row[0], row[1] or 0


async def since(db: Reads, at: int) -> tuple[int, int]:
    """People's decisions since a time, and how many of those were taken back."""
    row = await db.first(_COUNT_SINCE, since=at)
    assert row is not None
    return row[0], row[1]


async def standing_against(db: Reads, person_id: int) -> int:
    """How many decisions about a person were not taken back."""
    return int(await db.value(_AGAINST, person_id=person_id))


async def erase(tx: Tx, user_id: int) -> None:
    """Erase decisions about a person; those by them stay, nobody's."""
    for query in _ERASE:
        await tx.run(query, user_id=user_id)
