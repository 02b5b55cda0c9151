"""How people present themselves.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from samovar.kernel.contract import Contract, Event, Message, Method, register_event


class Field(Message, frozen=True, kw_only=True):
    """A row of the profile's own table: "Website": "https://..."."""

    name: str = ""
    value: str = ""


class Profile(Message, frozen=True, kw_only=True):
    """Profile."""

    id: int = 0
    username: str = ""
    display_name: str = ""
    #: Plain text with line breaks; links, mentions and tags are made at the edge.
    bio: str = ""
    fields: tuple[Field, ...] = ()
    #: "en" or "ru": what the person reads; empty when never chosen.
    locale: str = ""
    #: "light", "dark" or "auto".
    theme: str = ""
    created_at: int = 0
    #: Grows with each change; part of the avatar's address.
    version: int = 0
    #: Picture in the media service, or 0 for the one drawn from the name.
    avatar_media_id: int = 0
    #: Picture at the top of the page, or 0.
    header_media_id: int = 0


class ProfileList(Message, frozen=True, kw_only=True):
    """Profile list."""

    items: tuple[Profile, ...] = ()


class GetManyRequest(Message, frozen=True, kw_only=True):
    """What Profiles.get_many takes."""

    ids: tuple[int, ...] = ()


class ByUsernameRequest(Message, frozen=True, kw_only=True):
    """What Profiles.by_username takes."""

    usernames: tuple[str, ...] = ()


class NewestRequest(Message, frozen=True, kw_only=True):
    """What Profiles.newest takes."""

    #: Ids below this one, or 0 for the newest.
    before: int = 0
    limit: int = 0


class DocumentsRequest(Message, frozen=True, kw_only=True):
    """What Profiles.documents takes."""

    after: int = 0
    limit: int = 0


class DocumentList(Message, frozen=True, kw_only=True):
    """Document list."""

    items: tuple[Profile, ...] = ()
    #: How many there are; only when asked from the beginning.
    total: int = 0


class FieldList(Message, frozen=True, kw_only=True):
    """Field list."""

    items: tuple[Field, ...] = ()


class UpdateRequest(Message, frozen=True, kw_only=True):
    """What Profiles.update takes."""

    display_name: str | None = None
    bio: str | None = None
    #: Absent: as they are; present: these instead (at most 8).
    fields: FieldList | None = None
    locale: str | None = None
    theme: str | None = None
    #: A picture of the caller's own; 0 takes it away.
    avatar_media_id: int | None = None
    header_media_id: int | None = None


@register_event
class ProfileUpdated(Event, frozen=True, kw_only=True):
    """Profile updated."""

    TYPE: ClassVar[str] = "samovar.profiles.v1.ProfileUpdated"
    KEY: ClassVar[str] = "user_id"

    user_id: int = 0
    username: str = ""
    display_name: str = ""
    #: Pictures that the profile shows, 0 for none, and those it shows no more since this change.
    avatar_media_id: int = 0
    header_media_id: int = 0
    freed_media_ids: tuple[int, ...] = ()


class ProfilesApi(Protocol):
    """Profiles."""

    async def get_many(self, *, ids: Sequence[int] = ()) -> ProfileList:
        """Profiles by id; unknown and deleted people are left out. At most 100. A profile missing for a
        moment after registration is made on read.
        """
        ...

    async def by_username(self, *, usernames: Sequence[str] = ()) -> ProfileList:
        """Profiles by username, any case. At most 100."""
        ...

    async def update(
        self,
        *,
        display_name: str | None = None,
        bio: str | None = None,
        fields: FieldList | None = None,
        locale: str | None = None,
        theme: str | None = None,
        avatar_media_id: int | None = None,
        header_media_id: int | None = None,
    ) -> Profile:
        """Change the caller's own profile; absent fields stay as they are."""
        ...

    async def newest(self, *, before: int, limit: int) -> ProfileList:
        """Newest members, and a page of all of them."""
        ...

    async def documents(self, *, after: int, limit: int) -> DocumentList:
        """All profiles in the order of their ids, after one of them; for the system only. At most 500."""
        ...


PROFILES: Contract[ProfilesApi] = Contract(
    "samovar.profiles.v1.Profiles",
    methods=(
        Method("get_many", GetManyRequest, ProfileList, idempotent=True),
        Method("by_username", ByUsernameRequest, ProfileList, idempotent=True),
        Method("update", UpdateRequest, Profile, idempotent=True),
        Method("newest", NewestRequest, ProfileList, idempotent=True),
        Method("documents", DocumentsRequest, DocumentList, idempotent=True),
    ),
    errors=(),
)
