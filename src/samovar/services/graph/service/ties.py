"""Steps inside a write that several use cases share: ties made and undone, counted and told of."""

from samovar.contracts.graph import FollowCreated, FollowRemoved, FollowRequestRemoved
from samovar.kernel.errors import NotFound, Unauthenticated
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.graph import repository
from samovar.services.graph.clients import Accounts
from samovar.services.graph.domain import FOLLOW, REQUEST, Person


class Ties:
    """The ground on which the use cases stand."""

    def __init__(self, kit: Kit, accounts: Accounts) -> None:
        self._kit = kit
        self._accounts = accounts

    async def must_exist(self, user_id: int) -> None:
        """Raises NotFound unless there is such a person. Asks identity only about people unheard of."""
        person = await repository.person(self._kit.db, user_id)
        if person is None and not await self._accounts.exists(user_id):
            raise NotFound
        if person is not None and person.gone:
            raise NotFound

    async def both(self, tx: Tx, actor: int, target: int) -> tuple[Person, Person]:
        """The rows of two people who are about to have to do with each other. Raises when one has left."""
        await repository.ensure(tx, actor, target)
        one, other = await repository.person(tx, actor), await repository.person(tx, target)
        assert one is not None and other is not None
        if one.gone:
            raise Unauthenticated
        if other.gone:
            raise NotFound
        return one, other

    async def start_following(self, tx: Tx, follower: int, followee: int) -> None:
        """Make a follow that was not there, in place of a request when there was one."""
        await repository.tie(tx, FOLLOW, follower, followee, self._kit.ids())
        await repository.untie(tx, REQUEST, follower, followee)
        await repository.count_follows(tx, [follower], [followee], 1)
        await tx.publish(
            FollowCreated(follower_id=follower, followee_id=followee, created_at=self._kit.clock.now())
        )

    async def stop_asking(self, tx: Tx, follower: int, followee: int) -> None:
        """Undo a request that was there."""
        await repository.untie(tx, REQUEST, follower, followee)
        await tx.publish(FollowRequestRemoved(follower_id=follower, followee_id=followee))

    async def stop_following(self, tx: Tx, follower: int, followee: int) -> None:
        """Undo a follow that was there."""
        await repository.untie(tx, FOLLOW, follower, followee)
        await repository.count_follows(tx, [follower], [followee], -1)
        await tx.publish(FollowRemoved(follower_id=follower, followee_id=followee))
