"""Settings of posts: `[posts]` in samovar.toml."""

import msgspec


class Settings(msgspec.Struct, frozen=True):
    """How long posts are and how often they come."""

    #: Longest text, in characters as people count them (an emoji with its modifiers is one).
    text_limit: int = 500
    #: Longest content warning, counted the same way.
    warning_limit: int = 120
    #: How many posts, edits, reposts or votes one person can make at once.
    create_burst: int = 60
    #: How many of them come back per minute; 0 turns the limit off.
    create_per_minute: int = 30
    #: How many rows one write of a long removal takes.
    batch: int = 200
