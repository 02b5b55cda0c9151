"""Cases, reports, evidence, notes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.sql import ColumnElement, Select

from samovar.kernel.db import Count, Query, Reads, one_of, values_of
from samovar.kernel.store import Tx
from samovar.kernel.upsert import upsert
from samovar.services.moderation.domain import OPEN, Case, Evidence, Filter, Note, Report, Subject
from samovar.services.moderation.tables import CASE, EVIDENCE, GONE, NOTE, REPORT

_case, _report, _evidence, _note = CASE.c, REPORT.c, EVIDENCE.c, NOTE.c
_columns = [_case[name] for name in Case._fields]

_BY_IDS = Query(select(*_columns).where(one_of(_case.id, "ids")))
_OPEN_OF = Query(select(*_columns).where(_case.open_key == bindparam("key")))
_ADD = Query(insert(CASE))
_SAVE = Query(
    update(CASE)
    .where(_case.id == bindparam("case_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "person_id", "state", "reports", "reasons", "assignee_id", "updated_at", "closed_at",
                "excerpt", "held", "open_key",
            )
        }
        | {"version": _case.version + 1}
    )
)  # fmt: skip
_ABOUT = Query(select(*_columns).where(_case.person_id == bindparam("person_id")).limit(bindparam("limit")))


_PARTS: Final[Mapping[str, ColumnElement[bool]]] = {
    "kind": _case.kind == bindparam("kind"),
    "reason": exists().where(_report.case_id == _case.id, _report.reason == bindparam("reason")),
    "assignee_id": _case.assignee_id == bindparam("assignee_id"),
    "free": _case.assignee_id == 0,
    "person_id": _case.person_id == bindparam("person_id"),
    "reporter_id": exists().where(
        _report.case_id == _case.id, _report.reporter_id == bindparam("reporter_id")
    ),
    "held": _case.held.is_(True),
}
_lists: dict[tuple[str, ...], Query] = {}


def _list(wanted: Filter) -> Query:
    """The statement of a filter: one for each set of its parts."""
    parts = tuple(name for name in _PARTS if getattr(wanted, name))
    shape = ("open" if wanted.state == OPEN else wanted.state and "closed", *parts)
    found = _lists.get(shape)
    if found is None:
        statement: Select[Any] = select(*_columns).where(*[_PARTS[name] for name in parts])
        if wanted.state:
            statement = statement.where(_case.state == bindparam("state"))
        if wanted.held:
            statement = statement.where(_case.id > bindparam("after")).order_by(_case.id)
        elif wanted.state == OPEN:
            statement = statement.where(
                or_(
                    _case.reports < bindparam("reports"),
                    and_(_case.reports == bindparam("reports"), _case.id > bindparam("after")),
                )
            ).order_by(_case.reports.desc(), _case.id)
        else:
            statement = statement.where(_case.id < bindparam("before")).order_by(_case.id.desc())
        found = _lists[shape] = Query(statement.limit(bindparam("limit")))
    return found


_COUNT_OPEN = Query(
    select(
        func.count(_case.id, type_=Count()),
        func.min(_case.opened_at),
        func.count(_case.id, type_=Count()).filter(_case.assignee_id == 0),
        func.count(_case.id, type_=Count()).filter(_case.held.is_(True)),
        func.min(_case.opened_at).filter(_case.held.is_(True)),
    ).where(_case.state == OPEN)
)
_ADD_REPORT = Query(upsert(REPORT, [_report.case_id, _report.reporter_id]))
_REPORTS = Query(
    select(*[_report[name] for name in Report._fields])
    .where(_report.case_id == bindparam("case_id"))
    .order_by(_report.id.desc())
    .limit(bindparam("limit"))
)
_REPORTERS = Query(
    select(_report.reporter_id)
    .where(_report.case_id == bindparam("case_id"), _report.reporter_id > bindparam("after"))
    .order_by(_report.reporter_id)
    .limit(bindparam("limit"))
)
_COUNT_REPORTS = Query(
    select(func.count(_report.id, type_=Count())).where(_report.created_at >= bindparam("since"))
)
_ADD_EVIDENCE = Query(insert(EVIDENCE))
_EVIDENCE_OF = Query(
    select(*[_evidence[name] for name in Evidence._fields])
    .where(_evidence.case_id == bindparam("case_id"))
    .order_by(_evidence.id)
    .limit(bindparam("limit"))
)
_OLD_EVIDENCE = Query(
    delete(EVIDENCE).where(
        exists().where(
            _case.id == _evidence.case_id, _case.closed_at > 0, _case.closed_at < bindparam("before")
        )
    )
)
_ADD_NOTE = Query(insert(NOTE))
_notes = select(*[_note[name] for name in Note._fields]).order_by(_note.id.desc()).limit(bindparam("limit"))
_NOTES_OF_CASE = Query(_notes.where(_note.case_id == bindparam("case_id")))
_NOTES_OF_PERSON = Query(_notes.where(_note.person_id == bindparam("person_id")))

_MARK_GONE = Query(upsert(GONE, [GONE.c.user_id]))
_IS_GONE = Query(select(GONE.c.at).where(GONE.c.user_id == bindparam("user_id")))
_ERASE = (
    Query(
        delete(EVIDENCE).where(
            exists().where(_case.id == _evidence.case_id, _case.person_id == bindparam("user_id"))
        )
    ),
    Query(delete(NOTE).where(_note.person_id == bindparam("user_id"))),
    Query(
        delete(NOTE).where(exists().where(_case.id == _note.case_id, _case.person_id == bindparam("user_id")))
    ),
    Query(update(NOTE).where(_note.author_id == bindparam("user_id")).values(author_id=0)),
    Query(
        update(REPORT)
        .where(
            exists().where(_case.id == _report.case_id, _case.person_id == bindparam("user_id")),
        )
        .values(text="")
    ),
    Query(
        update(REPORT).where(_report.reporter_id == bindparam("user_id")).values(reporter_id=None, text="")
    ),
    Query(
        update(CASE)
        .where(_case.assignee_id == bindparam("user_id"))
        .values(assignee_id=0, version=_case.version + 1)
    ),
)


async def by_ids(db: Reads, ids: Sequence[int]) -> list[Case]:
    """Cases in the order asked for."""
    found = {row[0]: Case._make(row) for row in await db.all(_BY_IDS, ids=list(ids))}
    return [found[case_id] for case_id in dict.fromkeys(ids) if case_id in found]


async def one(db: Reads, case_id: int) -> Case | None:
    """A case of an id."""
    found = await by_ids(db, [case_id])
    return found[0] if found else None


async def open_of(db: Reads, subject: Subject) -> Case | None:
    """The open case about a subject."""
    row = await db.first(_OPEN_OF, key=subject.key)
    return Case._make(row) if row else None


async def add(tx: Tx, case: Case) -> None:
    await tx.run(_ADD, **case._asdict(), open_key=case.subject.key)


async def save(tx: Tx, case: Case) -> Case:
    """Write a case; its version grows."""
    row = case._asdict()
    for fixed in ("id", "kind", "subject_id", "origin", "opened_at", "version"):
        del row[fixed]
    key = case.subject.key if case.state == OPEN else None
    await tx.run(_SAVE, case_id=case.id, open_key=key, **row)
    return case._replace(version=case.version + 1)


async def listed(
    db: Reads, wanted: Filter, *, reports: int, after: int, before: int, limit: int
) -> list[Case]:
    """Cases of a filter: open ones by reports and age, others the newest first."""
    params: dict[str, Any] = {name: getattr(wanted, name) for name in _PARTS if getattr(wanted, name)}
    for flag in ("free", "held"):
        params.pop(flag, None)
    if wanted.state:
        params["state"] = wanted.state
    if wanted.held:
        params["after"] = after
    elif wanted.state == OPEN:
        params |= {"reports": reports, "after": after}
    else:
        params["before"] = before
    return [Case._make(row) for row in await db.all(_list(wanted), limit=limit, **params)]


async def waiting(db: Reads) -> tuple[int, int, int, int, int]:
    """Open cases and the oldest's time, how many of them are nobody's; those held, and the oldest's time."""
    row = await db.first(_COUNT_OPEN)
    assert row is not None
    return row[0], row[1] or 0, row[2], row[3], row[4] or 0


