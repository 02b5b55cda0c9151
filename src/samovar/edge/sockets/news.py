"""What happens to items, told to those who look at them. Gathered for a moment: a busy item is read once for
many acts and for all who look at it."""

import asyncio
from typing import TYPE_CHECKING, Any, Final

from samovar.contracts.realtime import ItemNews
from samovar.edge.sockets.audience import PUBLIC
from samovar.edge.sockets.counts import Counts
from samovar.edge.sockets.frames import frames
from samovar.edge.sockets.line import Line
from samovar.edge.sockets.person import Person, channel_of
from samovar.kernel.context import Call, calling

if TYPE_CHECKING:
    from samovar.edge.sockets.hub import Hub

#: Seconds that changes are gathered.
MOMENT: Final = 0.2
#: Changes gathered at most; more are let go, since pages read anew anyway.
MOST: Final = 5_000
#: People asked for at once.
BATCH: Final = 500


class News:
    """Items' news on their way to this process's lines."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._counts = Counts(hub.edge)
        self._gathered: list[ItemNews] = []

    def take(self, news: ItemNews) -> None:
        """Something happened to an item; only what somebody here hears of is looked at."""
        if not self._is_heard(news) or len(self._gathered) >= MOST:
            return
        if not self._gathered:
            asyncio.get_running_loop().call_later(MOMENT, self._give)
        self._gathered.append(news)

    def _is_heard(self, news: ItemNews) -> bool:
        if news.what in ("created", "shared"):
            return (news.wide and bool(self._hub.people)) or (news.public and PUBLIC in self._hub.channels)
        return _channel(news) in self._hub.channels

    def _give(self) -> None:
        gathered, self._gathered = self._gathered, []
        self._hub.spawn(self._give_all(gathered))

    async def _give_all(self, gathered: list[ItemNews]) -> None:
        stale: dict[str, set[int]] = {}
        for news in gathered:
            if news.what == "counts":
                stale.setdefault(news.kind, set()).add(news.id)
            elif news.what == "reply":
                assert news.to is not None
                stale.setdefault(news.to.kind, set()).add(news.to.id)
                await self._reply(news)
            elif news.what == "removed":
                await self._removed(news)
            elif news.what == "changed":
                await self._changed(news)
            else:
                await self._fresh(news)
        for kind, ids in stale.items():
            for item_id, counts in (await self._counts.of(kind, ids)).items():
                await self._hub.tell(channel_of(kind, item_id), "counts", counts)

    async def tell_now(self, line: Line, channels: dict[str, set[int]]) -> None:
        """Say how things stand, to a client that was away."""
        for kind, ids in channels.items():
            for item_id, counts in (await self._counts.of(kind, ids)).items():
                channel = channel_of(kind, item_id)
                line.push(frames("told", channel=channel, type="counts", data=counts))

    async def _reply(self, news: ItemNews) -> None:
        """To those who hear of the thread and may see the answer, which can be for fewer people."""
        channel = _channel(news)
        for person in self._people_at(channel):
            if news.by_id in person.aside:
                continue
            call = person.call(asyncio.get_running_loop().time())
            if await self._hub.audience.visible(call, news.kind, (news.id,)):
                lines = tuple(line for line in person.lines if channel in line.channels)
                await self._hub.cast(lines, frames("told", channel=channel, type="reply", data=_data(news)))

    async def _removed(self, news: ItemNews) -> None:
        channel = _channel(news)
        await self._hub.tell(channel, "removed", _data(news))
        for line in tuple(self._hub.channels.get(channel, ())):
            self._hub.leave(line, channel)

    async def _changed(self, news: ItemNews) -> None:
        """Its audience may be another now."""
        channel = _channel(news)
        for person in self._people_at(channel):
            if channel not in await self._hub.audience.allowed(person, (channel,)):
                await self._hub.close_to(person, {channel})
        await self._hub.tell(channel, "changed", _data(news))

    async def _fresh(self, news: ItemNews) -> None:
        # Public lists show what strangers see.
        if news.public and await self._hub.audience.open_to_all(news.kind, (news.id,)):
            listeners = self._hub.channels.get(PUBLIC, ())
            lines = tuple(line for line in listeners if news.by_id not in line.person.aside)
            await self._hub.cast(lines, frames("told", channel=PUBLIC, type="new", data=_data(news)))
        if news.wide:
            await self._wide(news)

    async def _wide(self, news: ItemNews) -> None:
        """Very many follow who brought it: find out who of those here does."""
        ids = list(self._hub.people)
        message = frames("told", channel="home", type="new", data=_data(news))
        for start in range(0, len(ids), BATCH):
            deadline = asyncio.get_running_loop().time() + 10
            with calling(Call(caller="edge", system=True, deadline=deadline)):
                found = await self._hub.edge.realtime.followers_among(
                    followee_id=news.by_id, user_ids=tuple(ids[start : start + BATCH])
                )
            people = [self._hub.people.get(user_id) for user_id in found.user_ids]
            lines = [
                line
                for person in people
                if person is not None and news.by_id not in person.aside
                for line in person.lines
            ]
            await self._hub.cast(tuple(lines), message)

    def _people_at(self, channel: str) -> list[Person]:
        return list({line.person for line in self._hub.channels.get(channel, ())})


def _channel(news: ItemNews) -> str:
    if news.what == "reply" and news.to is not None:
        return channel_of(news.to.kind, news.to.id)
    return channel_of(news.kind, news.id)


def _data(news: ItemNews) -> dict[str, Any]:
    return {"kind": news.kind, "id": str(news.id), "by": str(news.by_id)}
