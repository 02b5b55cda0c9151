"""Words in which the tests of timelines are written."""

from typing import Any

from samovar.contracts.common import Scope
from samovar.contracts.feed import Entry, Page
from samovar.contracts.items import ITEMS
from tests.world import Person, World


async def post(person: Person, text: str = "tea", scope: Scope = Scope.PUBLIC, **more: Any) -> int:
    """A post of theirs; answers its id. Not yet heard of by feed."""
    person.world.clock.advance(1)
    made = await person.posts.create(text=text, visibility=scope, language="en", **more)
    return made.id


async def walk(read: Any, limit: int = 3, **more: Any) -> list[Entry]:
    """All entries of a timeline, page by page."""
    entries: list[Entry] = []
    cursor = ""
    for _ in range(500):
        page: Page = await read(cursor=cursor, limit=limit, **more)
        assert len(page.items) <= limit
        entries += page.items
        cursor = page.next
        if not cursor:
            return entries
    raise AssertionError("a timeline without an end")


def ids(entries: Any) -> list[int]:
    return [entry.id for entry in entries]


async def home(person: Person, limit: int = 100) -> list[int]:
    """Ids of what somebody has at home, newest first."""
    return ids(await walk(person.feed.home, limit))


async def hide(world: World, item_id: int, hidden: bool = True) -> None:
    """A moderator's decision about a post."""
    await world.system.of(ITEMS, "post").set_hidden(id=item_id, hidden=hidden)
    await world.drain()
