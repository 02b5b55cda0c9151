"""Asking search in few words."""

from typing import Any

from samovar.contracts.search import Hit, HitPage
from tests.world import Person


async def page(person: Person, query: str = "", **more: Any) -> HitPage:
    """A page of hits."""
    asked: dict[str, Any] = {
        "query": query, "kinds": (), "newest": False, "cursor": "", "limit": 20, "page": 0, "author": "",
        "after": "", "before": "", "has_media": False, "language": "",
    }  # fmt: skip
    return await person.search.find(**asked | more)


async def hits(person: Person, query: str = "", **more: Any) -> list[Hit]:
    """The hits of the first page."""
    return list((await page(person, query, **more)).items)


async def ids(person: Person, query: str = "", **more: Any) -> list[int]:
    """Their ids."""
    return [hit.id for hit in await hits(person, query, **more)]


async def people(person: Person, query: str, **more: Any) -> list[int]:
    """Ids of people that are found."""
    return await ids(person, query, kinds=("person",), **more)
