"""The SDK of limits: how often who may do what, decided in this process over buckets that all share.

Every part declares its actions with rules (its settings). What operators change is a `Book`, which the
limits service keeps: it comes by a signal that holds all of it, and by a slow poll in case one was lost.
While that service is away the last book holds, and before any came the declared rules do. So a decision
costs a look at a bucket and nothing else.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

import msgspec
import structlog

from samovar.kernel import telemetry
from samovar.kernel.clock import SECOND, Clock
from samovar.kernel.context import Call
from samovar.kernel.errors import RateLimited
from samovar.kernel.limits import Decision, Limits, Rule
from samovar.kernel.pubsub import PubSub

log = structlog.get_logger(__name__)

#: Where the whole book is told when it changes.
CHANNEL: Final = "limits.book"
#: Seconds between two looks at the book.
POLL: Final = 60.0
#: What somebody is told to wait who is refused for good.
LONG: Final = 3600.0
#: Addresses whose standing is remembered.
KEPT: Final = 10_000
OFF: Final = "off"
_FREE: Final = Decision(True, 1, 0.0, 0.0)
_TEXT: Final = re.compile(
    r"(?:(\d{1,7}) at once, )?(\d{1,7}(?:\.\d{1,3})?) a minute(?:, per (person|session|address))?"
)


class Policy(msgspec.Struct, frozen=True):
    """A rule and whose bucket it fills. Without a rule nothing is limited."""

    rule: Rule | None
    #: "person", "session" or "address"; strangers are always counted by address.
    per: str = "person"


class Listed(msgspec.Struct, frozen=True):
    """A network that is never limited ("allow") or not served at all ("block")."""

    network: str
    stand: str
    reason: str = ""
    #: When it ends, in microseconds; 0 is never.
    until: int = 0


class Book(msgspec.Struct, frozen=True):
    """What operators changed. A later one has a higher version."""

    version: int = 0
    rules: Mapping[str, str] = {}
    networks: tuple[Listed, ...] = ()


def policy(burst: int, per_minute: float) -> Policy:
    """The policy of two settings; none of either turns it off."""
    return Policy(Rule(burst, per_minute) if burst and per_minute else None)


def read_policy(text: str) -> Policy:
    """The policy that a text says, such as "20 at once, 2 a minute, per session". Raises ValueError."""
    text = " ".join(text.split())
    if text == OFF:
        return Policy(None)
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no rule: write `20 at once, 2 a minute` or `off`")
    per_minute = float(found[2])
    burst = int(found[1]) if found[1] else max(1, int(per_minute))
    if not burst or not per_minute:
        raise ValueError(f"{text!r} lets nobody through: write `off` for no limit")
    return Policy(Rule(burst, per_minute), found[3] or "person")


def read_rules(text: str) -> dict[str, Policy]:
    """Policies by action of a setting like "post = 60 a minute; search = off". Raises ValueError."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        action, _, rule = part.partition("=")
        found[action.strip()] = read_policy(rule)
    return found


def written(policy: Policy) -> str:
    """The text that `read_policy` reads."""
    if policy.rule is None:
        return OFF
    per = "" if policy.per == "person" else f", per {policy.per}"
    return f"{policy.rule.burst} at once, {policy.rule.per_minute:g} a minute{per}"


