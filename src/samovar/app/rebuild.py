"""`samovar search rebuild`: asks for a new index, and shows how it comes to be."""

from collections.abc import Callable

from samovar.app.config import Config
from samovar.app.house import House
from samovar.app.operate import operating
from samovar.contracts.search import SEARCH, IndexState
from samovar.kernel.context import calling, system_call
from samovar.kernel.settings import SettingsError

#: Seconds between looks at what a server does, and how many without any progress are enough.
LOOK = 1.0
PATIENCE = 60

#: Documents that are done, and how many there are.
Progress = Callable[[int, int], None]


async def rebuild(config: Config, progress: Progress, *, wait: bool = True) -> IndexState:
    """Have the index made anew; answers how it stands. Without a server this process makes it."""
    async with operating(config) as (house, by_itself):
        search = house.peers.get(SEARCH)
        state = await search.rebuild()
        if by_itself:
            await _make(house, progress)
        elif wait:
            await _watch(house, state, progress)
        return await search.state()


async def _make(house: House, progress: Progress) -> None:
    from samovar.services.search.service.projecting import Projector

    for loop in house.built["search"].loops:
        if isinstance(loop, Projector):
            loop.told = progress
    await house.drain()


async def _watch(house: House, state: IndexState, progress: Progress) -> None:
    search, idle = house.peers.get(SEARCH), 0
    done = -1
    while state.rebuilding:
        progress(state.done, state.total)
        idle = idle + 1 if state.done == done else 0
        if idle > PATIENCE:
            raise SettingsError("Nothing happens: no process of this community hosts search now.")
        done = state.done
        await house.backends.clock.sleep(LOOK)
        with calling(system_call("edge")):
            state = await search.state()
    progress(state.documents, state.documents)
