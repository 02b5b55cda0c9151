"""Tables of graph."""

from sqlalchemy import Column, Index, MetaData, Table

from samovar.kernel.db import Count, Flag, Id
from samovar.services.graph.domain import TIES

META = MetaData()

#: One row per person: privacy, and counters kept by the transactions that change them.
PERSON = Table(
    "graph_person",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("private", Flag, nullable=False),
    Column("hide_followers", Flag, nullable=False),
    Column("gone", Flag, nullable=False),
    Column("followers", Count, nullable=False),
    Column("following", Count, nullable=False),
)

#: What one person is to another, kept from both sides: (a, b).following equals (b, a).follower.
#: A set column is the tie's order, newer larger; a row without any is deleted.
BOND = Table(
    "graph_bond",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("other_id", Id, primary_key=True, autoincrement=False),
    *(Column(side, Id, nullable=True) for tie in TIES for side in tie),
    sqlite_with_rowid=False,
)

for _side in ("following", "follower", "requested", "requester", "blocking", "muting"):
    _where = BOND.c[_side].is_not(None)
    Index(f"graph_bond_{_side}", BOND.c.user_id, BOND.c[_side], sqlite_where=_where, postgresql_where=_where)
