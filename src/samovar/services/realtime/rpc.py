"""The contracts of realtime, over its use cases."""

from collections.abc import Sequence

from samovar.contracts.common import Done, ItemRef
from samovar.contracts.realtime import Entry, EntryList, PeopleList, Position, PositionList, Present
from samovar.kernel.context import current_call
from samovar.services.realtime.service import Logs, Places


class RealtimeRpc:
    """samovar.realtime.v1.Realtime."""

    def __init__(self, logs: Logs, places: Places) -> None:
        self._logs = logs
        self._places = places

    async def append(self, *, user_ids: Sequence[int] = (), type: str, data: str) -> Done:
        await self._logs.append(current_call(), user_ids, type, data)
        return Done()

    async def listen(self) -> Position:
        call = current_call()
        return Position(number=await self._logs.listen(call), user_id=call.actor or 0)

    async def listening(self, *, user_ids: Sequence[int] = ()) -> PositionList:
        found = await self._logs.listening(current_call(), user_ids)
        return PositionList(items=tuple([Position(user_id=user, number=number) for user, number in found]))

    async def since(self, *, after: int, limit: int) -> EntryList:
        found = await self._logs.read(current_call(), after, limit)
        entries = [Entry(number=entry.number, type=entry.type, data=entry.data) for entry in found.entries]
        return EntryList(items=tuple(entries), gap=found.gap, number=found.number)

    async def followers_among(self, *, followee_id: int, user_ids: Sequence[int] = ()) -> PeopleList:
        found = await self._logs.followers_among(current_call(), followee_id, user_ids)
        return PeopleList(user_ids=tuple(found))

    async def touch(self, *, item: ItemRef) -> Done:
        await self._places.touch(current_call(), item.kind, item.id)
        return Done()

    async def leave(self, *, item: ItemRef) -> Done:
        await self._places.leave(current_call(), item.kind, item.id)
        return Done()

    async def who(self, *, item: ItemRef) -> Present:
        people, count = await self._places.who(current_call(), item.kind, item.id)
        return Present(user_ids=tuple(people), count=count)


class PersonalRpc:
    """samovar.personal.v1.Personal for realtime."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs

    async def erase(self, *, user_id: int) -> Done:
        await self._logs.erase(current_call(), user_id)
        return Done()
