"""Settings of feed: section `[feed]`."""

import msgspec


class FeedSettings(msgspec.Struct, frozen=True):
    """How home timelines are kept."""

    #: Followers from which on an author's lines are no longer written to each home but merged at read.
    merge_above: int = 5_000
    #: Lines kept ready for each person; past them home reads through to storage.
    window: int = 800
    #: Lines of a newly followed person that come into home at once; older ones are merged at read.
    followed_recent: int = 40
