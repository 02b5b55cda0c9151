"""The controller of analytics: contract to domain and back."""

from collections.abc import Sequence

from samovar.contracts import analytics as contract
from samovar.contracts.common import Done
from samovar.kernel.context import current_call
from samovar.kernel.errors import NotFound
from samovar.services.analytics.domain import Note
from samovar.services.analytics.service import AnalyticsService


class AnalyticsRpc:
    """Serves the contract."""

    def __init__(self, service: AnalyticsService) -> None:
        self._service = service

    async def keep(self, *, text: str) -> contract.Note:
        return _note(await self._service.keep(current_call(), text))

    async def get_many(self, *, ids: Sequence[int] = ()) -> contract.NoteList:
        found = await self._service.get_many(current_call(), ids)
        return contract.NoteList(items=tuple(_note(value) for value in found))


class PersonalRpc:
    """Serves the erasure of personal data."""

    def __init__(self, service: AnalyticsService) -> None:
        self._service = service

    async def erase(self, *, user_id: int) -> Done:
        if not current_call().system:
            raise NotFound
        await self._service.erase(user_id)
        return Done()


def _note(value: Note) -> contract.Note:
    return contract.Note(id=value.id, owner_id=value.owner_id, text=value.text)
