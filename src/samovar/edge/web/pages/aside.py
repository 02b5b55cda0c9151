"""What stands beside the column: tags, and people with the reasons why they may be of interest."""

from contextlib import suppress
from typing import Final

import msgspec

from samovar.edge.edge import Edge
from samovar.edge.present.people import People, PersonView
from samovar.kernel.context import current_call
from samovar.kernel.errors import AppError

#: Seconds for which it is kept.
SECONDS: Final = 30


class AsideTag(msgspec.Struct, frozen=True):
    """A tag beside the column."""

    name: str
    posts: int


class Why(msgspec.Struct, frozen=True):
    """Why somebody stands beside the column."""

    id: str
    followed_by: int = 0
    tag: str = ""


class Aside(msgspec.Struct, frozen=True):
    """What stands beside the column: tags and people."""

    tags: tuple[AsideTag, ...] = ()
    people: tuple[PersonView, ...] = ()
    why: tuple[Why, ...] = ()

    def reason(self, user_id: str) -> Why | None:
        """Why somebody of these people is recommended, if there is a reason."""
        return next((why for why in self.why if why.id == user_id), None)


def aside_key(people: int = 3, tags: int = 6) -> str:
    """Where a viewer's aside is kept; dropped when they follow or block somebody here."""
    return f"edge.aside:{current_call().actor}:{people}:{tags}"


async def around(edge: Edge, shown: People, people: int, tags: int) -> Aside:
    """The viewer's. A part that does not answer is left out."""
    key = aside_key(people, tags)
    kept: Aside | None = await edge.cache.get(key, Aside)
    if kept is not None:
        return kept
    aside = Aside()
    with suppress(AppError):
        found = await edge.feed.trends(limit=tags)
        aside = Aside(tuple([AsideTag(trend.tag, trend.items) for trend in found.items]))
        if people and current_call().actor is not None:
            aside = await _with_people(edge, shown, aside, people)
    await edge.cache.set(key, aside, SECONDS)
    return aside


async def _with_people(edge: Edge, shown: People, aside: Aside, number: int) -> Aside:
    """The same with people to follow: those whom there is a reason for, then others."""
    why: tuple[Why, ...] = ()
    with suppress(AppError):
        found = await edge.search.recommend_people(limit=number)
        why = tuple(Why(str(one.user_id), one.followed_by, one.tag) for one in found.items)
    ids = [int(one.id) for one in why]
    if len(ids) < number:
        ids += (await edge.graph.suggestions(limit=number)).user_ids
    return Aside(aside.tags, await shown.show_ids(list(dict.fromkeys(ids))[:number]), why)
