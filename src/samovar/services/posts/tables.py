"""Tables of posts."""

from sqlalchemy import Column, Index, MetaData, Table, text

from samovar.kernel.db import Count, Flag, Id, Json, Text, Time

META = MetaData()

#: A deleted post stays as an empty row (`deleted`), so that the thread below it stays whole.
POST = Table(
    "posts_post",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("author_id", Id, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("content_warning", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("edited_at", Time, nullable=False),
    Column("reply_to_id", Id, nullable=True),
    Column("reply_to_author_id", Id, nullable=True),
    Column("root_id", Id, nullable=False),
    Column("quote_of_id", Id, nullable=True),
    Column("has_poll", Flag, nullable=False),
    # Lists are NULL when empty, which costs nothing to read. Mentions are [id, username] pairs.
    Column("mentions", Json, nullable=True),
    Column("tags", Json, nullable=True),
    Column("media_ids", Json, nullable=True),
    Column("replies", Count, nullable=False),
    Column("reposts", Count, nullable=False),
    Column("quotes", Count, nullable=False),
    Column("hidden", Flag, nullable=False),
    Column("deleted", Flag, nullable=False),
    Column("version", Count, nullable=False),
    # Hidden until approved; behind a warning by a decision; whether those concerned were told of it.
    Column("held", Flag, nullable=False, server_default=text("false")),
    Column("sensitive", Flag, nullable=False, server_default=text("false")),
    Column("told", Flag, nullable=False, server_default=text("true")),
    Index("posts_post_author", "author_id", "id"),
    Index(
        "posts_post_reply",
        "reply_to_id",
        sqlite_where=text("reply_to_id IS NOT NULL"),
        postgresql_where=text("reply_to_id IS NOT NULL"),
    ),
    Index(
        "posts_post_root",
        "root_id",
        "id",
        sqlite_where=text("reply_to_id IS NOT NULL"),
        postgresql_where=text("reply_to_id IS NOT NULL"),
    ),
    Index(
        "posts_post_quote",
        "quote_of_id",
        "id",
        sqlite_where=text("quote_of_id IS NOT NULL"),
        postgresql_where=text("quote_of_id IS NOT NULL"),
    ),
)

#: Former versions; the present one is in the post.
VERSION = Table(
    "posts_version",
    META,
    Column("post_id", Id, primary_key=True, autoincrement=False),
    Column("version", Count, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("content_warning", Text, nullable=False),
    Column("created_at", Time, nullable=False),
)

#: `options` are titles, `votes` how often each was chosen.
POLL = Table(
    "posts_poll",
    META,
    Column("post_id", Id, primary_key=True, autoincrement=False),
    Column("options", Json, nullable=False),
    Column("votes", Json, nullable=False),
    Column("multiple", Flag, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("voters", Count, nullable=False),
    Column("ended", Flag, nullable=False),
)

VOTE = Table(
    "posts_poll_vote",
    META,
    Column("post_id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("choices", Json, nullable=False),
    Index("posts_poll_vote_user", "user_id"),
)

#: `id` names the act of sharing and orders it.
REPOST = Table(
    "posts_repost",
    META,
    Column("post_id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Column("created_at", Time, nullable=False),
    Index("posts_repost_post", "post_id", "id"),
    Index("posts_repost_user", "user_id"),
)

BOOKMARK = Table(
    "posts_bookmark",
    META,
    Column("post_id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Index("posts_bookmark_user", "user_id", "id"),
)

PIN = Table(
    "posts_pin",
    META,
    Column("post_id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Index("posts_pin_user", "user_id", "id"),
)

#: Whoever has posted, and whoever has left (`gone`): their posts are nobody's to see.
AUTHOR = Table(
    "posts_author",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("posts", Count, nullable=False),
    Column("gone", Flag, nullable=False),
)
