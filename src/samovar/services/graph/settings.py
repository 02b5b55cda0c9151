"""Settings of graph."""

import msgspec


class GraphSettings(msgspec.Struct, frozen=True):
    """How much following is reasonable here."""

    #: How many people one may follow, pending requests included.
    max_following: int = 5000
    #: New follows that may come at once.
    follow_burst: int = 200
    #: New follows per minute after that.
    follows_per_minute: float = 20.0
    #: Seconds that suggestions are kept for a person.
    suggestions_seconds: int = 300
    #: Ties made or undone in one write when there are many to do.
    batch: int = 50
