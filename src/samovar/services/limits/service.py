"""Use cases of limits."""

from typing import Final

import msgspec

from samovar.contracts.limits import NetworkListed, RuleChanged, UnknownAction
from samovar.kernel.authz import may, require
from samovar.kernel.context import Call
from samovar.kernel.db import Reads
from samovar.kernel.errors import Conflict, Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.limiter import CHANNEL, Book, Listed, Policy, read_policy, written
from samovar.kernel.limits import Decision
from samovar.kernel.paging import page_size
from samovar.kernel.store import Tx
from samovar.services.limits import domain, repository
from samovar.services.limits.domain import Network

MOST: Final = 1_000_000


class LimitsService:
    """What can be done about limits."""

    def __init__(self, kit: Kit) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._pubsub = kit.pubsub
        self._limiter = kit.limiter
        self._most = kit.settings.networks

    async def take(self, call: Call, action: str, cost: int, key: str) -> Decision:
        """Decide for another program. Raises UnknownAction, Invalid."""
        if action not in self._limiter.declared:
            raise UnknownAction
        if not 0 <= cost <= MOST:
            raise Invalid(fields={"cost": "This is too much at once."})
        if key and call.system:
            # Whoever acts for somebody is refused what they would be.
            call = msgspec.structs.replace(call, system=False)
            return await self._limiter.take(action, call, cost, key=key[:200])
        return await self._limiter.take(action, call, cost)

    async def look(self, call: Call, action: str, cost: int, key: str) -> Decision:
        """Whether it could be done now; takes nothing."""
        full = await self.take(call, action, 0, key)
        rule = self._limiter.policy(action).rule
        if rule is None or not full.allowed or full.remaining >= cost:
            return full
        wait = (cost - full.remaining) / rule.per_minute * 60
        return Decision(False, full.remaining, wait, full.reset_after)

    async def book(self, call: Call) -> Book:
        """All that operators changed. Raises NotFound for all but the system."""
        if not call.system:
            raise NotFound
        return await self._book(self._db)

    async def rules(self, call: Call) -> list[tuple[str, Policy, Policy, bool]]:
        """Action, rule in force, declared rule, whether an operator changed it."""
        require(call, "system.see")
        changed = await repository.rules(self._db)
        return [self._rule(action, changed.get(action, "")) for action in sorted(self._limiter.declared)]

    async def set_rule(self, call: Call, action: str, rule: str) -> tuple[str, Policy, Policy, bool]:
        """Change a rule, or forget the change. Raises UnknownAction, Invalid."""
        self._may_change(call)
        if action not in self._limiter.declared:
            raise UnknownAction
        try:
            text = written(read_policy(rule)) if rule.strip() else ""
        except ValueError:
            raise Invalid(
                fields={"rule": "Write a rule such as “20 at once, 2 a minute”, or “off”."}
            ) from None

        async def work(tx: Tx) -> None:
            if text:
                await repository.set_rule(tx, action, text, self._clock.now())
            else:
                await repository.unset_rule(tx, action)
            await tx.publish(RuleChanged(action=action, rule=text, by_id=call.actor or 0))
            await self._changed(tx)

        await self._db.write(work)
        return self._rule(action, text)

    async def networks(self, call: Call, cursor: str, limit: int) -> list[Network]:
        """Networks on the list."""
        require(call, "system.see")
        return await repository.networks(self._db, cursor[:64], page_size(limit, usual=50))

    async def put(self, call: Call, stand: str, text: str, reason: str, until: int) -> Network:
        """Put a network on the list. Raises Invalid, Conflict."""
        self._may_change(call)
        now = self._clock.now()
        listed = Network(domain.network(text), stand, domain.reason(reason), domain.until(until, now), now)
        if stand == "block" and call.address and domain.holds(listed.network, call.address):
            raise Conflict("Your own address is in this network: you would shut yourself out.")

        async def work(tx: Tx) -> None:
            if await repository.others(tx, listed.network) >= self._most:
                raise Conflict("The list is full. Take networks off it first, or list wider ones.")
            await repository.put(tx, listed)
            await tx.publish(
                NetworkListed(network=listed.network, stand=stand, until=listed.until, by_id=call.actor or 0)
            )
            await self._changed(tx)

        await self._db.write(work)
        return listed

    async def drop(self, call: Call, text: str) -> None:
        """Take a network off the list; done as well when it is not on it."""
        self._may_change(call)
        network = domain.network(text)

        async def work(tx: Tx) -> None:
            if await repository.drop(tx, network):
                await tx.publish(NetworkListed(network=network, stand="", by_id=call.actor or 0))
                await self._changed(tx)

        await self._db.write(work)

    async def forget_expired(self) -> None:
        """Take networks off the list whose time is over."""

        async def work(tx: Tx) -> None:
            if await repository.drop_expired(tx, self._clock.now()):
                await self._changed(tx)

        await self._db.write(work)

    async def _changed(self, tx: Tx) -> None:
        """Tell every process, once it is so. This one goes by it before whoever changed it has an answer."""
        await repository.rise(tx)
        book = await self._book(tx)

        async def tell() -> None:
            self._limiter.learn(book)
            await self._pubsub.publish(CHANNEL, msgspec.json.encode(book))

        tx.after(tell)

    async def _book(self, db: Reads) -> Book:
        listed = await repository.networks(db, "", self._most)
        return Book(
            await repository.version(db),
            await repository.rules(db),
            tuple(Listed(one.network, one.stand, one.reason, one.until) for one in listed),
        )

    def _rule(self, action: str, changed: str) -> tuple[str, Policy, Policy, bool]:
        declared = self._limiter.declared[action]
        return action, read_policy(changed) if changed else declared, declared, bool(changed)

    def _may_change(self, call: Call) -> None:
        if not may(call, "rules.change"):
            require(call, "system.run")
