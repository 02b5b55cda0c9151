"""Values that several contexts share.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from enum import StrEnum

from samovar.kernel.contract import Message


class Scope(StrEnum):
    """Who may see an item. Decided at read, by kernel.audience, for the item and all that hangs on it."""

    UNSPECIFIED = "unspecified"
    PUBLIC = "public"  # Everyone, and shown in public lists.
    UNLISTED = "unlisted"  # Everyone who has the address; not shown in public lists.
    FOLLOWERS = "followers"  # The author's followers.
    MENTIONED = "mentioned"  # The author and those named.
    GROUP = "group"  # Members of a group.
    ONLY_ME = "only_me"  # The author alone.


class Audience(Message, frozen=True, kw_only=True):
    """The audience of one item as a value."""

    scope: Scope = Scope.UNSPECIFIED
    #: The author.
    owner_id: int = 0
    #: Those named in a MENTIONED item.
    people: tuple[int, ...] = ()
    #: The group of a GROUP item, or 0.
    group_id: int = 0


class ItemRef(Message, frozen=True, kw_only=True):
    """One item of any kind."""

    #: "post", later "recipe", "event", ...
    kind: str = ""
    id: int = 0


class Done(Message, frozen=True, kw_only=True):
    """Nothing to say but that it is done."""
