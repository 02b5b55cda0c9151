"""People as they are shown."""

from collections.abc import Mapping, Sequence

import msgspec

from samovar.contracts.graph import Relationship
from samovar.contracts.profiles import Profile
from samovar.edge.edge import Edge
from samovar.edge.present.text import plain_html
from samovar.edge.present.times import rfc3339
from samovar.kernel.clock import SECOND
from samovar.kernel.context import current_call
from samovar.kernel.errors import NotFound
from samovar.kernel.ids import parse_id
from samovar.kernel.memo import Latest, make_room

#: Authors kept for the next reader.
AUTHORS = 5000
#: Signal of profiles: the id of somebody whose profile is another now.
CHANGED = "profiles.changed"
#: Seconds that an author is shown as they were when that signal is lost.
KEPT = 20


#: Stands for somebody who is not kept.
_UNKNOWN = (-1, None)


class Author(msgspec.Struct, kw_only=True, frozen=True):
    """A person beside what they made."""

    id: str
    username: str
    display_name: str
    avatar_url: str
    url: str


class FieldView(msgspec.Struct, kw_only=True, frozen=True):
    """A row of a person's own table."""

    name: str
    value: str
    value_html: str


class RelationshipView(msgspec.Struct, kw_only=True, frozen=True):
    """How the viewer stands to somebody."""

    id: str
    following: bool
    followed_by: bool
    requested: bool
    blocking: bool
    muting: bool
    requested_by: bool = False


class PersonCounts(msgspec.Struct, kw_only=True, frozen=True):
    """How many follow and are followed, and what they posted."""

    followers: int = 0
    following: int = 0
    posts: int = 0


class PersonView(msgspec.Struct, kw_only=True, frozen=True):
    """A person on their own page and in lists of people."""

    id: str
    username: str
    display_name: str
    avatar_url: str
    url: str
    bio: str
    bio_html: str
    fields: tuple[FieldView, ...]
    created_at: str
    private: bool
    counts: PersonCounts
    relationship: RelationshipView | None
    #: Picture at the top of their page, or null.
    header_url: str | None = None


class PersonList(msgspec.Struct, kw_only=True, frozen=True):
    """A page of people."""

    items: tuple[PersonView, ...]
    next: str | None


def author_of(profile: Profile) -> Author:
    return Author(
        id=str(profile.id),
        username=profile.username,
        display_name=profile.display_name or profile.username,
        avatar_url=avatar_url(profile),
        url=f"/@{profile.username}",
    )


def avatar_url(profile: Profile) -> str:
    """Changes with the profile, so that it can be kept for ever."""
    if profile.avatar_media_id:
        return f"/media/{profile.avatar_media_id}/small.webp"
    return f"/avatars/{profile.id}.{profile.version}.svg"


def relationship_view(relation: Relationship) -> RelationshipView:
    return RelationshipView(
        id=str(relation.user_id),
        following=relation.following,
        followed_by=relation.followed_by,
        requested=relation.requested,
        blocking=relation.blocking,
        muting=relation.muting,
        requested_by=relation.requested_by,
    )


class People:
    """Shows people."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._author: Latest[Profile, Author] = Latest(author_of, AUTHORS)
        #: Authors by id, each until when; None for those who are gone.
        self._kept: dict[int, tuple[int, Author | None]] = {}
        self._changes = 0
        edge.pubsub.subscribe(CHANGED, self._on_changed)

    async def authors(self, ids: Sequence[int]) -> Mapping[int, Author]:
        """Authors by id; those who are gone are left out."""
        if not ids:
            return {}
        now, found, unknown = self._edge.clock.now(), dict[int, Author](), list[int]()
        for user_id in dict.fromkeys(ids):
            until, author = self._kept.get(user_id, _UNKNOWN)
            if until < now:
                unknown.append(user_id)
            elif author is not None:
                found[user_id] = author
        for start in range(0, len(unknown), 100):
            found.update(await self._fetched(unknown[start : start + 100], now + KEPT * SECOND))
        return found

    async def _fetched(self, ids: Sequence[int], until: int) -> Mapping[int, Author]:
        """Authors from profiles, kept unless one of them changed meanwhile."""
        changes = self._changes
        page = await self._edge.profiles.get_many(ids=ids)
        found = {profile.id: self._author(profile.id, profile) for profile in page.items}
        if changes == self._changes:
            make_room(self._kept, AUTHORS)
            self._kept.update((user_id, (until, found.get(user_id))) for user_id in ids)
        return found

    def _on_changed(self, message: bytes) -> None:
        self._changes += 1
        if message.isdigit():
            self._kept.pop(int(message), None)

    async def find(self, reference: str) -> Profile:
        """A person by id, `@name` or name. Raises NotFound."""
        number = parse_id(reference)
        if number is not None:
            found = await self._edge.profiles.get_many(ids=[number])
            if found.items:
                return found.items[0]
        name = reference.removeprefix("@")
        if not name or len(name) > 60:
            raise NotFound
        found = await self._edge.profiles.by_username(usernames=[name])
        if not found.items:
            raise NotFound
        return found.items[0]

    async def show(self, profiles: Sequence[Profile]) -> tuple[PersonView, ...]:
        """People with counts and the viewer's relationship; blockers are left out."""
        if not profiles:
            return ()
        edge, viewer = self._edge, current_call().actor
        ids = [profile.id for profile in profiles]
        counts = {count.user_id: count for count in (await edge.graph.counts(user_ids=ids)).items}
        posts = {count.user_id: count.posts for count in (await edge.posts.counts(user_ids=ids)).items}
        relations = {r.user_id: r for r in (await edge.graph.relations(user_ids=ids)).items}
        views = []
        for profile in profiles:
            relation = relations[profile.id]
            if relation.blocked_by:
                continue
            count = counts[profile.id]
            views.append(
                PersonView(
                    id=str(profile.id),
                    username=profile.username,
                    display_name=profile.display_name or profile.username,
                    avatar_url=avatar_url(profile),
                    url=f"/@{profile.username}",
                    bio=profile.bio,
                    bio_html=plain_html(profile.bio),
                    fields=tuple(
                        FieldView(name=f.name, value=f.value, value_html=plain_html(f.value, links_me=True))
                        for f in profile.fields
                    ),
                    created_at=rfc3339(profile.created_at),
                    private=relation.private,
                    counts=PersonCounts(
                        followers=count.followers, following=count.following, posts=posts.get(profile.id, 0)
                    ),
                    relationship=(
                        relationship_view(relation) if viewer is not None and viewer != profile.id else None
                    ),
                    header_url=(
                        f"/media/{profile.header_media_id}/large.webp" if profile.header_media_id else None
                    ),
                )
            )
        return tuple(views)

    async def show_ids(self, ids: Sequence[int]) -> tuple[PersonView, ...]:
        """The same from ids, in that order."""
        if not ids:
            return ()
        found = {profile.id: profile for profile in (await self._edge.profiles.get_many(ids=list(ids))).items}
        return await self.show([found[user_id] for user_id in ids if user_id in found])

    async def one(self, reference: str) -> PersonView:
        """One person. Raises NotFound, also for those who block the viewer."""
        views = await self.show([await self.find(reference)])
        if not views:
            raise NotFound
        return views[0]
