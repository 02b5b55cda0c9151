"""What posts asks of other contexts, in its own words."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Final

import structlog

from samovar.contracts.common import ItemRef
from samovar.contracts.graph import GRAPH, Relationship
from samovar.contracts.identity import IDENTITY
from samovar.contracts.media import MEDIA
from samovar.contracts.moderation import MODERATION, Verdict
from samovar.kernel.errors import AppError, Conflict, Invalid, NotFound
from samovar.kernel.peers import Peers, lazy

log = structlog.get_logger(__name__)
#: Seconds that a post waits for the rules.
PATIENCE: Final = 1.0


class Graph:
    """How the caller stands to people."""

    def __init__(self, peers: Peers) -> None:
        self._api = lazy(peers, GRAPH)

    async def relations(self, user_ids: Collection[int]) -> dict[int, Relationship]:
        """By person; one call for all of them, none for nobody."""
        if not user_ids:
            return {}
        found = await self._api.relations(user_ids=tuple(user_ids))
        return {relation.user_id: relation for relation in found.items}


class People:
    """Who has which name."""

    def __init__(self, peers: Peers) -> None:
        self._api = lazy(peers, IDENTITY)

    async def by_names(self, names: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Id and username as its owner writes it, by name in lower case; unknown names are missing."""
        if not names:
            return {}
        found = await self._api.by_username(usernames=tuple(names))
        return {account.username.lower(): (account.id, account.username) for account in found.items}


class Rules:
    """What the community's rules say."""

    def __init__(self, peers: Peers) -> None:
        self._api = lazy(peers, MODERATION)

    async def admit(
        self, kind: str, author_id: int, text: str, media_ids: Sequence[int], edited: bool
    ) -> Verdict | None:
        """None when nobody answers in time."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._api.admit(
                    kind=kind, author_id=author_id, text=text, media_ids=tuple(media_ids), edited=edited
                )
        except (AppError, TimeoutError) as error:
            log.warning("rules not asked", error=repr(error))
            return None


class Files:
    """Pictures and films, by their ids."""

    def __init__(self, peers: Peers) -> None:
        self._api = lazy(peers, MEDIA)

    async def claim(self, ids: Sequence[int], claim: str, item: ItemRef | None) -> None:
        """Take the caller's own for a post. Raises Invalid."""
        try:
            await self._api.claim(ids=tuple(ids), claim=claim, item=item)
        except NotFound:
            raise Invalid(fields={"media_ids": "There is no such file."}) from None
        except Conflict:
            raise Invalid(fields={"media_ids": "This file stands somewhere already."}) from None

    async def attach(self, item: ItemRef, owner_id: int, ids: Sequence[int]) -> None:
        """Have them shown with the post at once. When this fails, the post's event does it a moment later."""
        with suppress(AppError):
            await self._api.attach(item=item, owner_id=owner_id, ids=tuple(ids))
