"""Settings of notifications: `[notifications]` in samovar.toml."""

from typing import Annotated

import msgspec

Positive = Annotated[int, msgspec.Meta(ge=1)]


class Settings(msgspec.Struct, frozen=True):
    """How inboxes are kept, and how soon other ways tell of them."""

    #: Lines that an inbox keeps; the oldest go when there are more.
    keep: Positive = 1000
    #: Seconds until e-mail and devices tell of something, so that a burst becomes one message and what
    #: is read meanwhile none.
    tell_after: Annotated[int, msgspec.Meta(ge=0)] = 20
    #: Hosts of push services that may be private or without https, separated by commas: as in [delivery].
    push_private_hosts: str = ""
    #: Lines in one digest at most.
    digest_lines: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20
    #: Rows that one write of a long removal takes.
    batch: Positive = 200