@lru_cache(10_000)
def network_of(address: str) -> str:
    """Whom an address is counted with: itself, or for IPv6 the /64 that one household has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64] or "unknown"
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed) >> 64 << 64, 64)))


class Limiter:
    """Decides. Every service and the edge has the one of its process."""

    def __init__(self, buckets: Limits, clock: Clock, declared: Mapping[str, Policy]) -> None:
        self._buckets = buckets
        self._clock = clock
        self.declared = dict(declared)
        self.book = Book()
        self._policies = dict(declared)
        self._networks: list[tuple[IPv4Network | IPv6Network, Listed]] = []
        self._standing: dict[str, Listed | None] = {}
        self._allowed = {name: telemetry.limit_decisions.labels(name, "allowed") for name in declared}
        self._refused = {name: telemetry.limit_decisions.labels(name, "refused") for name in declared}

    def learn(self, book: Book) -> None:
        """Go by this book from now on, unless a later one is known."""
        if book.version < self.book.version:
            return
        self.book = book
        policies = dict(self.declared)
        for action, text in book.rules.items():
            if action in policies:  # another release may know other actions
                with contextlib.suppress(ValueError):
                    policies[action] = read_policy(text)
        self._policies = policies
        networks = [(ip_network(one.network), one) for one in book.networks]
        # The narrowest says most; of two alike the one that lets through.
        self._networks = sorted(networks, key=lambda pair: (-pair[0].prefixlen, pair[1].stand))
        self._standing = {}

    def policy(self, action: str) -> Policy:
        """The policy in force. Raises LookupError for an action that nobody declared."""
        return self._policies[action]

    def standing(self, address: str) -> Listed | None:
        """How an address is listed, if it is."""
        if not self._networks:
            return None
        found = self._standing.get(address, _UNKNOWN)
        if found is _UNKNOWN:
            found = self._find(address)
            if len(self._standing) >= KEPT:
                self._standing.clear()
            self._standing[address] = found
        if found is not None and found.until and found.until <= self._clock.now():
            del self._standing[address]
            found = self._find(address)
        return found

    def _find(self, address: str) -> Listed | None:
        try:
            parsed = ip_address(address)
        except ValueError:
            return None
        mapped = getattr(parsed, "ipv4_mapped", None)
        now = self._clock.now()
        for network, listed in self._networks:
            if (mapped or parsed) in network and (not listed.until or listed.until > now):
                return listed
        return None

    async def take(self, action: str, call: Call, cost: int = 1, *, key: str = "") -> Decision:
        """Take tokens for an action of the caller, or of `key` where it counts by something else. A cost of
        0 only looks. The system and listed friends are never refused, blocked networks always."""
        found = self._policies[action]
        if found.rule is None or call.system:
            return _FREE
        if self._networks:
            listed = self.standing(call.address)
            if listed is not None:
                if listed.stand == "allow":
                    return _FREE
                wait = (listed.until - self._clock.now()) / SECOND if listed.until else LONG
                self._refused[action].inc()
                return Decision(False, 0, wait, wait)
        decision = await self._buckets.take(f"{action}:{key or subject(found.per, call)}", found.rule, cost)
        (self._allowed if decision.allowed else self._refused)[action].inc()
        return decision

    async def demand(self, action: str, call: Call, cost: int = 1, *, key: str = "") -> None:
        """Take tokens. Raises RateLimited, with the seconds to wait, when there are not enough."""
        decision = await self.take(action, call, cost, key=key)
        if not decision.allowed:
            raise RateLimited(retry_after=decision.retry_after)

    async def clear(self, action: str, key: str) -> None:
        """Let somebody begin anew."""
        await self._buckets.clear(f"{action}:{key}")


def subject(per: str, call: Call) -> str:
    """Whose bucket a call takes from."""
    if call.actor is None or per == "address":
        return network_of(call.address)
    return f"s{call.session}" if per == "session" and call.session else f"u{call.actor}"


_UNKNOWN: Final = Listed("", "")


class Follower:
    """Keeps the book of a process current."""

    def __init__(
        self, limiter: Limiter, pubsub: PubSub, clock: Clock, fetch: Callable[[], Awaitable[Book]]
    ) -> None:
        self._limiter = limiter
        self._clock = clock
        self._fetch = fetch
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe = pubsub.subscribe(CHANNEL, self._heard)

    def start(self) -> None:
        """Begin to look from time to time."""
        self._task = asyncio.create_task(self._poll(), name="limits-book")

    async def stop(self) -> None:
        """Hear no more."""
        self._unsubscribe()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> bool:
        """Fetch the book once. False when it is out of reach: what is known goes on to hold."""
        try:
            self._limiter.learn(await self._fetch())
        except Exception as error:  # also an address that is not set: limits go on without the service
            log.info("rules of limits not reached", error=repr(error))
            return False
        return True

    async def _poll(self) -> None:
        while True:
            await self.look()
            await self._clock.sleep(POLL)

    def _heard(self, message: bytes) -> None:
        self._limiter.learn(msgspec.json.decode(message, type=Book))
