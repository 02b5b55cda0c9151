"""How accounts stand, and roles of the community's own."""

from typing import Any

from sqlalchemy import Column, MetaData, Table, text

from samovar.kernel.db import Flag, Json, Text, Time
from samovar.kernel.migrate import create_table

META = MetaData()
ROLE = Table(
    "identity_role",
    META,
    Column("name", Text, primary_key=True),
    Column("permissions", Json, nullable=False),
    Column("changed_at", Time, nullable=False),
)
BANNED_EMAIL = Table(
    "identity_banned_email",
    META,
    Column("email_hash", Text, primary_key=True),
    Column("at", Time, nullable=False),
)


def upgrade(op: Any) -> None:
    """Everybody stands well."""
    op.add_column("identity_account", Column("standing", Text, nullable=False, server_default=""))
    op.add_column("identity_account", Column("standing_until", Time, nullable=False, server_default="0"))
    op.add_column("identity_account", Column("standing_notice", Text, nullable=False, server_default=""))
    op.add_column("identity_account", Column("silenced", Flag, nullable=False, server_default=text("false")))
    for table in META.sorted_tables:
        create_table(op, table)
