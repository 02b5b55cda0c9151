"""Tables of realtime. All of it may be lost: clients are told that there is a gap, and read anew."""

from sqlalchemy import Column, Index, MetaData, Table

from samovar.kernel.db import Count, Flag, Id, Text, Time

META = MetaData()

#: Who listens, or did lately. Without a row nothing is written for a person.
LISTENER = Table(
    "realtime_listener",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    # Of their latest event.
    Column("number", Count, nullable=False),
    # When an edge had them last.
    Column("seen_at", Time, nullable=False),
)

#: What they were told; numbers of a person are consecutive.
EVENT = Table(
    "realtime_event",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("number", Count, primary_key=True, autoincrement=False),
    Column("at", Time, nullable=False),
    Column("type", Text, nullable=False),
    Column("data", Text, nullable=False),
    Index("realtime_event_at", "at"),
    sqlite_with_rowid=False,
)

#: Who follows whom, as far as heard.
FOLLOW = Table(
    "realtime_follow",
    META,
    Column("followee_id", Id, primary_key=True, autoincrement=False),
    Column("follower_id", Id, primary_key=True, autoincrement=False),
    Column("version", Count, nullable=False),
    # Stays as a tombstone that keeps its version.
    Column("removed", Flag, nullable=False),
    Index("realtime_follow_follower", "follower_id"),
    sqlite_with_rowid=False,
)
