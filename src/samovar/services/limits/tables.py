"""Tables of limits."""

from sqlalchemy import Column, MetaData, Table

from samovar.kernel.db import Count, Id, Text, Time

metadata = MetaData()

#: Rules that operators changed.
rule = Table(
    "limits_rule",
    metadata,
    Column("action", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("changed_at", Time, nullable=False),
)

#: Networks that are let through or kept out.
network = Table(
    "limits_network",
    metadata,
    Column("network", Text, primary_key=True),
    Column("stand", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", Time, nullable=False),
    Column("listed_at", Time, nullable=False),
)

#: How often any of it changed: one row.
version = Table(
    "limits_version",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("version", Count, nullable=False),
)
