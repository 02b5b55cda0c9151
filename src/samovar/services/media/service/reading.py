"""Who may see a file: its owner, and whoever may see the item in which it stands."""

from collections.abc import Sequence
from typing import NamedTuple

from samovar.contracts.common import Scope
from samovar.kernel.authz import may, signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.paging import below, page_size
from samovar.services.media import repository
from samovar.services.media.clients import Items
from samovar.services.media.domain import (
    FACES,
    FAILED,
    PROCESSING,
    READY,
    Form,
    Item,
    Medium,
    is_id,
    key_of,
)
from samovar.services.media.service.common import progress_key
from samovar.services.media.settings import Settings

MAX_MANY = 400


class Seen(NamedTuple):
    """A file as one caller gets it."""

    medium: Medium
    progress: int = 0


class Opened(NamedTuple):
    """One form of a file that the caller may have."""

    key: str
    form: Form
    public: bool


class Reading:
    """Files as a caller may see them."""

    def __init__(self, kit: Kit, items: Items) -> None:
        self._settings: Settings = kit.settings
        self._db = kit.db
        self._cache = kit.cache
        self._items = items

    async def get_many(self, ids: Sequence[int]) -> list[Seen]:
        """In the order asked; whether the caller may see them is not asked."""
        if len(ids) > MAX_MANY:
            raise Invalid(fields={"ids": f"At most {MAX_MANY} at once."})
        found = await repository.by_ids(self._db, [id for id in ids if is_id(id)])
        return await self._dressed([found[id] for id in dict.fromkeys(ids) if id in found])

    async def get(self, call: Call, medium_id: int) -> Seen:
        """Raises NotFound when it isn't there or is not for the caller."""
        medium = await self._one(medium_id)
        await self._check(call, medium)
        return (await self._dressed([medium]))[0]

    async def dressed(self, medium: Medium) -> Seen:
        """A file that was just changed."""
        return (await self._dressed([medium]))[0]

    async def _dressed(self, found: Sequence[Medium]) -> list[Seen]:
        keys = {medium.id: progress_key(medium.id) for medium in found if medium.state == PROCESSING}
        progress = await self._cache.get_many(list(keys.values()), int) if keys else {}
        return [Seen(medium, progress.get(keys.get(medium.id, ""), 0)) for medium in found]

    async def open(self, call: Call, medium_id: int, file: str, signed: bool) -> Opened:
        """Where a form's bytes are. The original is its owner's alone. Raises NotFound."""
        medium = await self._one(medium_id)
        form = next((form for form in medium.forms if form.file == file), None)
        if form is None or medium.state not in (READY, PROCESSING, FAILED):
            raise NotFound
        public = False
        if form.name == "original":
            if not self._is_own(call, medium):
                raise NotFound
        elif not (signed and medium.review == "approved"):
            public = await self._check(call, medium)
        return Opened(key_of(medium_id, file), form, public)

    async def _one(self, medium_id: int) -> Medium:
        found = await repository.by_ids(self._db, (medium_id,)) if is_id(medium_id) else {}
        if medium_id not in found:
            raise NotFound
        return found[medium_id]

    def _is_own(self, call: Call, medium: Medium) -> bool:
        return call.system or call.actor == medium.owner_id or may(call, "content.hide")

    async def _check(self, call: Call, medium: Medium) -> bool:
        """Whether everybody may see it. Raises NotFound when the caller may not."""
        item = medium.item
        if medium.review == "approved" and item is not None:
            if item.kind in FACES or await self._is_public(item):
                return True
            if not self._is_own(call, medium) and call.actor is not None and await self._items.seen([item]):
                return False
        if not self._is_own(call, medium):
            raise NotFound
        return False

    async def _is_public(self, item: Item) -> bool:
        key = f"media.public:{item.kind}:{item.id}"
        kept = await self._cache.get(key, int)
        if kept is None:
            kept = len(await self._items.seen_by_all([item]))
            await self._cache.set(key, kept, self._settings.audience_seconds)
        return bool(kept)

    async def of_user(self, call: Call, user_id: int, cursor: str, limit: int) -> tuple[list[Seen], str]:
        """A person's files, newest first: all of one's own, of others those that stand where one may look."""
        before, size = below(cursor), page_size(limit, usual=30)
        own = call.system or call.actor == user_id
        fetch = size + 1 if own else 2 * size + 1
        found = await repository.of_user(self._db, user_id, before, fetch) if is_id(user_id) else []
        seen = found
        if not own:
            items = [medium.item for medium in found if medium.item is not None]
            cards = await self._items.seen(items)
            seen = [medium for medium in found if medium.item in cards and medium.review == "approved"]
        return await self._page(seen, found, size, fetch)

    async def gallery(self, cursor: str, limit: int) -> tuple[list[Seen], str]:
        """What stands in public items without a warning, newest first."""
        before, size = below(cursor), page_size(limit, usual=30)
        fetch = 2 * size + 1
        found = await repository.gallery(self._db, before, fetch)
        cards = await self._items.seen_by_all([medium.item for medium in found if medium.item is not None])
        seen = [
            medium
            for medium in found
            if (card := cards.get(medium.item or Item("", 0))) is not None
            and card.audience.scope == Scope.PUBLIC
            and not card.sensitive
        ]
        return await self._page(seen, found, size, fetch)

    async def _page(
        self, seen: Sequence[Medium], found: Sequence[Medium], size: int, fetch: int
    ) -> tuple[list[Seen], str]:
        """The first of those seen; the list goes on behind them, or behind all that were looked at."""
        shown = seen[:size]
        if len(seen) > size:
            following = str(shown[-1].id)
        else:
            following = str(found[-1].id) if len(found) == fetch else ""
        return await self._dressed(shown), following

    async def usage(self, call: Call) -> tuple[int, int]:
        """How many files and bytes the caller has."""
        return await repository.usage(self._db, signed_in(call))
