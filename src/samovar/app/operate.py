"""What operators' commands do, beside or without a running server.

A command writes through the services' own contracts. While a server runs on the same data its
relay takes the events on; without one the command does that itself.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime

import msgspec

from samovar.app.config import SECTIONS, Config
from samovar.app.house import House
from samovar.app.registry import all_services
from samovar.app.serve import alone, house_of
from samovar.contracts.delivery import DELIVERY, Attempt, Outgoing, Sent
from samovar.contracts.identity import IDENTITY, Account
from samovar.contracts.operations import OPERATIONS, Changed, DeadLetter
from samovar.edge.settings import EdgeSettings
from samovar.kernel.clock import SECOND
from samovar.kernel.context import Call, calling
from samovar.kernel.errors import NotFound
from samovar.kernel.settings import SettingsError, shown

OPERATOR = Call(caller="edge", system=True)


@asynccontextmanager
async def operating(config: Config) -> AsyncIterator[tuple[House, bool]]:
    """A house to act through, and whether no server does the work that is begun: then it is ours."""
    with ExitStack() as stack:
        by_itself = config.alone
        if by_itself:
            try:
                stack.enter_context(alone(config.data))
            except SettingsError:
                by_itself = False
        async with house_of(config) as house:
            with calling(OPERATOR):
                yield house, by_itself


@asynccontextmanager
async def _operating(config: Config) -> AsyncIterator[House]:
    """A house to act through; what was begun is carried through unless a server does it."""
    async with operating(config) as (house, by_itself):
        yield house
        if by_itself:
            await house.drain()


async def migrate(config: Config) -> list[str]:
    """Bring the database up to date; answers what was applied."""
    async with _operating(config) as house:
        return house.migrated


async def create_user(
    config: Config, username: str, email: str, password: str, roles: Sequence[str]
) -> Account:
    async with _operating(config) as house:
        identity = house.peers.get(IDENTITY)
        grant = await identity.register(
            username=username, email=email, password=password, locale=config.site.locale, device="",
            browser=False,
        )  # fmt: skip
        if not roles:
            return grant.account
        return await identity.set_roles(user_id=grant.account.id, roles=tuple(roles))


async def _find(house: House, username: str) -> Account:
    found = await house.peers.get(IDENTITY).by_username(usernames=[username.removeprefix("@")])
    if not found.items:
        raise NotFound(f"There is no {username}.")
    return found.items[0]


async def promote(config: Config, username: str, roles: Sequence[str]) -> Account:
    async with _operating(config) as house:
        account = await _find(house, username)
        return await house.peers.get(IDENTITY).set_roles(user_id=account.id, roles=tuple(roles))


async def reset_password(config: Config, username: str, password: str) -> None:
    async with _operating(config) as house:
        account = await _find(house, username)
        await house.peers.get(IDENTITY).set_password(user_id=account.id, password=password)


async def erase_again(config: Config, user_ids: Sequence[int]) -> int:
    """Delete accounts again that a restored backup brought back. Answers how many there were."""
    async with _operating(config) as house:
        identity = house.peers.get(IDENTITY)
        erased = 0
        for start in range(0, len(user_ids), 100):
            present = await identity.get_many(ids=list(user_ids[start : start + 100]))
            for account in present.items:
                await identity.erase_account(user_id=account.id)
                erased += 1
        return erased


async def dead_letters(config: Config) -> list[tuple[str, DeadLetter]]:
    """Services and their dead letters."""
    async with _operating(config) as house:
        found = []
        for service in house.peers.instances(OPERATIONS):
            page = await house.peers.get(OPERATIONS, service).dead_letters(cursor="", limit=100)
            found += [(service, letter) for letter in page.items]
        return found


async def replay(config: Config, service: str, ids: Sequence[int]) -> int:
    """Give dead letters of a service another round of tries: those named, or all."""
    return await _letters(config, service, ids, "replay")


async def drop(config: Config, service: str, ids: Sequence[int]) -> int:
    """Throw dead letters of a service away: those named, or all."""
    return await _letters(config, service, ids, "drop")


async def _letters(config: Config, service: str, ids: Sequence[int], what: str) -> int:
    async with _operating(config) as house:
        names = house.peers.instances(OPERATIONS)
        if service not in names:
            raise NotFound(f"There is no service {service}: choose of {', '.join(names)}.")
        act = getattr(house.peers.get(OPERATIONS, service), what)
        changed: Changed = await act(ids=list(ids), all=not ids)
        return changed.count


async def deliveries(config: Config, username: str, limit: int) -> tuple[Sent, ...]:
    """What was sent to somebody last, newest first."""
    async with _operating(config) as house:
        account = await _find(house, username)
        page = await house.peers.get(DELIVERY).deliveries(user_id=account.id, id="", cursor="", limit=limit)
        return page.items


def told(sent: Sent) -> list[str]:
    """A message in a line."""
    parts = (
        _clock(sent.created_at),
        sent.channel,
        sent.template,
        sent.address,
        sent.state,
        sent.reason,
        sent.id,
    )
    return [part for part in parts if part]


def told_attempt(attempt: Attempt) -> list[str]:
    """One of its tries in a line."""
    parts = (
        _clock(attempt.started_at), attempt.provider, attempt.outcome, attempt.provider_id, attempt.detail
    )  # fmt: skip
    return [part for part in parts if part]


def _clock(moment: int) -> str:
    return datetime.fromtimestamp(moment / SECOND, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


async def test_letter(config: Config, address: str) -> Sent | None:
    """Send a letter to see whether letters get out; answers what became of it, None when nothing did yet."""
    async with _operating(config) as house:
        name, nobody = f"operator:{house.ids()}", house.ids()
        letter = Outgoing(
            id=name, user_id=nobody, channel="email", address=address, template="test", category="account",
            locale=config.site.locale, priority="high",
        )  # fmt: skip
        await house.peers.get(DELIVERY).send(messages=(letter,))
    # Without a server it was tried by now; a server has its own pace.
    for _ in range(30):
        async with _operating(config) as house:
            page = await house.peers.get(DELIVERY).deliveries(user_id=nobody, id=name, cursor="", limit=1)
            if page.items and (page.items[0].attempts or page.items[0].ended_at):
                return page.items[0]
            await house.backends.clock.sleep(1)
    return None


def service_graph(form: str) -> str:
    """The services and what runs between them."""
    lines = ["flowchart LR"] if form == "mermaid" else []
    for service in all_services():
        uses = ", ".join(contract.short for contract in service.uses)
        emits = ", ".join(event.__name__ for event in service.emits)
        hears = ", ".join(event.__name__ for event in service.hears)
        if form == "mermaid":
            lines += [f"  {service.name} --> {contract.short}" for contract in service.uses]
            lines += [
                f"  {event.TYPE.split('.')[1]} -. {event.__name__} .-> {service.name}"
                for event in service.hears
            ]
        else:
            lines += [
                service.name,
                f"  uses   {uses or '-'}",
                f"  emits  {emits or '-'}",
                f"  hears  {hears or '-'}",
            ]
    return "\n".join(lines)


def sections() -> list[tuple[str, type[msgspec.Struct]]]:
    """Every section of the settings with the struct that reads it."""
    return [
        *SECTIONS, ("edge", EdgeSettings),
        *((service.name, service.settings) for service in all_services()),
    ]  # fmt: skip


def settings_text(config: Config) -> str:
    """All settings in force as TOML-like lines, secrets hidden."""
    lines = []
    for name, kind in sections():
        values = shown(config.source.section(name, kind))
        lines += [f"[{name}]", *(f"{key} = {value!r}" for key, value in values.items()), ""]
    config.source.check_all_asked()
    return "\n".join(lines)
