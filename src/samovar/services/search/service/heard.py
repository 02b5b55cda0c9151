"""What others tell: documents that changed, interests, people who leave."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from samovar.contracts.items import ItemCreated
from samovar.contracts.reactions import ReactionAdded
from samovar.kernel.audience import PUBLIC
from samovar.kernel.clock import DAY
from samovar.kernel.context import Call
from samovar.kernel.errors import NotFound
from samovar.kernel.fulltext import Ask, Viewer
from samovar.kernel.inbox import Occurred
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.search import repository
from samovar.services.search.clients import Kinds
from samovar.services.search.domain.query import PERSON
from samovar.services.search.domain.values import Interest

AUTHOR: Final = "author"
#: How long interests count, and how long it is remembered that somebody left.
_INTEREST: Final = 180 * DAY
_LEFT: Final = 7 * DAY
#: Documents of one author that are marked in one write.
_PAGE: Final = 500

#: Tags of items, by kind and id.
Tagged = Mapping[tuple[str, int], tuple[str, ...]]


def follows_key(user_id: int) -> str:
    """Where the cache keeps whom somebody follows."""
    return f"search.follows:{user_id}"


class Hearing:
    """Effects of events."""

    def __init__(self, kit: Kit, kinds: Kinds) -> None:
        self._kit = kit
        self._kinds = kinds

    async def changed(self, tx: Tx, kind: str, item_id: int) -> None:
        """A document is another now, or gone: the projector asks its owner."""
        await repository.mark(tx, [(kind, item_id)], self._kit.ids(), self._kit.clock.now())

    async def tags_of(self, occurred: Sequence[Occurred]) -> Tagged:
        """The tags of what was reacted to, before the transaction."""
        known = self._kinds.items()
        asked = [
            (event.kind, event.item_id)
            for event, _ in occurred
            if isinstance(event, ReactionAdded) and event.kind in known
        ]
        return {key: seen.tags for key, seen in (await self._kinds.seen(asked)).items()}

    async def interests(self, tx: Tx, occurred: Sequence[Occurred], tagged: Tagged) -> None:
        """People write about and like what has tags; what is new is taken into the index, too."""
        now = self._kit.clock.now()
        wrote, liked = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
        fresh: list[tuple[str, int]] = []
        for event, _ in occurred:
            if isinstance(event, ItemCreated):
                fresh.append((event.kind, event.id))
                if event.audience.scope == PUBLIC:
                    wrote.update((event.author_id, tag) for tag in dict.fromkeys(event.tags))
            elif event.user_id != event.author_id:
                tags = tagged.get((event.kind, event.item_id), ())
                liked.update((event.user_id, tag) for tag in dict.fromkeys(tags))
        await repository.mark(tx, fresh, self._kit.ids(), now)
        people = {user_id for user_id, _ in (*wrote, *liked)}
        left = await repository.who_left(tx, list(people)) if people else set()
        found = [
            Interest(user_id, tag, wrote[user_id, tag], liked[user_id, tag])
            for user_id, tag in dict.fromkeys((*wrote, *liked))
            if user_id not in left
        ]
        await repository.add_interest(tx, found, now)

    async def privacy_changed(self, tx: Tx, user_id: int) -> None:
        """All that this person wrote is found by others now, a moment later."""
        await tx.schedule(AUTHOR, str(user_id), self._kit.clock.now())

    async def mark_author(self, user_id: int) -> None:
        """Have all documents of an author taken in anew."""
        offset = 0
        while True:
            ask = Ask(
                kinds=self._kinds.all(), viewer=Viewer(user_id), authors=(user_id,), newest=True,
                offset=offset,
                limit=_PAGE,
            )  # fmt: skip
            hits = await self._kit.fulltext.find(ask)
            await self._mark([(hit.kind, hit.id) for hit in hits])
            if len(hits) < _PAGE:
                return
            offset += _PAGE

    async def _mark(self, keys: Sequence[tuple[str, int]]) -> None:
        async def work(tx: Tx) -> None:
            await repository.mark(tx, keys, self._kit.ids(), self._kit.clock.now())

        if keys:
            await self._kit.db.write(work)

    async def ties_changed(self, tx: Tx, user_id: int) -> None:
        """Somebody follows others now."""

        async def forget() -> None:
            await self._kit.cache.drop(follows_key(user_id))

        tx.after(forget)

    async def user_leaves(self, tx: Tx, user_id: int) -> None:
        """An account is going: nobody finds the person, and what they keep is forgotten."""
        await repository.leave(tx, user_id, self._kit.clock.now())
        await self.changed(tx, PERSON, user_id)

    async def erase(self, call: Call, user_id: int) -> None:
        """Erase what is kept of a person, for the system only."""
        if not call.system:
            raise NotFound

        async def work(tx: Tx) -> None:
            await self.user_leaves(tx, user_id)

        await self._kit.db.write(work)

    async def prune(self) -> None:
        """Forget what is too old to matter."""
        now = self._kit.clock.now()

        async def work(tx: Tx) -> None:
            await repository.prune(tx, now - _INTEREST, now - _LEFT)

        await self._kit.db.write(work)
