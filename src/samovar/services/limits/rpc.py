"""The controller of limits: contract to domain and back."""

from samovar.contracts import limits as contract
from samovar.contracts.common import Done
from samovar.kernel.context import current_call
from samovar.kernel.limiter import Policy, written
from samovar.kernel.limits import Decision
from samovar.kernel.paging import page_size
from samovar.services.limits.domain import Network
from samovar.services.limits.service import LimitsService


class LimitsRpc:
    """Serves the contract."""

    def __init__(self, service: LimitsService) -> None:
        self._service = service

    async def take(self, *, action: str, cost: int = 0, key: str = "") -> contract.Decision:
        return _decision(await self._service.take(current_call(), action, cost or 1, key))

    async def look(self, *, action: str, cost: int = 0, key: str = "") -> contract.Decision:
        return _decision(await self._service.look(current_call(), action, cost or 1, key))

    async def get_book(self) -> contract.Book:
        book = await self._service.book(current_call())
        return contract.Book(
            version=book.version,
            rules=tuple(contract.ChangedRule(action=name, rule=text) for name, text in book.rules.items()),
            networks=tuple(
                contract.Network(network=one.network, stand=one.stand, reason=one.reason, until=one.until)
                for one in book.networks
            ),
        )

    async def rules(self) -> contract.RuleList:
        found = await self._service.rules(current_call())
        return contract.RuleList(items=tuple(_rule(*one) for one in found))

    async def set_rule(self, *, action: str, rule: str = "") -> contract.ActionRule:
        return _rule(*await self._service.set_rule(current_call(), action, rule))

    async def networks(self, *, cursor: str = "", limit: int = 0) -> contract.NetworkPage:
        found = await self._service.networks(current_call(), cursor, limit)
        full = len(found) == page_size(limit, usual=50)
        return contract.NetworkPage(
            items=tuple(_network(one) for one in found), next=found[-1].network if full else ""
        )

    async def block(self, *, network: str, reason: str = "", until: int = 0) -> contract.Network:
        return _network(await self._service.put(current_call(), "block", network, reason, until))

    async def allow(self, *, network: str, reason: str = "", until: int = 0) -> contract.Network:
        return _network(await self._service.put(current_call(), "allow", network, reason, until))

    async def unblock(self, *, network: str) -> Done:
        await self._service.drop(current_call(), network)
        return Done()


def _decision(value: Decision) -> contract.Decision:
    return contract.Decision(
        allowed=value.allowed, remaining=value.remaining, retry_after=value.retry_after,
        reset_after=value.reset_after,
    )  # fmt: skip


def _rule(action: str, rule: Policy, declared: Policy, changed: bool) -> contract.ActionRule:
    return contract.ActionRule(
        action=action, rule=written(rule), declared=written(declared), changed=changed
    )  # fmt: skip


def _network(value: Network) -> contract.Network:
    return contract.Network(**value._asdict())
