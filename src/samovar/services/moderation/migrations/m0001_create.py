"""The first tables of moderation."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table, text

from samovar.kernel.db import Count, Flag, Id, Json, Text, Time
from samovar.kernel.migrate import create_table

META = MetaData()

CASE = Table(
    "moderation_case",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("person_id", Id, nullable=False),
    Column("state", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("reports", Count, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("assignee_id", Id, nullable=False),
    Column("version", Count, nullable=False),
    Column("opened_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
    Column("closed_at", Time, nullable=False),
    Column("excerpt", Text, nullable=False),
    Column("held", Flag, nullable=False),
    Column("open_key", Text, nullable=True),
    Index("moderation_case_open", "open_key", unique=True),
    Index("moderation_case_state", "state", "reports", "id"),
    Index("moderation_case_person", "person_id", "id"),
    Index("moderation_case_assignee", "assignee_id"),
)

REPORT = Table(
    "moderation_report",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("case_id", Id, nullable=False),
    Column("reporter_id", Id, nullable=True),
    Column("reason", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Index("moderation_report_case", "case_id", "reporter_id", unique=True),
    Index("moderation_report_reporter", "reporter_id"),
    Index("moderation_report_created", "created_at"),
)

EVIDENCE = Table(
    "moderation_evidence",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("case_id", Id, nullable=False),
    Column("taken_for", Text, nullable=False),
    Column("taken_at", Time, nullable=False),
    Column("exhibit", Json, nullable=False),
    Index("moderation_evidence_case", "case_id"),
)

NOTE = Table(
    "moderation_note",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("case_id", Id, nullable=False),
    Column("person_id", Id, nullable=False),
    Column("author_id", Id, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Index("moderation_note_case", "case_id"),
    Index("moderation_note_person", "person_id"),
    Index("moderation_note_author", "author_id"),
)

DECISION = Table(
    "moderation_decision",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("case_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("person_id", Id, nullable=False),
    Column("by_id", Id, nullable=False),
    Column("reason", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("excerpt", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("undone_at", Time, nullable=False),
    Column("appeal", Text, nullable=False),
    Column("appeal_text", Text, nullable=False),
    Column("appealed_at", Time, nullable=False),
    Column("appeal_answer", Text, nullable=False),
    Column("judge_id", Id, nullable=False),
    Column("judged_at", Time, nullable=False),
    Index("moderation_decision_person", "person_id", "id"),
    Index("moderation_decision_by", "by_id", "id"),
    Index("moderation_decision_case", "case_id"),
    Index("moderation_decision_appeal", "appeal", "id"),
)

EFFECT = Table(
    "moderation_effect",
    META,
    Column("decision_id", Id, primary_key=True, autoincrement=False),
    Column("type", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("until", Time, nullable=False),
    Column("state", Text, nullable=False),
    Index(
        "moderation_effect_subject",
        "kind",
        "subject_id",
        sqlite_where=text("state = 'in_force'"),
        postgresql_where=text("state = 'in_force'"),
    ),
    Index("moderation_effect_type", "type", "state"),
)

AUDIT = Table(
    "moderation_audit",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("at", Time, nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("action", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("person_id", Id, nullable=False),
    Column("case_id", Id, nullable=False),
    Column("decision_id", Id, nullable=False),
    Column("why", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Index("moderation_audit_actor", "actor_id", "id"),
    Index("moderation_audit_person", "person_id", "id"),
    Index("moderation_audit_case", "case_id"),
)

REASON = Table(
    "moderation_reason",
    META,
    Column("key", Text, primary_key=True),
    Column("title_en", Text, nullable=False),
    Column("text_en", Text, nullable=False),
    Column("title_ru", Text, nullable=False),
    Column("text_ru", Text, nullable=False),
)

RULE = Table(
    "moderation_rule",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("what", Json, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("enabled", Flag, nullable=False),
)

GONE = Table(
    "moderation_gone",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("at", Time, nullable=False),
)


def upgrade(op: Any) -> None:
    """Create them."""
    for table in META.sorted_tables:
        create_table(op, table)
