"""Tables of analytics: those of the kernel's facts, and its own."""

from sqlalchemy import Column, Index, MetaData, Table

from samovar.kernel.db import Count, Flag, Id, Text, Time
from samovar.kernel.facts.tables import fact_tables

META = MetaData()

FACTS = fact_tables("analytics", META)
WAITING, FACT, DAY, PRESENCE, PEOPLE, MEMBER, ITEM, RESPONSE, OWN = FACTS

#: People who do not wish to be counted, or deleted their account; absent for all others. Rows of the gone
#: stay, so that what comes late about them is nobody's.
CHOICE = Table(
    "analytics_choice",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("counted", Flag, nullable=False),
    Column("gone", Flag, nullable=False),
)

#: People to be forgotten in a store outside, with who stands in for them; gone once they are.
FORGET = Table(
    "analytics_forget",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("stand_in", Id, nullable=False),
    Column("whole", Flag, nullable=False),
)

#: Files with figures that people asked for.
EXPORT = Table(
    "analytics_export",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, nullable=False),
    Column("what", Text, nullable=False),
    Column("first", Count, nullable=False),
    Column("last", Count, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", Count, nullable=False),
    Column("rows", Count, nullable=False),
    Column("bytes", Count, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Index("analytics_export_user", "user_id", "id"),
    Index("analytics_export_expires", "expires_at"),
)
