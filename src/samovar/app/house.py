"""The composition root: services, given their share of the kernel, alive in one process."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from samovar.app.limiting import book_of, limiter_of
from samovar.app.operations_rpc import OperationsRpc
from samovar.contracts.operations import OPERATIONS
from samovar.kernel.blobs import Blobs
from samovar.kernel.bus import Bus
from samovar.kernel.cache import Cache
from samovar.kernel.clock import Clock
from samovar.kernel.contract import Contract
from samovar.kernel.db import Engine
from samovar.kernel.errors import Unavailable
from samovar.kernel.facts import Facts
from samovar.kernel.fulltext import FullText
from samovar.kernel.ids import Ids
from samovar.kernel.inbox import Inbox
from samovar.kernel.jobs import JobRunner
from samovar.kernel.kit import Kit, Site
from samovar.kernel.limiter import Book, Follower
from samovar.kernel.limits import Limits
from samovar.kernel.mail import Mail
from samovar.kernel.messengers import Messenger
from samovar.kernel.migrate import migrate, pending
from samovar.kernel.once import Once
from samovar.kernel.peers import Peers
from samovar.kernel.presence import Presence
from samovar.kernel.process import Health, Worker
from samovar.kernel.pubsub import PubSub
from samovar.kernel.rpc import LocalStub
from samovar.kernel.service import Built, Serves, Service, address, check_built, check_manifests
from samovar.kernel.settings import Secret, Source
from samovar.kernel.store import Db

MakeStub = Callable[[Contract[Any], str, Any], Any]
Remote = Callable[[Contract[Any], str, str, str], Any]


class Backends(msgspec.Struct, frozen=True, kw_only=True):
    """The kernel's ports, each with the implementation that configuration chose."""

    clock: Clock
    engine: Engine
    bus: Bus
    cache: Cache
    pubsub: PubSub
    limits: Limits
    presence: Presence
    blobs: Blobs
    fulltext: FullText
    mail: Mail
    messengers: Mapping[str, Messenger] = {}
    #: Where the rows of bulk services live; the same as all others' when absent.
    bulk: Engine | None = None
    #: A store made for facts; they are counted in rows when absent.
    facts: Facts | None = None

    def engine_of(self, service: Service) -> Engine:
        """Where the rows of a service live."""
        return self.bulk if service.bulk and self.bulk is not None else self.engine


def operated(service: Service) -> Service:
    """A service with what all of them serve for operators."""
    return msgspec.structs.replace(service, serves=(*service.serves, Serves(OPERATIONS, service.name)))


def local_stub(contract: Contract[Any], instance: str, target: Any) -> Any:
    """The usual stub of a service in this process."""
    return LocalStub(contract, target)


def nowhere(contract: Contract[Any], instance: str, service: str, caller: str) -> Any:
    """Stands in for services that are neither here nor configured elsewhere."""
    raise Unavailable(f"{service} is not in this process and [peers] {service} is not set.")


