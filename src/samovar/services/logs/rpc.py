"""The controller of logs: contract to domain and back."""

from collections.abc import Sequence

from samovar.contracts import logs as contract
from samovar.contracts.common import Done
from samovar.kernel.context import current_call
from samovar.kernel.paging import number, page_size
from samovar.services.logs import domain
from samovar.services.logs.service import LogsService


class LogsRpc:
    """Serves the contract."""

    def __init__(self, service: LogsService) -> None:
        self._service = service

    async def append(self, *, entries: Sequence[contract.Entry] = ()) -> Done:
        stored = [
            domain.entry(**{name: getattr(one, name) for name in contract.Entry.__struct_fields__})
            for one in entries
        ]
        await self._service.append(current_call(), stored)
        return Done()

    async def find(
        self, *, level: str = "", text: str = "", request_id: str = "", trace_id: str = "", source: str = "",
        since: int = 0, until: int = 0, cursor: str = "", limit: int = 0,
    ) -> contract.EntryPage:  # fmt: skip
        before, most = number(cursor), page_size(limit, usual=50)
        wanted = domain.wanted(level, text, request_id, trace_id, source, since, until)
        found = await self._service.find(current_call(), wanted, before, most)
        return contract.EntryPage(
            items=tuple(map(_entry, found)), next=str(found[-1].id) if len(found) == most else ""
        )


def _entry(one: domain.Entry) -> contract.Entry:
    return contract.Entry(
        id=one.id, at=one.at, level=domain.LEVELS[one.level], event=one.event, process=one.process,
        service=one.service, request_id=one.request_id, trace_id=one.trace_id, fields=one.fields,
    )  # fmt: skip
