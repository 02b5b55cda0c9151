"""The log, reasons and rules."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.sql import ColumnElement

from samovar.kernel.db import Count, Query, Reads
from samovar.kernel.store import Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.moderation.domain import Line
from samovar.services.moderation.domain.reasons import Reason
from samovar.services.moderation.domain.rules import Rule
from samovar.services.moderation.tables import AUDIT, REASON, RULE

_a, _reason, _rule = AUDIT.c, REASON.c, RULE.c
_lines = [_a[name] for name in Line._fields]

_ADD_LINE = Query(insert(AUDIT))
_PARTS: Final[Mapping[str, ColumnElement[bool]]] = {
    "actor_id": _a.actor_id == bindparam("actor_id"),
    "person_id": _a.person_id == bindparam("person_id"),
    "kind": _a.kind == bindparam("kind"),
    "subject_id": _a.subject_id == bindparam("subject_id"),
    "case_id": _a.case_id == bindparam("case_id"),
    "action": func.substr(_a.action, 1, bindparam("length", type_=Count())) == bindparam("action"),
}
_lists: dict[tuple[str, ...], Query] = {}

_REASONS = Query(select(*[_reason[name] for name in Reason._fields[:-1]]).order_by(_reason.key).limit(200))
_PUT_REASON = Query(
    upsert(
        REASON, [_reason.key], update={name: excluded(name) for name in Reason._fields[1:-1]}
    )
)  # fmt: skip
_DROP_REASON = Query(delete(REASON).where(_reason.key == bindparam("key")))

_RULES = Query(
    select(_rule.id, _rule.name, _rule.what, _rule.outcome, _rule.reason, _rule.enabled)
    .order_by(_rule.id)
    .limit(bindparam("limit"))
)
_PUT_RULE = Query(
    upsert(
        RULE,
        [_rule.id],
        update={name: excluded(name) for name in ("name", "what", "outcome", "reason", "enabled")},
    )
)
_DROP_RULE = Query(delete(RULE).where(_rule.id == bindparam("id")))
#: What a rule asks for, kept together.
_WHAT: Final = ("kinds", "levels", "words", "hosts", "links", "per_hour", "media")


async def add_line(tx: Tx, line: Line) -> None:
    """Add to the log."""
    await tx.run(_ADD_LINE, **line._asdict())


async def lines(db: Reads, wanted: Mapping[str, Any], before: int, limit: int) -> list[Line]:
    """The log of a filter (its values by column, empty ones left out), the newest first."""
    parts = {name: value for name, value in wanted.items() if value}
    shape = tuple(sorted(parts))
    found = _lists.get(shape)
    if found is None:
        found = _lists[shape] = Query(
            select(*_lines)
            .where(_a.id < bindparam("before"), *[_PARTS[name] for name in shape])
            .order_by(_a.id.desc())
            .limit(bindparam("limit"))
        )
    if "action" in parts:
        parts["length"] = len(parts["action"])
    return [Line._make(row) for row in await db.all(found, before=before, limit=limit, **parts)]


async def reasons(db: Reads) -> list[Reason]:
    """The community's own."""
    return [Reason(*row) for row in await db.all(_REASONS)]


async def put_reason(tx: Tx, reason: Reason) -> None:
    """Write a reason over any of its key."""
    row = reason._asdict()
    del row["builtin"]
    await tx.run(_PUT_REASON, **row)


async def drop_reason(tx: Tx, key: str) -> bool:
    return await tx.run(_DROP_REASON, key=key) > 0


async def rules(db: Reads, limit: int) -> list[Rule]:
    """The oldest first."""
    return [
        Rule(
            row[0], row[1], **{name: row[2][name] for name in _WHAT}, outcome=row[3], reason=row[4], on=row[5]
        )
        for row in await db.all(_RULES, limit=limit)
    ]


async def put_rule(tx: Tx, rule: Rule) -> None:
    """Write a rule over any of its id."""
    what = {name: getattr(rule, name) for name in _WHAT}
    await tx.run(
        _PUT_RULE, id=rule.id, name=rule.name, what=what, outcome=rule.outcome, reason=rule.reason,
        enabled=rule.on,
    )  # fmt: skip


async def drop_rule(tx: Tx, rule_id: int) -> bool:
    return await tx.run(_DROP_RULE, id=rule_id) > 0