class House:
    """Services alive. `present` names those hosted here; the others are reached by `remote`."""

    def __init__(
        self,
        services: Sequence[Service],
        backends: Backends,
        source: Source,
        *,
        site: Site,
        secret: Secret,
        present: Sequence[str] | None = None,
        stub: MakeStub = local_stub,
        remote: Remote = nowhere,
        process: str = "all",
    ) -> None:
        services = tuple(map(operated, services))
        self.services = services
        self.present = tuple(present if present is not None else (service.name for service in services))
        check_manifests(services, self.present)
        self.backends = backends
        self.source = source
        self.site = site
        self.ids = Ids(backends.clock)
        self.health = Health()
        #: What this process is called.
        self.process = process
        self._stub = stub
        self._remote = remote
        self.peers = Peers(services, self._resolve)
        self.limiter = limiter_of(services, backends.limits, backends.clock, source)
        self.follower = Follower(self.limiter, backends.pubsub, backends.clock, self._book)
        self.built: dict[str, Built] = {}
        self.workers: dict[str, Worker] = {}
        self.kits: dict[str, Kit] = {}
        #: Migrations applied when this house was opened.
        self.migrated: list[str] = []
        for service in services:
            if service.name in self.present:
                self._build(service, source, secret)
            else:
                # One file may serve all processes: what is meant for the others is checked too.
                source.section(service.name, service.settings)

    def _build(self, service: Service, source: Source, secret: Secret) -> None:
        back = self.backends
        db = Db(service.name, back.engine_of(service), back.clock, self.ids)
        kit = Kit(
            service=service.name,
            db=db,
            clock=back.clock,
            ids=self.ids,
            peers=self.peers.of(service),
            cache=back.cache,
            pubsub=back.pubsub,
            limits=back.limits,
            limiter=self.limiter,
            presence=back.presence,
            blobs=back.blobs,
            fulltext=back.fulltext,
            mail=back.mail,
            messengers=back.messengers,
            facts=back.facts,
            once=Once(service.name, back.clock),
            settings=source.section(service.name, service.settings),
            site=self.site,
            secret=secret,
        )
        built = service.build(kit)
        inbox = Inbox(db, back.clock, built.listeners)
        worker = Worker(
            db,
            back.clock,
            back.bus,
            back.pubsub,
            inbox,
            JobRunner(db, back.clock, built.jobs),
            kit.once,
            built.loops,
        )
        desk = {address(OPERATIONS, service.name): OperationsRpc(worker, self.process)}
        built = msgspec.structs.replace(built, rpc={**built.rpc, **desk})
        check_built(service, built)
        self.kits[service.name] = kit
        self.built[service.name] = built
        self.workers[service.name] = worker
        if inbox.types:
            back.bus.subscribe(service.name, inbox.types, self._sources(inbox.types), inbox.take)

    def _sources(self, types: frozenset[str]) -> frozenset[str]:
        """The services, here and elsewhere, that publish any of these events."""
        return frozenset(
            service.name for service in self.services if any(event.TYPE in types for event in service.emits)
        )

    def _resolve(self, contract: Contract[Any], instance: str, service: str, caller: str) -> Any:
        if service in self.built:
            target = self.built[service].rpc[address(contract, instance)]
            return self._stub(contract, instance, target)
        return self._remote(contract, instance, service, caller)

    async def _book(self) -> Book:
        """What operators changed about limits."""
        return await book_of(self.peers)

    def served(self) -> Mapping[str, tuple[Contract[Any], Any]]:
        """Address to contract and implementation, of all services here."""
        return {
            served.address: (served.contract, self.built[service.name].rpc[served.address])
            for service in self.services
            if service.name in self.built
            for served in service.serves
        }

    def may_call(self, caller: str, contract: Contract[Any]) -> bool:
        """Whether a caller's manifest says that it uses a contract; the edge may use all."""
        uses = {service.name: service.uses for service in self.services}
        return caller == "edge" or contract in uses.get(caller, ())

    async def migrate(self) -> list[str]:
        """Bring the schemas of the services here up to date; answers what was applied."""
        done = []
        for service in self.services:
            if service.name in self.present:
                names = await migrate(
                    self.backends.engine_of(service), service.name, service.package, self.backends.clock.now()
                )
                done += [f"{service.name}: {name}" for name in names]
        self.migrated = done
        return done

    async def pending(self) -> list[str]:
        """Migrations not yet applied."""
        found = []
        for service in self.services:
            if service.name in self.present:
                names = await pending(self.backends.engine_of(service), service.name, service.package)
                found += [f"{service.name}: {name}" for name in names]
        return found

    async def start(self) -> None:
        """Begin the background work."""
        await self.backends.bus.start()
        for worker in self.workers.values():
            await worker.start()
        self.follower.start()
        self.health.started = True

    async def stop(self) -> None:
        """End the background work."""
        await self.follower.stop()
        for worker in self.workers.values():
            await worker.stop()
        await self.backends.bus.stop()

    async def drain(self, rounds: int = 30) -> None:
        """Do all that is due, until nothing is left. Raises RuntimeError when it never ends."""
        for _ in range(rounds):
            moved = sum([await worker.step() for worker in self.workers.values()])
            if not moved + await self.backends.bus.settle():
                return
        raise RuntimeError(f"still something to do after {rounds} rounds")
