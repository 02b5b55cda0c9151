"""Profiles."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table

from samovar.kernel.db import Count, Flag, Id, Json, Text, Time
from samovar.kernel.migrate import create_table


def upgrade(op: Any) -> None:
    create_table(
        op,
        Table(
            "profiles_profile",
            MetaData(),
            Column("user_id", Id, primary_key=True, autoincrement=False),
            Column("username", Text, nullable=False),
            Column("username_key", Text, nullable=False),
            Column("display_name", Text, nullable=False),
            Column("bio", Text, nullable=False),
            Column("fields", Json, nullable=False),
            Column("locale", Text, nullable=False),
            Column("theme", Text, nullable=False),
            Column("created_at", Time, nullable=False),
            Column("version", Count, nullable=False),
            Column("avatar_media_id", Id, nullable=False),
            Column("gone", Flag, nullable=False),
            Index("profiles_profile_username", "username_key"),
        ),
    )
