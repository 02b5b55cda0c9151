"""Tables of feed. All of it is projected from events and could be made again from its sources."""

from sqlalchemy import Column, Index, MetaData, Table, text

from samovar.kernel.db import Count, Flag, Id, Text

META = MetaData()

#: Every item of every kind. The id is its position.
ITEM = Table(
    "feed_item",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("author_id", Id, nullable=False),
    Column("scope", Text, nullable=False),
    Column("reply", Flag, nullable=False),
    # 0 when it is no reply.
    Column("reply_author_id", Id, nullable=False),
    Column("hidden", Flag, nullable=False),
    Column("removed", Flag, nullable=False),
    Column("version", Count, nullable=False),
    Index("feed_item_author", "author_id", "id"),
    Index(
        "feed_item_listed",
        "id",
        sqlite_where=text("scope = 'public' AND reply = 0 AND hidden = 0 AND removed = 0"),
        postgresql_where=text("scope = 'public' AND NOT reply AND NOT hidden AND NOT removed"),
    ),
    sqlite_with_rowid=False,
)

#: Tags of items.
TAG = Table(
    "feed_tag",
    META,
    Column("tag", Text, primary_key=True),
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Index("feed_tag_item", "id", "kind"),
    sqlite_with_rowid=False,
)

#: For whom items of closed scopes are meant: those named in them, and their authors.
NAMED = Table(
    "feed_named",
    META,
    Column("person_id", Id, primary_key=True, autoincrement=False),
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Index("feed_named_item", "id", "kind"),
    sqlite_with_rowid=False,
)

#: Acts of sharing. The share's id is its position.
SHARE = Table(
    "feed_share",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("by_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("item_id", Id, nullable=False),
    Column("removed", Flag, nullable=False),
    Index("feed_share_by", "by_id", "id"),
    Index("feed_share_item", "item_id", "kind"),
)

#: Who follows whom; everybody follows themself.
FOLLOW = Table(
    "feed_follow",
    META,
    Column("follower_id", Id, primary_key=True, autoincrement=False),
    Column("followee_id", Id, primary_key=True, autoincrement=False),
    # The followee's lines from this position on are in the follower's home, older ones are merged
    # at read: 0 when all are there, MAX_ID when none is because very many follow them.
    Column("whole_from", Id, nullable=False),
    Column("version", Count, nullable=False),
    Column("removed", Flag, nullable=False),
    Index("feed_follow_followee", "followee_id", "follower_id"),
    Index("feed_follow_partly", "follower_id", "whole_from"),
    sqlite_with_rowid=False,
)

#: Members, once they follow, are followed or bring something.
PERSON = Table(
    "feed_person",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("followers", Count, nullable=False),
    Column("heavy", Flag, nullable=False),
    Column("gone", Flag, nullable=False),
    # Lines below this position are no longer kept in the person's home but read through to storage.
    Column("floor", Id, nullable=False),
)

#: The newest lines of each person's home.
HOME = Table(
    "feed_home",
    META,
    Column("viewer_id", Id, primary_key=True, autoincrement=False),
    Column("position", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("item_id", Id, nullable=False),
    Column("by_id", Id, nullable=False),
    sqlite_with_rowid=False,
)
