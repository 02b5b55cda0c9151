"""What events of others make of people's logs, and what the edges are told. All of it runs in the transaction
that records the event, so that each makes one entry in each log."""

import msgspec

from samovar.contracts.items import ItemChanged, ItemCreated, ItemRemoved, ItemShared
from samovar.contracts.notifications import InboxChanged
from samovar.contracts.realtime import ItemNews
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.realtime import repository
from samovar.services.realtime.domain import OPEN
from samovar.services.realtime.service.logs import Logs
from samovar.services.realtime.service.signals import Signals


class Heard:
    """Follows what happens."""

    def __init__(self, kit: Kit, logs: Logs) -> None:
        self._clock = kit.clock
        self._signals = Signals(kit)
        self._logs = logs
        self._wide_above: int = kit.settings.wide_above

    async def item_created(self, tx: Tx, event: ItemCreated) -> None:
        """Something new: into homes, public lists and the thread that it answers."""
        scope, to = event.audience.scope.value, event.in_reply_to
        answered = event.in_reply_to_author_id if to is not None else 0
        news = ItemNews(
            what="created", kind=event.kind, id=event.id, by_id=event.author_id,
            public=scope == "public" and to is None, to=to,
        )  # fmt: skip
        wide = False
        if scope in OPEN:
            # Whoever goes on in their own thread speaks to all who follow them.
            addressee = 0 if answered == event.author_id else answered
            wide = await self._home(tx, event.kind, event.id, event.author_id, addressee) and not addressee
        else:
            people = [person for person in event.audience.people if person != event.author_id]
            await self._logs.tell(tx, people[:100], "home", _item(event.kind, event.id))
        if to is not None:
            data = _item(event.kind, event.id, to=str(to.id))
            if answered and answered != event.author_id:
                await self._logs.tell(tx, [answered], "answer", data)
            reply = ItemNews(what="reply", kind=event.kind, id=event.id, by_id=event.author_id, to=to)
            self._signals.item(tx, reply)
        if news.public or wide:
            self._signals.item(tx, msgspec.structs.replace(news, wide=wide))

    async def item_shared(self, tx: Tx, event: ItemShared) -> None:
        """Something comes into homes again."""
        wide = await self._home(tx, event.kind, event.id, event.by_id, 0)
        if wide:
            news = ItemNews(what="shared", kind=event.kind, id=event.id, by_id=event.by_id, wide=True)
            self._signals.item(tx, news)
        self.counts(tx, event.kind, event.id)

    async def _home(self, tx: Tx, kind: str, item_id: int, by_id: int, addressee: int) -> bool:
        """Tell those who follow whoever brings an item; True when they are too many for that."""
        since, most = self._logs.since, self._wide_above
        if await repository.listening_followers(tx, by_id, since, most + 1) > most:
            return True
        data = _item(kind, item_id, by=str(by_id))
        now = self._clock.now()
        numbers = await repository.append_to_followers(tx, by_id, addressee, since, now, "home", data)
        self._signals.told(tx, "home", data, numbers)
        return False

    async def item_changed(self, tx: Tx, event: ItemChanged) -> None:
        """Somebody may see it no more."""
        self._signals.item(tx, ItemNews(what="changed", kind=event.kind, id=event.id, by_id=event.author_id))

    async def item_removed(self, tx: Tx, event: ItemRemoved) -> None:
        """It is gone from every page."""
        self._signals.item(tx, ItemNews(what="removed", kind=event.kind, id=event.id, by_id=event.author_id))

    def counts(self, tx: Tx, kind: str, item_id: int) -> None:
        """Numbers of an item have changed."""
        self._signals.item(tx, ItemNews(what="counts", kind=kind, id=item_id))

    async def inbox(self, tx: Tx, event: InboxChanged) -> None:
        """Somebody's inbox has something new, or was read somewhere."""
        data = {"unread": event.unread, "id": str(event.notification_id), "type": event.type}
        await self._logs.tell(tx, [event.user_id], "inbox", msgspec.json.encode(data).decode())

    async def follow(
        self, tx: Tx, follower_id: int, followee_id: int, version: int, *, removed: bool
    ) -> None:
        """Whom somebody's home is made of has changed, and with it what they may see."""
        await repository.put_follow(tx, follower_id, followee_id, version, removed=removed)
        self._signals.check(tx, follower_id)

    async def apart(self, tx: Tx, one: int, other: int) -> None:
        """Two people shall see nothing of each other any more."""
        self._signals.check(tx, one, other)

    async def left(self, tx: Tx, user_id: int) -> None:
        """An account is going: nothing is told to it any more. The rest goes by erasure."""
        await repository.drop_log(tx, user_id)


def _item(kind: str, item_id: int, **more: str) -> str:
    return msgspec.json.encode({"kind": kind, "id": str(item_id), **more}).decode()