async def about(db: Reads, person_id: int, limit: int) -> list[Case]:
    """Some cases about a person."""
    return [Case._make(row) for row in await db.all(_ABOUT, person_id=person_id, limit=limit)]


async def add_report(tx: Tx, report: Report) -> bool:
    """False when that person reported it already."""
    return await tx.run(_ADD_REPORT, **report._asdict()) > 0


async def reports(db: Reads, case_id: int, limit: int) -> list[Report]:
    """The newest."""
    return [Report._make(row) for row in await db.all(_REPORTS, case_id=case_id, limit=limit)]


async def reporters(db: Reads, case_id: int, after: int, limit: int) -> list[int]:
    """Who reported, in the order of ids."""
    return values_of(await db.all(_REPORTERS, case_id=case_id, after=after, limit=limit))


async def reports_since(db: Reads, since: int) -> int:
    return int(await db.value(_COUNT_REPORTS, since=since))


async def add_evidence(tx: Tx, evidence: Evidence, most: int) -> None:
    """Keep what a subject was like, unless it is kept already or there is plenty."""
    kept = await evidence_of(tx, evidence.case_id, most)
    version = evidence.exhibit.get("version", 0)
    if len(kept) < most and all(one.exhibit.get("version", 0) != version for one in kept):
        await tx.run(_ADD_EVIDENCE, **evidence._asdict())


async def evidence_of(db: Reads, case_id: int, limit: int) -> list[Evidence]:
    """The oldest first."""
    return [Evidence._make(row) for row in await db.all(_EVIDENCE_OF, case_id=case_id, limit=limit)]


async def drop_old_evidence(tx: Tx, before: int) -> None:
    """Forget evidence in cases that were closed before a time."""
    await tx.run(_OLD_EVIDENCE, before=before)


async def add_note(tx: Tx, note: Note) -> None:
    await tx.run(_ADD_NOTE, **note._asdict())


async def notes(db: Reads, *, case_id: int = 0, person_id: int = 0, limit: int = 100) -> list[Note]:
    """At a case or about a person, the newest first."""
    if case_id:
        rows = await db.all(_NOTES_OF_CASE, case_id=case_id, limit=limit)
    else:
        rows = await db.all(_NOTES_OF_PERSON, person_id=person_id, limit=limit)
    return [Note._make(row) for row in rows]


async def mark_gone(tx: Tx, user_id: int, now: int) -> None:
    await tx.run(_MARK_GONE, user_id=user_id, at=now)


async def is_gone(tx: Reads, user_id: int) -> bool:
    return await tx.value(_IS_GONE, user_id=user_id) is not None


async def erase_words(tx: Tx, user_id: int) -> None:
    """Erase what was kept of a person and what they wrote; cases themselves stay."""
    for query in _ERASE:
        await tx.run(query, user_id=user_id)
