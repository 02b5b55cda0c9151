"""Settings of feed: section `[feed]`."""

from typing import Annotated

import msgspec

Positive = Annotated[int, msgspec.Meta(ge=1)]


class FeedSettings(msgspec.Struct, frozen=True):
    """How home timelines are kept."""

    #: Followers from which on an author's lines are no longer written to each home but merged at read.
    merge_above: Positive = 5_000
    #: Lines kept ready for each person; past them home reads through to storage.
    window: Positive = 800
    #: Lines of a newly followed person that come into home at once; older ones are merged at read.
    followed_recent: Positive = 40
    #: Rows of one table that one write changes at most; jobs do the rest.
    batch: Positive = 5_000
