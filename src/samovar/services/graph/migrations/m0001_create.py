"""People, and what they are to each other."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table

from samovar.kernel.db import Count, Flag, Id
from samovar.kernel.migrate import create_table


def upgrade(op: Any) -> None:
    meta = MetaData()
    create_table(
        op,
        Table(
            "graph_person",
            meta,
            Column("user_id", Id, primary_key=True, autoincrement=False),
            Column("private", Flag, nullable=False),
            Column("hide_followers", Flag, nullable=False),
            Column("gone", Flag, nullable=False),
            Column("followers", Count, nullable=False),
            Column("following", Count, nullable=False),
        ),
    )
    bond = Table(
        "graph_bond",
        meta,
        Column("user_id", Id, primary_key=True, autoincrement=False),
        Column("other_id", Id, primary_key=True, autoincrement=False),
        Column("following", Id, nullable=True),
        Column("follower", Id, nullable=True),
        Column("requested", Id, nullable=True),
        Column("requester", Id, nullable=True),
        Column("blocking", Id, nullable=True),
        Column("blocked_by", Id, nullable=True),
        Column("muting", Id, nullable=True),
        Column("muted_by", Id, nullable=True),
        sqlite_with_rowid=False,
    )
    for side in ("following", "follower", "requested", "requester", "blocking", "muting"):
        where = bond.c[side].is_not(None)
        Index(f"graph_bond_{side}", bond.c.user_id, bond.c[side], sqlite_where=where, postgresql_where=where)
    create_table(op, bond)
