"""Who is counted by name, and how people are forgotten."""

import secrets
from functools import partial

from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import NotFound, Unavailable
from samovar.kernel.facts.rollups import RollUps
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.analytics import repository
from samovar.services.analytics.service.gathering import Gathering


class Choosing:
    """Choices of people about facts of theirs."""

    def __init__(self, kit: Kit, rollups: RollUps, gathering: Gathering) -> None:
        self._db = kit.db
        self._blobs = kit.blobs
        self._waiting = rollups.waiting
        self._gathering = gathering

    async def choice(self, call: Call) -> bool:
        """Whether what the caller does is counted as theirs."""
        user_id = signed_in(call)
        return user_id not in await repository.unnamed(self._db, (user_id,))

    async def choose(self, call: Call, *, counted: bool) -> bool:
        """Change that; what was counted as theirs before is made nobody's."""
        user_id = signed_in(call)
        if await self.choice(call) == counted:
            return counted

        async def work(tx: Tx) -> None:
            if (await repository.unnamed(tx, (user_id,))).get(user_id):
                raise NotFound
            await repository.choose(tx, user_id, counted=counted)
            if not counted:
                await self._begin(tx, user_id, whole=False)

        await self._db.write(work)
        await self._gathering.forget_now()
        return counted

    async def left(self, tx: Tx, user_id: int) -> None:
        """Somebody is going: what comes of them from now on is nobody's."""
        await repository.leave(tx, user_id)

    async def erase(self, call: Call, user_id: int) -> None:
        """Leave nothing of a person. Raises Unavailable while it is not done."""
        if not call.system:
            raise NotFound

        async def work(tx: Tx) -> None:
            await repository.leave(tx, user_id)
            await self._begin(tx, user_id, whole=True)

        await self._db.write(work)
        await self._gathering.forget_now()
        while exports := await repository.exports(self._db, user_id, 100):
            await self._blobs.delete([export.key for export in exports])
            ids = [export.id for export in exports]
            await self._db.write(partial(repository.drop_exports, ids=ids))
        if await repository.is_to_forget(self._db, user_id):
            raise Unavailable("Facts are still being erased.", retry_after=5)

    async def _begin(self, tx: Tx, user_id: int, *, whole: bool) -> None:
        """Have somebody forgotten; what waits names them no more as soon as this is written."""
        stand_in = await repository.forget(tx, user_id, -1 - secrets.randbits(62), whole=whole)
        await self._waiting.forget(tx, user_id, stand_in, whole=whole)
