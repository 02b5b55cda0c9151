"""Tables of profiles."""

from sqlalchemy import Column, Index, MetaData, Table

from samovar.kernel.db import Count, Flag, Id, Json, Text, Time

META = MetaData()

#: One row per person. Those who left keep an empty row with `gone`, so that nothing late makes it anew.
PROFILE = Table(
    "profiles_profile",
    META,
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
    Column("header_media_id", Id, nullable=False, server_default="0"),
    # Not unique: a name may be taken again before its last owner's leaving is heard of.
    Index("profiles_profile_username", "username_key"),
)
