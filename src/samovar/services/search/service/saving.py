"""Searches that people keep."""

from samovar.contracts.search import TooManySaved
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound, Unauthenticated
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.search import repository
from samovar.services.search.domain.query import LONGEST
from samovar.services.search.domain.values import SAVED, Saved

#: Characters of a kind's name.
_KIND = 40


class Saving:
    """Keeping and forgetting searches."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._db = kit.db

    async def save(self, call: Call, query: str, kind: str, newest: bool) -> Saved:
        """Keep a search; the same again is the one that is there."""
        user, text = signed_in(call), " ".join(query.replace("\0", " ").split())
        if not text:
            raise Invalid(fields={"query": "Search for something first."})
        if len(text) > LONGEST:
            raise Invalid(fields={"query": f"A search takes at most {LONGEST} characters."})
        if len(kind) > _KIND:
            raise Invalid(fields={"kind": "There is no such kind."})
        wanted = Saved(self._kit.ids(), text, kind, newest, self._kit.clock.now())

        async def work(tx: Tx) -> Saved:
            if await repository.who_left(tx, [user]):
                raise Unauthenticated
            kept = await repository.saved(tx, user)
            for one in kept:
                if one[1:4] == wanted[1:4]:
                    return one
            if len(kept) >= SAVED:
                raise TooManySaved
            await repository.save(tx, user, wanted)
            return wanted

        return await self._db.write(work)

    async def saved(self, call: Call) -> list[Saved]:
        """The caller's searches, newest first."""
        return await repository.saved(self._db, signed_in(call))

    async def forget(self, call: Call, saved_id: int) -> Saved:
        """Keep one no more; answers it, so that it can be brought back."""
        user = signed_in(call)

        async def work(tx: Tx) -> Saved:
            found = await repository.forget(tx, user, saved_id)
            if found is None:
                raise NotFound
            return found

        return await self._db.write(work)
