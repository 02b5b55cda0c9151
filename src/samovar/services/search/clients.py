"""What search asks of other contexts, in its own words."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from samovar.contracts.graph import GRAPH, Relationship
from samovar.contracts.items import ITEMS, Document
from samovar.contracts.profiles import PROFILES, Profile
from samovar.contracts.reactions import REACTIONS
from samovar.kernel.audience import FOLLOWERS, PUBLIC, UNLISTED
from samovar.kernel.errors import AppError
from samovar.kernel.fulltext import Entry
from samovar.kernel.peers import Peers, lazy
from samovar.services.search.domain.query import PERSON, language

#: Most ids that contracts take.
MOST: Final = 100


#: Kind and id.
Ref = tuple[str, int]


class Seen(NamedTuple):
    """What is asked of a document before it is shown."""

    version: int
    tags: tuple[str, ...]


class Batch(NamedTuple):
    """Documents of a kind in the order of their ids; `last` is where the next go on, 0 at the end."""

    entries: list[Entry]
    last: int
    total: int


class Kinds:
    """Every kind of content, by its name, and people."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._profiles = lazy(peers, PROFILES)
        self._graph = lazy(peers, GRAPH)
        self._reactions = lazy(peers, REACTIONS)

    def items(self) -> tuple[str, ...]:
        """Kinds of content: whoever serves items is found."""
        return self._peers.instances(ITEMS)

    def all(self) -> tuple[str, ...]:
        """The same, and people."""
        return (PERSON, *self.items())

    async def seen(self, keys: Collection[Ref]) -> dict[Ref, Seen]:
        """Those of the documents that the caller may see, as they are now; hidden ones are left out."""
        by_kind, found = _by_kind(keys), dict[Ref, Seen]()
        people = by_kind.pop(PERSON, [])
        for start in range(0, len(people), MOST):
            profiles = await self._profiles.get_many(ids=tuple(people[start : start + MOST]))
            found.update(((PERSON, one.id), Seen(one.version, ())) for one in profiles.items)
        for kind, ids in by_kind.items():
            items = self._peers.get(ITEMS, kind)
            for start in range(0, len(ids), MOST):
                cards = await items.get_many(ids=tuple(ids[start : start + MOST]))
                found.update(
                    ((kind, card.id), Seen(card.version, card.tags))
                    for card in cards.items
                    if not card.hidden
                )
        return found

    async def person(self, name: str) -> int | None:
        """Whose name that is."""
        found = await self._profiles.by_username(usernames=(name,))
        return found.items[0].id if found.items else None

    async def liked(self, keys: Collection[Ref]) -> set[Ref]:
        """Those of the items that the caller has reacted to."""
        found = set[Ref]()
        for kind, ids in _by_kind(keys).items():
            summaries = await self._reactions.summaries(kind=kind, ids=tuple(ids))
            found.update((kind, summary.id) for summary in summaries.items if summary.own)
        return found

    async def entries(self, keys: Collection[Ref]) -> list[Entry]:
        """Documents as they are now, without hidden ones, those that are gone and those of unknown kinds."""
        by_kind, found = _by_kind(keys), list[Entry]()
        people = by_kind.pop(PERSON, [])
        for start in range(0, len(people), MOST):
            profiles = await self._profiles.get_many(ids=tuple(people[start : start + MOST]))
            found += [_of_person(profile) for profile in profiles.items]
        for kind, ids in by_kind.items():
            if kind in self.items():
                documents = await self._peers.get(ITEMS, kind).documents(ids=tuple(ids), after=0, limit=0)
                found += await self._of_items(kind, documents.items)
        return found

    async def entries_after(self, kind: str, after: int, limit: int) -> Batch:
        """The next documents of a kind."""
        if kind == PERSON:
            people = await self._profiles.documents(after=after, limit=limit)
            last = people.items[-1].id if people.items else 0
            return Batch([_of_person(profile) for profile in people.items], last, people.total)
        found = await self._peers.get(ITEMS, kind).documents(ids=(), after=after, limit=limit)
        last = found.items[-1].id if found.items else 0
        return Batch(await self._of_items(kind, found.items), last, found.total)

    async def _of_items(self, kind: str, documents: Sequence[Document]) -> list[Entry]:
        shown = [document for document in documents if not document.hidden]
        authors = list(dict.fromkeys(document.audience.owner_id for document in shown))
        private = set[int]()
        for start in range(0, len(authors), 2 * MOST):
            found = await self._graph.relations(user_ids=tuple(authors[start : start + 2 * MOST]))
            private.update(relation.user_id for relation in found.items if relation.private)
        return [_of_item(kind, document, document.audience.owner_id in private) for document in shown]


def _by_kind(keys: Collection[Ref]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for kind, item_id in dict.fromkeys(keys):
        found.setdefault(kind, []).append(item_id)
    return found


def _of_item(kind: str, document: Document, private: bool) -> Entry:
    audience = document.audience
    scope = str(audience.scope)
    # What a private person shows to all is for their followers.
    if private and scope in (PUBLIC, UNLISTED):
        scope = FOLLOWERS if scope == PUBLIC else scope
    return Entry(
        kind=kind, id=document.id, version=document.version, author_id=document.author_id, scope=scope,
        owner_id=audience.owner_id, people=audience.people, title=document.title, text=document.text,
        language=language(document.language), tags=document.tags, has_media=document.has_media,
        created_at=document.created_at,
    )  # fmt: skip


def _of_person(profile: Profile) -> Entry:
    rows = "\n".join(f"{field.name} {field.value}" for field in profile.fields)
    return Entry(
        kind=PERSON, id=profile.id, version=profile.version, author_id=profile.id, scope=PUBLIC,
        owner_id=profile.id, title=f"{profile.display_name} {profile.username}",
        text=f"{profile.bio}\n{rows}".strip(), handle=profile.username, created_at=profile.created_at,
        has_media=bool(profile.avatar_media_id),
    )  # fmt: skip


class Ties:
    """How people stand to each other."""

    def __init__(self, peers: Peers) -> None:
        self._graph = lazy(peers, GRAPH)

    async def relations(self, ids: Collection[int]) -> Mapping[int, Relationship]:
        """How the caller stands to people."""
        known, found = tuple(ids), dict[int, Relationship]()
        for start in range(0, len(known), 2 * MOST):
            page = await self._graph.relations(user_ids=known[start : start + 2 * MOST])
            found.update((relation.user_id, relation) for relation in page.items)
        return found

    async def follows(self, user_id: int, most: int) -> tuple[int, ...]:
        """Whom somebody follows, the newest of them."""
        found, cursor = list[int](), ""
        while len(found) < most:
            try:
                page = await self._graph.following(user_id=user_id, cursor=cursor, limit=MOST)
            except AppError:
                break
            found += page.user_ids
            cursor = page.next
            if not cursor:
                break
        return tuple(found[:most])

    async def friends_of_friends(self, limit: int) -> list[tuple[int, int]]:
        """Whom the caller's followees follow, and how many of these do."""
        found = await self._graph.friends_of_friends(limit=limit)
        return [(friend.user_id, friend.through) for friend in found.items]
