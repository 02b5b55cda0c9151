"""Who may see an item: one pure function, asked at read for the item and all that hangs on it."""

from typing import Final, Protocol


class Relation(Protocol):
    """How a viewer stands to an item's owner (graph's Relationship is one)."""

    @property
    def following(self) -> bool: ...
    @property
    def blocking(self) -> bool: ...
    @property
    def blocked_by(self) -> bool: ...
    @property
    def private(self) -> bool: ...


class AudienceValue(Protocol):
    """Scope, owner and named people (common.Audience is one)."""

    @property
    def scope(self) -> str: ...
    @property
    def owner_id(self) -> int: ...
    @property
    def people(self) -> tuple[int, ...]: ...


PUBLIC: Final = "public"
UNLISTED: Final = "unlisted"
FOLLOWERS: Final = "followers"
MENTIONED: Final = "mentioned"


def may_see(
    scope: str,
    owner_id: int,
    people: tuple[int, ...],
    viewer: int | None,
    relation: Relation | None,
) -> bool:
    """Whether `viewer` (None: a stranger) may see what `owner_id` gave this scope.

    `relation` is the viewer's to the owner; None stands for "nothing known", which only ever closes.
    """
    if viewer is not None and viewer == owner_id:
        return True
    if relation is None or relation.blocking or relation.blocked_by:
        return False
    if scope in (PUBLIC, UNLISTED):
        return not relation.private or relation.following
    if viewer is None:
        return False
    if scope == FOLLOWERS:
        return relation.following or viewer in people
    if scope == MENTIONED:
        return viewer in people
    return False
