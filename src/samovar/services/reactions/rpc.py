"""The contracts of reactions, over its use cases."""

from collections.abc import Sequence
from functools import lru_cache

from samovar.contracts import reactions
from samovar.contracts.common import Done, ItemRef
from samovar.contracts.reactions import ReactionType, Reactor, SummaryList, TypeList, WhoPage
from samovar.kernel.context import current_call
from samovar.services.reactions.domain import Item, Summary
from samovar.services.reactions.service import ReactionsService


class ReactionsRpc:
    """samovar.reactions."""

    def __init__(self, service: ReactionsService) -> None:
        self._service = service
        self._types = TypeList(
            items=tuple(
                ReactionType(type=kind.type, emoji=kind.emoji, label=kind.label) for kind in service.types
            )
        )

    async def react(self, *, item: ItemRef, type: str) -> reactions.Summary:
        return _summary(await self._service.react(current_call(), Item(item.kind, item.id), type))

    async def unreact(self, *, item: ItemRef, type: str) -> reactions.Summary:
        return _summary(await self._service.unreact(current_call(), Item(item.kind, item.id), type))

    async def summaries(self, *, kind: str, ids: Sequence[int] = ()) -> SummaryList:
        found = await self._service.summaries(current_call(), kind, ids)
        return SummaryList(items=tuple([_summary(summary) for summary in found]))

    async def who(self, *, item: ItemRef, type: str, cursor: str, limit: int) -> WhoPage:
        found, following = await self._service.who(
            current_call(), Item(item.kind, item.id), type, cursor, limit
        )
        return WhoPage(
            items=tuple(
                Reactor(user_id=reaction.user_id, type=reaction.type, created_at=reaction.created_at)
                for reaction in found
            ),
            next=following,
        )

    async def types(self) -> TypeList:
        return self._types


class PersonalRpc:
    """samovar.personal, for what reactions keeps."""

    def __init__(self, service: ReactionsService) -> None:
        self._service = service

    async def erase(self, *, user_id: int) -> Done:
        await self._service.erase_user(current_call(), user_id)
        return Done()


def _summary(summary: Summary) -> reactions.Summary:
    if not summary.counts:
        return _none(summary.id)
    return reactions.Summary(id=summary.id, counts=summary.counts, own=summary.own)


@lru_cache(20_000)
def _none(item_id: int) -> reactions.Summary:
    return reactions.Summary(id=item_id)
