"""Looking into one's inbox, and marking what was read."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from samovar.contracts.graph import Relationship
from samovar.contracts.items import Card
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, Unauthenticated
from samovar.kernel.ids import MAX_ID
from samovar.kernel.kit import Kit
from samovar.kernel.paging import below, page_size
from samovar.kernel.store import Tx
from samovar.services.notifications.clients import RELATIONS, Graph, Items
from samovar.services.notifications.domain import NAMED, PERSON, Note, types_of
from samovar.services.notifications.repository import notes, people
from samovar.services.notifications.service.making import Making

#: Lines fetched beyond a page, for those that the reader may not see any more.
SPARE: Final = 5
MOST: Final = 100


class Line(NamedTuple):
    """A line as its owner may see it now."""

    note: Note
    actors: Sequence[int]
    number: int
    card: Card | None


class Page(NamedTuple):
    """A page of an inbox."""

    lines: Sequence[Line]
    #: Empty at the end.
    next: str
    unread: int


class Inbox:
    """What people do with their inboxes."""

    def __init__(self, kit: Kit, graph: Graph, items: Items, making: Making) -> None:
        self._db = kit.db
        self._graph = graph
        self._items = items
        self._making = making

    async def page(self, call: Call, cursor: str, limit: int, filter: str) -> Page:
        """The caller's lines, newest first. A page may be short and have a cursor."""
        user = signed_in(call)
        before, size, types = below(cursor), page_size(limit), types_of(filter)
        fetched = min(size + SPARE, MOST)
        found = await notes.page(self._db, user, filter, types, before, fetched + 1)
        unread = await people.unread(self._db, user)
        more = len(found) > fetched
        shown = await self.shown(found[:fetched])
        if len(shown) > size:
            return Page(shown[:size], str(shown[size - 1].note.position), unread)
        return Page(shown, str(found[fetched - 1].position) if more else "", unread)

    async def get_many(self, call: Call, ids: Sequence[int]) -> Sequence[Line]:
        """Those among the ids that are the caller's."""
        user = signed_in(call)
        if len(ids) > MOST:
            raise Invalid(fields={"ids": "Ask for at most 100 at once."})
        found = {note.id: note for note in await notes.by_ids(self._db, user, list(ids))}
        return await self.shown([found[id] for id in dict.fromkeys(ids) if id in found])

    async def unread(self, call: Call) -> int:
        """How many unread lines the caller has."""
        return await people.unread(self._db, signed_in(call))

    async def shown(self, found: Sequence[Note]) -> list[Line]:
        """Lines without people whom a block or mute hides, and without items that are not to be seen."""
        each = NAMED if len(found) * NAMED <= RELATIONS else max(1, RELATIONS // max(1, len(found)))
        named = {actor for note in found for actor in note.actors[:each]}
        relations = await self._graph.relations(list(named))
        about = {(note.kind, note.item_id) for note in found if note.kind and note.kind != PERSON}
        cards = await self._items.of_kinds(about)
        lines = [self._line(note, note.actors[:each], relations, cards) for note in found]
        return [line for line in lines if line is not None]

    def _line(
        self,
        note: Note,
        named: Sequence[int],
        relations: Mapping[int, Relationship],
        cards: Mapping[tuple[str, int], Card],
    ) -> Line | None:
        card = None
        if note.kind and note.kind != PERSON:
            card = cards.get((note.kind, note.item_id))
            if card is None:
                return None
        actors = [actor for actor in named if _welcome(relations.get(actor))]
        if len(actors) < len(named):
            hidden = len(named) - len(actors)
            if not actors and hidden >= note.number:
                return None
            return Line(note, actors, note.number - hidden, card)
        return Line(note, actors, note.number, card)

    async def mark_read(self, call: Call, up_to: int, ids: Sequence[int], *, all: bool) -> int:
        """Mark lines as read, everywhere at once. Answers what is left."""
        user = signed_in(call)
        if len(ids) > MOST:
            raise Invalid(fields={"ids": "Name at most 100 at once."})
        if not 0 <= up_to <= MAX_ID:
            raise Invalid(fields={"up_to": "This is not a place in the inbox."})
        position = MAX_ID if all else up_to

        async def write(tx: Tx) -> int:
            counts = await people.counts(tx, [user])
            unread, gone = counts.get(user, (0, False))
            if gone:
                raise Unauthenticated
            read = await notes.read_up_to(tx, user, position) if position else []
            read += await notes.read_ids(tx, user, list(ids))
            if read:
                await people.drop_dues(tx, user, read)
                await self._making.tell(tx, {user: -len(read)}, {})
            return max(0, unread - len(read))

        return await self._db.write(write)


def _welcome(relation: Relationship | None) -> bool:
    return relation is not None and not (relation.blocking or relation.blocked_by or relation.muting)
