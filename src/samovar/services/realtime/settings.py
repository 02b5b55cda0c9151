"""Settings of realtime: `[realtime]` in samovar.toml."""

from typing import Annotated

import msgspec

Positive = Annotated[int, msgspec.Meta(ge=1)]


class Settings(msgspec.Struct, frozen=True):
    """What is kept for clients that come back, and for whom."""

    #: Events kept of each person; whoever has missed more reads anew.
    kept: Positive = 1_000
    #: Days that an event is kept, and that somebody is told things after they were here last.
    days: Positive = 3
    #: Followers who listen, from which on what an author brings is no longer written to each one's log:
    #: edges are signalled instead, and tell whom they have.
    wide_above: Positive = 1_000
    #: Rows that one write removes at most.
    batch: Positive = 1_000
    #: Follows that are learnt of somebody who listens for the first time, at most.
    follows: Positive = 2_000
