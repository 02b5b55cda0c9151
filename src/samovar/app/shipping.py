"""What a process logs is brought to our own logs, and to Loki when it is configured."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from samovar.app.house import House
from samovar.contracts.logs import LOGS, Entry
from samovar.kernel import log_queue
from samovar.kernel.context import Call, calling
from samovar.kernel.ids import Ids
from samovar.kernel.log_queue import Carrier, Collector, Logged, Place, ToLogs
from samovar.services.logs.settings import LogsSettings


@asynccontextmanager
async def shipped(house: House) -> AsyncIterator[None]:
    """Collect and bring while this lasts, the last entries for a moment after."""
    settings = house.source.section("logs", LogsSettings)
    places: list[Place] = []
    if settings.level != "off":
        places.append(ToLogs(to_service(house)))
    if settings.loki:
        from samovar.adapters.loki import Loki

        places.append(
            loki := Loki(
                settings.loki,
                user=settings.loki_user,
                password=settings.loki_password,
                tenant=settings.loki_tenant,
            )
        )
    if not places:
        yield
        return
    clock, level = house.backends.clock, "info" if settings.level == "off" else settings.level
    collector = Collector(clock, Ids(clock), house.process, level, settings.queue)
    carriers = [Carrier(collector.queue(place.name), place) for place in places]
    log_queue.collector.append(collector)
    for carrier in carriers:
        carrier.start()
    try:
        yield
    finally:
        log_queue.collector.remove(collector)
        for carrier in carriers:
            await carrier.stop()
        if settings.loki:
            await loki.close()


def to_service(house: House) -> Any:
    """Brings entries to the logs service, wherever it is."""

    async def append(entries: Sequence[Logged]) -> None:
        with calling(Call(caller="edge", system=True)):
            await house.peers.get(LOGS).append(
                entries=tuple(
                    Entry(**{name: getattr(one, name) for name in Logged.__struct_fields__})
                    for one in entries
                )
            )

    return append
