"""The first tables."""

from typing import Any

from sqlalchemy import Column, MetaData, Table

from samovar.kernel.db import Id, Text
from samovar.kernel.migrate import create_table


def upgrade(op: Any) -> None:
    create_table(
        op,
        Table(
            "analytics_note",
            MetaData(),
            Column("id", Id, primary_key=True, autoincrement=False),
            Column("owner_id", Id, nullable=False, index=True),
            Column("text", Text, nullable=False),
        ),
    )
