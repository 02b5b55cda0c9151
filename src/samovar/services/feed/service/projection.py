"""What feed learns from events. Everything here runs in the transaction that records the event.

An event of another key may come sooner or later than expected: a share before its item, an item
before the follow. Reading joins what there is, so nothing here depends on such orders.
"""

from collections.abc import Sequence
from typing import Final

from samovar.contracts.graph import FollowCreated, FollowRemoved
from samovar.contracts.items import ItemChanged, ItemCreated, ItemRemoved, ItemShared, ItemUnshared
from samovar.kernel.context import Call
from samovar.kernel.errors import NotFound
from samovar.kernel.ids import MAX_ID
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.feed.domain import OPEN, Person, Spot, tag_key
from samovar.services.feed.repository import projection as repository

#: Things of each sort that one write erases at most: each takes rows of several tables with it.
ERASED: Final = 200
#: Homes looked at in one step of trimming.
TRIMMED: Final = 200


class NotYet(Exception):
    """The item that changed is not known yet: its creation comes first and brings this again."""


class Projection:
    """Items, shares, follows and homes as feed keeps them."""

    def __init__(self, kit: Kit) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._settings = kit.settings
        self._batch: int = kit.settings.batch

    async def item_created(self, tx: Tx, event: ItemCreated, version: int) -> None:
        """Keep a new item and bring it to those who follow its author."""
        author = await repository.person_or_new(tx, event.author_id)
        if author.gone:
            return
        scope = event.audience.scope.value
        fresh = await repository.add_item(
            tx, event.kind, event.id, event.author_id, scope, version,
            reply=event.in_reply_to is not None, reply_author=event.in_reply_to_author_id,
        )  # fmt: skip
        if not fresh:
            return
        people = _meant(scope, event.author_id, event.audience.people)
        if event.tags or people:
            await repository.add_words(tx, event.kind, event.id, _tags(event.tags), people)
        if scope in OPEN:
            await self._spread(tx, author, Spot(event.id, event.kind, event.id, event.author_id))

    async def item_changed(self, tx: Tx, event: ItemChanged, version: int) -> None:
        """Raises NotYet when its creation was not heard of."""
        item = await repository.item(tx, event.kind, event.id)
        if item is None:
            author = await repository.person(tx, event.author_id)
            if author is not None and author.gone:
                return
            raise NotYet(f"{event.kind} {event.id}")
        if item.removed or version <= item.version:
            return
        scope = event.audience.scope.value
        await repository.change_item(tx, event.kind, event.id, scope, version, hidden=event.hidden)
        await repository.drop_words(tx, event.kind, event.id)
        people = _meant(scope, item.author_id, event.audience.people)
        await repository.add_words(tx, event.kind, event.id, _tags(event.tags), people)
        if scope in OPEN and item.scope not in OPEN:
            author = await repository.person_or_new(tx, item.author_id)
            await self._spread(tx, author, Spot(event.id, event.kind, event.id, item.author_id))

    async def item_removed(self, tx: Tx, event: ItemRemoved, version: int) -> None:
        """Leave a tombstone: the item shows up nowhere again."""
        author = await repository.person_or_new(tx, event.author_id)
        if not author.gone:
            await repository.remove_item(tx, event.kind, event.id, event.author_id, version)
            # Reading passes over removed items; taking them out makes room.
            if not author.heavy:
                await self._gather(tx, author, Spot(event.id, event.kind, event.id, event.author_id))

    async def shared(self, tx: Tx, event: ItemShared) -> None:
        """Keep a share and bring it to those who follow the sharer."""
        by = await repository.person_or_new(tx, event.by_id)
        spot = Spot(event.share_id, event.kind, event.id, event.by_id)
        if not by.gone and await repository.add_share(tx, spot):
            await self._spread(tx, by, spot)

    async def unshared(self, tx: Tx, event: ItemUnshared) -> None:
        """Take a share back."""
        by = await repository.person_or_new(tx, event.by_id)
        spot = Spot(event.share_id, event.kind, event.id, event.by_id)
        if not by.gone:
            await repository.remove_share(tx, spot)
            await self._gather(tx, by, spot)

    async def followed(self, tx: Tx, event: FollowCreated, version: int) -> None:
        """Begin to bring the followee's lines home, the latest ones at once."""
        follower = await repository.person_or_new(tx, event.follower_id)
        followee = await repository.person_or_new(tx, event.followee_id)
        follow = await repository.follow(tx, event.follower_id, event.followee_id)
        if follower.gone or followee.gone or (follow is not None and version <= follow.version):
            return
        whole_from = MAX_ID if followee.heavy else await self._bring(tx, follower, followee)
        await repository.put_follow(tx, event.follower_id, event.followee_id, version, whole_from=whole_from)
        if follow is None or follow.removed:
            await repository.count_followers(tx, [event.followee_id], 1)
            if followee.followers + 1 >= self._settings.merge_above and not followee.heavy:
                await self._make_heavy(tx, event.followee_id)

    async def _bring(self, tx: Tx, follower: Person, followee: Person) -> int:
        """Bring somebody's latest lines home; answers the position from which on all are there."""
        most = self._settings.followed_recent
        spots = await repository.recent(tx, followee.user_id, most)
        await repository.put_home(tx, follower.user_id, spots)
        return spots[-1].position if len(spots) >= most else 0

    async def unfollowed(self, tx: Tx, event: FollowRemoved, version: int) -> None:
        """Take the followee's lines out. Leaves a tombstone, so that a late follow has no effect."""
        follow = await repository.follow(tx, event.follower_id, event.followee_id)
        if follow is not None and version <= follow.version:
            return
        if follow is None:
            for user_id in (event.follower_id, event.followee_id):
                if (await repository.person_or_new(tx, user_id)).gone:
                    return
        await repository.put_follow(tx, event.follower_id, event.followee_id, version, removed=True)
        if follow is not None and not follow.removed:
            await repository.count_followers(tx, [event.followee_id], -1)
            await repository.take_out(tx, event.follower_id, event.followee_id)

    async def left(self, tx: Tx, user_id: int) -> None:
        """Somebody deletes their account: hidden at once; what is too much for one write follows."""
        await repository.person_or_new(tx, user_id)
        if await repository.hide_some(tx, user_id, self._batch):
            await tx.schedule("hide", str(user_id), self._clock.now())

    async def _spread(self, tx: Tx, by: Person, spot: Spot) -> None:
        """Put a line into the homes of those who follow whoever brought it, if it is kept there."""
        if by.heavy:
            return
        if by.followers < self._batch:
            await repository.fan_out(tx, spot)
        else:
            await repository.put_home(tx, by.user_id, [spot])
            await tx.schedule("fan_out", _key(spot), self._clock.now(), list(spot))

    async def _gather(self, tx: Tx, by: Person, spot: Spot) -> None:
        """Take a line out of homes again."""
        if by.followers < self._batch:
            await repository.fan_in(tx, spot)
        else:
            await tx.schedule("fan_in", _key(spot), self._clock.now(), list(spot))

    async def _make_heavy(self, tx: Tx, user_id: int) -> None:
        if not await repository.mark_heavy(tx, user_id, self._batch):
            await tx.schedule("make_heavy", str(user_id), self._clock.now())

    async def fan_out(self, spot: Spot) -> None:
        """Spread a line over very many homes, in bounded writes. Stops when it was taken back."""
        after: int | None = 0

        async def work(tx: Tx) -> int | None:
            if not await repository.stands(tx, spot):
                return None
            until = await repository.last_of_chunk(tx, spot.by_id, after or 0, self._batch)
            await repository.fan_out(tx, spot, after or 0, until or MAX_ID)
            return until

        while after is not None:
            after = await self._db.write(work)

    async def fan_in(self, spot: Spot) -> None:
        """Take a line out of very many homes, in bounded writes."""
        after: int | None = 0

        async def work(tx: Tx) -> int | None:
            until = await repository.last_of_chunk(tx, spot.by_id, after or 0, self._batch)
            await repository.fan_in(tx, spot, after or 0, until or MAX_ID)
            return until

        while after is not None:
            after = await self._db.write(work)

    async def make_heavy(self, user_id: int) -> None:
        """Have all followers merge somebody's lines at read. Until all do, lines are written home too."""

        async def work(tx: Tx) -> bool:
            return await repository.mark_heavy(tx, user_id, self._batch)

        while not await self._db.write(work):
            pass

    async def hide(self, user_id: int) -> None:
        """Hide all that a leaver brought, in bounded writes."""

        async def work(tx: Tx) -> bool:
            return await repository.hide_some(tx, user_id, self._batch)

        while await self._db.write(work):
            pass

    async def erase(self, call: Call, user_id: int) -> None:
        """Erase all that is kept of a person, in bounded writes; for the system only. That they left
        is remembered, so that nothing late brings them back."""
        if not call.system:
            raise NotFound

        async def begin(tx: Tx) -> None:
            await self.left(tx, user_id)

        async def work(tx: Tx) -> bool:
            return await repository.erase_some(tx, user_id, min(ERASED, self._batch))

        await self._db.write(begin)
        while await self._db.write(work):
            pass

    async def trim(self) -> None:
        """End every home at the window, some homes at a time. Nobody notices: below, home is read through."""
        window, after = self._settings.window, 0
        while True:
            homes = await repository.windows(self._db, after, TRIMMED, window)
            if not homes:
                return
            after = homes[-1][0]
            await self._cut([(user, floor) for user, floor in homes if floor is not None])

    async def _cut(self, floors: Sequence[tuple[int, int]]) -> None:
        async def work(tx: Tx) -> None:
            await repository.cut(tx, floors)

        if floors:
            await self._db.write(work)


def _key(spot: Spot) -> str:
    return f"{spot.kind}:{spot.position}"


def _tags(tags: Sequence[str]) -> set[str]:
    return {tag_key(tag) for tag in tags}


def _meant(scope: str, author: int, people: Sequence[int]) -> set[int]:
    """Those whom a closed item is brought to by name; the named of a followers' item may see it as well."""
    if scope not in OPEN:
        return {author, *people}
    return set(people) if scope == "followers" else set()
