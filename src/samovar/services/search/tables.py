"""Tables of search."""

from sqlalchemy import Column, MetaData, Table

from samovar.kernel.db import Id, Text

metadata = MetaData()

note = Table(
    "search_note",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("owner_id", Id, nullable=False, index=True),
    Column("text", Text, nullable=False),
)
