"""The tables of the embedded version, in the service that keeps facts."""

from typing import NamedTuple

from sqlalchemy import Column, Index, MetaData, Table

from samovar.kernel.db import Count, Id, Text, Time


class FactTables(NamedTuple):
    """All of them."""

    #: Facts that came and are in no number yet.
    waiting: Table
    fact: Table
    #: How often each happened.
    day: Table
    #: Who was here, in each day, week and month; and how many that were.
    presence: Table
    people: Table
    #: What is known of people: when they came, first followed and wrote, and were here last.
    member: Table
    #: Whose an item is, and whether it is gone.
    item: Table
    #: How items were responded to, in each day and month.
    response: Table
    #: How people's things were responded to, in each day.
    own: Table


def fact_tables(service: str, meta: MetaData) -> FactTables:
    """The tables with a service's prefix."""

    def fact(name: str) -> Table:
        return Table(
            f"{service}_{name}",
            meta,
            Column("id", Id, primary_key=True, autoincrement=False),
            Column("name", Text, primary_key=True),
            Column("at", Time, nullable=False),
            Column("day", Count, nullable=False),
            Column("week", Count, nullable=False),
            Column("month", Count, nullable=False),
            Column("actor_id", Id, nullable=False),
            Column("kind", Text, nullable=False),
            Column("item_id", Id, nullable=False),
            Column("owner_id", Id, nullable=False),
            Column("detail", Text, nullable=False),
            sqlite_with_rowid=False,
        )

    return FactTables(
        waiting=fact("waiting"),
        fact=fact("fact"),
        day=Table(
            f"{service}_day",
            meta,
            Column("name", Text, primary_key=True),
            Column("day", Count, primary_key=True, autoincrement=False),
            Column("kind", Text, primary_key=True),
            Column("number", Count, nullable=False),
            Index(f"{service}_day_day", "day"),
            sqlite_with_rowid=False,
        ),
        presence=Table(
            f"{service}_presence",
            meta,
            Column("span", Count, primary_key=True, autoincrement=False),
            Column("start", Count, primary_key=True, autoincrement=False),
            Column("actor_id", Id, primary_key=True, autoincrement=False),
            Column("acts", Count, nullable=False),
            Column("days", Count, nullable=False),
            Index(f"{service}_presence_actor", "actor_id"),
            sqlite_with_rowid=False,
        ),
        people=Table(
            f"{service}_people",
            meta,
            Column("span", Count, primary_key=True, autoincrement=False),
            Column("start", Count, primary_key=True, autoincrement=False),
            Column("people", Count, nullable=False),
            sqlite_with_rowid=False,
        ),
        member=Table(
            f"{service}_member",
            meta,
            Column("user_id", Id, primary_key=True, autoincrement=False),
            Column("registered_day", Count, nullable=True),
            Column("registered_week", Count, nullable=True),
            Column("followed_at", Time, nullable=True),
            Column("posted_at", Time, nullable=True),
            Column("last_day", Count, nullable=False),
            Index(f"{service}_member_registered", "registered_day"),
        ),
        item=Table(
            f"{service}_item",
            meta,
            Column("kind", Text, primary_key=True),
            Column("item_id", Id, primary_key=True, autoincrement=False),
            Column("owner_id", Id, nullable=False),
            # 1 when it is gone.
            Column("removed", Count, nullable=False),
            Index(f"{service}_item_owner", "owner_id"),
            sqlite_with_rowid=False,
        ),
        response=Table(
            f"{service}_response",
            meta,
            Column("span", Count, primary_key=True, autoincrement=False),
            Column("start", Count, primary_key=True, autoincrement=False),
            Column("kind", Text, primary_key=True),
            Column("item_id", Id, primary_key=True, autoincrement=False),
            Column("owner_id", Id, nullable=False),
            Column("views", Count, nullable=False),
            Column("clicks", Count, nullable=False),
            Column("reactions", Count, nullable=False),
            Column("replies", Count, nullable=False),
            Column("shares", Count, nullable=False),
            Index(f"{service}_response_item", "item_id"),
            Index(f"{service}_response_owner", "owner_id", "span", "start"),
            sqlite_with_rowid=False,
        ),
        own=Table(
            f"{service}_own",
            meta,
            Column("owner_id", Id, primary_key=True, autoincrement=False),
            Column("day", Count, primary_key=True, autoincrement=False),
            Column("name", Text, primary_key=True),
            Column("number", Count, nullable=False),
            sqlite_with_rowid=False,
        ),
    )
