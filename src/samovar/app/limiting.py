"""The limiter of a process: what its parts declare, and where its book comes from."""

from collections.abc import Sequence

from samovar.contracts.limits import LIMITS
from samovar.edge.settings import EdgeSettings
from samovar.kernel.clock import Clock
from samovar.kernel.context import Call, calling
from samovar.kernel.limiter import Book, Limiter, Listed, Policy, read_rules
from samovar.kernel.limits import Limits
from samovar.kernel.peers import Peers
from samovar.kernel.service import Service
from samovar.kernel.settings import SettingsError, Source
from samovar.services.limits.settings import LimitsSettings


def limiter_of(services: Sequence[Service], buckets: Limits, clock: Clock, source: Source) -> Limiter:
    """The limiter by the settings of all parts, also of those in other processes. Raises SettingsError."""
    declared: dict[str, Policy] = dict(source.section("edge", EdgeSettings).limits())
    for service in services:
        if service.limits is not None:
            declared |= service.limits(source.section(service.name, service.settings))
    try:
        chosen = read_rules(source.section("limits", LimitsSettings).rules)
    except ValueError as error:
        raise SettingsError(f"[limits] rules: {error}.") from error
    for action, policy in chosen.items():
        if action not in declared:
            raise SettingsError(
                f"[limits] rules: nothing is limited as {action!r}; there are {', '.join(sorted(declared))}."
            )
        declared[action] = policy
    return Limiter(buckets, clock, declared)


async def book_of(peers: Peers) -> Book:
    """What operators changed. Raises AppError when the service is out of reach."""
    with calling(Call(caller="edge", system=True)):
        found = await peers.get(LIMITS).get_book()
    return Book(
        found.version,
        {one.action: one.rule for one in found.rules},
        tuple(Listed(one.network, one.stand, one.reason, one.until) for one in found.networks),
    )
