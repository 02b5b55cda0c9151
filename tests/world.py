"""A world to test in: the whole product alive in this process, behind its promised interfaces.

`embedded` calls services directly; `wire` sends every call through bytes, repeats idempotent calls
and delivers events twice, interleaved across keys; `grpc` puts every service behind a loopback
gRPC server; `real` stands on real servers. All share the virtual clock.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import apsw
import httpx
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from samovar.adapters.sqlite import SqliteEngine
from samovar.app.backends import BULK, close_outgoing, embedded
from samovar.app.facing import edge_of
from samovar.app.house import House, local_stub
from samovar.app.outgoing import outgoing
from samovar.app.registry import all_services
from samovar.contracts.analytics import ANALYTICS, AnalyticsApi
from samovar.contracts.delivery import DELIVERY, DeliveryApi
from samovar.contracts.feed import FEED, FeedApi
from samovar.contracts.graph import GRAPH, GraphApi
from samovar.contracts.identity import IDENTITY, IdentityApi
from samovar.contracts.limits import LIMITS, LimitsApi
from samovar.contracts.logs import LOGS, LogsApi
from samovar.contracts.media import MEDIA, MediaApi
from samovar.contracts.moderation import MODERATION, ModerationApi
from samovar.contracts.notifications import NOTIFICATIONS, NotificationsApi
from samovar.contracts.posts import POSTS, PostsApi
from samovar.contracts.profiles import PROFILES, ProfilesApi
from samovar.contracts.reactions import REACTIONS, ReactionsApi
from samovar.contracts.realtime import REALTIME, RealtimeApi
from samovar.contracts.search import SEARCH, SearchApi
from samovar.edge.application import application
from samovar.edge.gateway.gateway import Gateway
from samovar.edge.settings import EdgeSettings
from samovar.edge.web.render import Renderer
from samovar.kernel.bus import LocalBus
from samovar.kernel.clock import VirtualClock
from samovar.kernel.context import Call, calling
from samovar.kernel.contract import Contract
from samovar.kernel.db import Engine, QueryCounter, counting
from samovar.kernel.kit import Site
from samovar.kernel.outbox import Envelope
from samovar.kernel.settings import Secret, Source
from samovar.services.delivery.settings import DeliverySettings
from tests import parsed

PASSWORD = "a quiet kettle hums"

#: Cheap passwords, and room for tests that register many people from one address.
SETTINGS = {
    "SAMOVAR_IDENTITY__ARGON_MEMORY_KIB": "8",
    "SAMOVAR_IDENTITY__ARGON_PASSES": "1",
    "SAMOVAR_IDENTITY__REGISTER_BURST": "100000",
}


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for all the worlds of a process."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


Renderer.compiled = CompiledTemplates()
parsed.remember()


class TwiceBus(LocalBus):
    """Delivers every event twice, the second time one by one with keys interleaved."""

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        await super().publish(envelopes)
        by_key: dict[str, list[Envelope]] = {}
        for envelope in envelopes:
            by_key.setdefault(envelope.key, []).append(envelope)
        queues = list(by_key.values())
        while queues:
            for queue in queues:
                await super().publish([queue.pop(0)])
            queues = [queue for queue in queues if queue]


class _As:
    """Calls a contract as one person."""

    def __init__(self, api: Any, call: Call) -> None:
        self._api = api
        self._call = call

    def __getattr__(self, name: str) -> Any:
        async def run(**arguments: Any) -> Any:
            # A fresh memo for each call, as each request has its own.
            with calling(
                Call(**{f: getattr(self._call, f) for f in self._call.__struct_fields__ if f != "memo"})
            ):
                return await getattr(self._api, name)(**arguments)

        return run


class Person:
    """The contracts, as one person calls them."""

    def __init__(self, world: "World", call: Call) -> None:
        self.world = world
        self.call = call
        self.id = call.actor or 0
        self.username = ""

    def _as(self, contract: Contract[Any]) -> Any:
        return _As(self.world.house.peers.get(contract), self.call)

    @property
    def identity(self) -> IdentityApi:
        return self._as(IDENTITY)

    @property
    def profiles(self) -> ProfilesApi:
        return self._as(PROFILES)

    @property
    def graph(self) -> GraphApi:
        return self._as(GRAPH)

    @property
    def posts(self) -> PostsApi:
        return self._as(POSTS)

    @property
    def media(self) -> MediaApi:
        return self._as(MEDIA)

    @property
    def reactions(self) -> ReactionsApi:
        return self._as(REACTIONS)

    @property
    def feed(self) -> FeedApi:
        return self._as(FEED)

    @property
    def notifications(self) -> NotificationsApi:
        return self._as(NOTIFICATIONS)

    @property
    def delivery(self) -> DeliveryApi:
        return self._as(DELIVERY)

    @property
    def realtime(self) -> RealtimeApi:
        return self._as(REALTIME)

    @property
    def search(self) -> SearchApi:
        return self._as(SEARCH)

    @property
    def analytics(self) -> AnalyticsApi:
        return self._as(ANALYTICS)

    @property
    def moderation(self) -> ModerationApi:
        return self._as(MODERATION)

    @property
    def limits(self) -> LimitsApi:
        return self._as(LIMITS)

    @property
    def logs(self) -> LogsApi:
        return self._as(LOGS)

    def of(self, contract: Contract[Any], instance: str) -> Any:
        """A contract that several serve, such as items of a kind."""
        return _As(self.world.house.peers.get(contract, instance), self.call)


class World:
    """Everything alive. Strangers call through `world.stranger`, the system through `world.system`."""

    def __init__(self, folder: Path, kind: str, settings: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.kind = kind
        self.settings = settings or {}
        self.clock = VirtualClock()
        #: Backends that a test puts in place of the usual ones, by name, before the start.
        self.instead: dict[str, Any] = {}
        self._edge: Gateway | None = None

    async def start(self, template: Path) -> None:
        self._stack = AsyncExitStack()
        stub = await self._stubs()
        if self.kind == "real":
            from tests import real

            self.engine = await real.engine(self._stack, self._house)
            others = await real.others(self._stack, self.clock)
            self.house = self._house(self.engine, stub, others)
            await others["bus"].start()
        else:
            await self._start_embedded(template, stub)
        for worker in self.house.workers.values():
            await worker.jobs.start()
        self.house.health.started = True

    async def _start_embedded(self, template: Path, stub: Any) -> None:
        engines = []
        for name in ("samovar.db", BULK):
            kept = template.with_name(f"{template.name}-{name}")
            if kept.exists():
                shutil.copy(kept, self.folder / name)
            engine = SqliteEngine(self.folder / name, durable=False)
            await engine.start()
            self._stack.push_async_callback(engine.close)
            engines.append((kept, engine))
        self.engine, bulk = (engine for _, engine in engines)
        self.instead = {"bulk": bulk} | self.instead
        self.house = self._house(self.engine, stub)
        if not all(kept.exists() for kept, _ in engines):
            await self.house.migrate()
            for kept, engine in engines:
                engine._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                partial = kept.with_suffix(f".{id(self)}")
                shutil.copy(self.folder / engine.path.name, partial)
                partial.replace(kept)

    def _house(self, engine: Engine, stub: Any = local_stub, others: dict[str, Any] | None = None) -> House:
        bus = TwiceBus() if self.kind == "wire" else LocalBus()
        source = Source(None, SETTINGS | self.settings)
        out = outgoing(
            source.section("delivery", DeliverySettings), self.folder, "samovar@localhost", self.clock
        )
        backends = embedded(
            self.clock, engine, self.folder, **({"bus": bus} | out | (others or {}) | self.instead)
        )
        self._stack.push_async_callback(close_outgoing, backends)
        return House(
            all_services(),
            backends,
            source,
            site=Site(),
            secret=Secret("test secret"),
            stub=stub,
        )

    async def _stubs(self) -> Any:
        if self.kind == "wire":
            from samovar.adapters.wire import WireStub

            return lambda contract, instance, target: WireStub(contract, target)
        if self.kind == "grpc":
            from samovar.adapters.grpc import LoopbackStubs

            stubs = LoopbackStubs()
            self._stack.push_async_callback(stubs.close)
            return stubs.make
        return local_stub

    async def close(self) -> None:
        await self._stack.aclose()

    async def drain(self) -> None:
        """Relay, inboxes and jobs until nothing is due."""
        await self.house.drain()

    def as_(self, user_id: int, *roles: str, session: int | None = None) -> Person:
        """The contracts as that person calls them."""
        return Person(self, Call(actor=user_id, roles=roles or ("user",), session=session))

    async def stored(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that is in the tables: rows with their columns, by table."""
        if self.kind == "real":
            from tests import real

            return await real.stored()
        found: dict[str, list[dict[str, Any]]] = {}
        for name in ("samovar.db", BULK):
            connection = apsw.Connection(str(self.folder / name))
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
            for (table,) in tables:
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
                rows = connection.execute(f"SELECT * FROM {table}").fetchall()
                found.setdefault(table, []).extend(dict(zip(columns, row, strict=True)) for row in rows)
            connection.close()
        return found

    @property
    def edge(self) -> Gateway:
        """The edge over this world, as one ASGI application."""
        if self._edge is None:
            settings = Source(None, self.settings).section("edge", EdgeSettings)
            edge = edge_of(self.house, settings, Secret("test secret"))
            self._edge, self.sessions = application(edge)
        return self._edge

    def http(self, token: str = "", **headers: str) -> httpx.AsyncClient:
        """A client of the edge: an app when given an access token, else a stranger's program."""
        if token:
            headers["authorization"] = f"Bearer {token}"
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.edge),
            base_url="http://localhost:8000",
            headers=headers,
            follow_redirects=False,
        )

    def browser(self) -> httpx.AsyncClient:
        """A client that keeps cookies and says, as browsers do, that a request is its own page's."""
        return self.http(**{"sec-fetch-site": "same-origin", "accept": "text/html", "accept-language": "en"})

    @property
    def stranger(self) -> Person:
        return Person(self, Call(address="203.0.113.7"))

    @property
    def system(self) -> Person:
        return Person(self, Call(caller="test", system=True))

    async def person(self, username: str, *roles: str, drain: bool = True) -> Person:
        """A new member, registered as everybody is."""
        grant = await self.stranger.identity.register(
            username=username,
            email=f"{username}@example.org",
            password=PASSWORD,
            locale="en",
            device="",
            browser=False,
        )
        person = self.as_(grant.account.id, *roles, session=grant.session_id)
        person.username = username
        if drain:
            await self.drain()
        return person

    @contextmanager
    def queries(self, max: int) -> Iterator[QueryCounter]:
        """Fail when the block runs more statements than `max`."""
        counter = QueryCounter()
        token = counting.set(counter)
        try:
            yield counter
        finally:
            counting.reset(token)
        # `wire` repeats idempotent calls, so their statements too.
        assert counter.count <= max or self.kind == "wire", "\n".join(counter.log)
