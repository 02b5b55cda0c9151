"""One process: services by configuration, the edge over them, started and drained in order."""

import asyncio
import contextlib
import fcntl
import gc
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog

from samovar import __version__
from samovar.app.backends import backends_of
from samovar.app.config import Config
from samovar.app.house import House
from samovar.app.registry import all_services
from samovar.app.shipping import shipped
from samovar.app.watch import watched
from samovar.kernel import telemetry
from samovar.kernel.clock import Clock, SystemClock
from samovar.kernel.service import called_elsewhere, check_events_stay
from samovar.kernel.settings import SettingsError

log = structlog.get_logger(__name__)
EDGE = "edge"
#: Seconds between saying that this process drains and taking no more calls.
LEAVE = 1.0


@contextlib.contextmanager
def alone(data: Path) -> Any:
    """Hold the data folder: two processes on one SQLite life would each believe to be the only one."""
    with (data / "samovar.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError(f"{data} is in use by another Samovar process.") from None
        file.write(str(os.getpid()))
        file.flush()
        yield


@asynccontextmanager
async def house_of(
    config: Config,
    *,
    present: list[str] | None = None,
    clock: Clock | None = None,
    durable: bool = True,
    process: str = "all",
    **instead: Any,
) -> AsyncIterator[House]:
    """The house over the backends that the settings name, migrated but not yet working in the background.

    `instead` names backends to be replaced. Without `durable` a power cut may cost the last commits.
    """
    services = all_services()
    here = [service.name for service in services] if present is None else present
    async with backends_of(config, clock or SystemClock(), here, durable=durable, **instead) as backends:
        house = House(
            services, backends, config.source, site=config.site, secret=config.secret, present=present,
            remote=_remote(config), process=process,
        )  # fmt: skip
        house.health.add("database", lambda: backends.engine.alive)
        await house.migrate()
        yield house


def _remote(config: Config) -> Any:
    """Stubs of services elsewhere. gRPC is imported only when one is configured."""
    made: dict[str, Any] = {}

    def remote(contract: Any, instance: str, service: str, caller: str) -> Any:
        target = getattr(config.peers, service, "")
        if not target:
            raise SettingsError(f"{service} is not in this process: set [peers] {service}.")
        from samovar.adapters.grpc import GrpcPeer

        # Services at one address are one peer: calls to them travel together.
        if target not in made:
            made[target] = GrpcPeer(target, config.secret, service)
        return made[target].stub(contract, instance, caller)

    return remote


def chosen(config: Config, services: str | None) -> tuple[list[str], bool]:
    """Which services to host, and whether the edge is among them. Raises SettingsError."""
    names = [service.name for service in all_services()]
    asked = [part.strip() for part in (services or config.process.services).split(",") if part.strip()]
    if asked == ["*"]:
        return names, True
    for name in asked:
        if name not in (*names, EDGE):
            raise SettingsError(f"services: there is no {name!r}; choose of {', '.join((*names, EDGE))}.")
    return [name for name in names if name in asked], EDGE in asked


async def serve(
    config: Config, host: str, port: int, services: str | None = None, *, demo: bool = False
) -> None:
    """Serve until told to stop. SIGTERM drains; a second signal quits at once."""
    present, with_edge = chosen(config, services)
    if not config.kafka.servers:
        check_events_stay(all_services(), present)
    if config.alone and 0 < len(present) < len(all_services()):
        # check_events_stay lets through slices that hear nothing of the rest.
        log.warning("a slice on SQLite: its data folder can't be shared with the other processes")
    _check_peers(config, present, with_edge)
    if demo and len(present) < len(all_services()):
        raise SettingsError("--demo needs all services in this process.")
    with watched(config, process_name(present, with_edge)):
        if not await _serve_present(config, present, host, port, with_edge, unless_empty=demo):
            await _fill_aside(config)
            await _serve_present(config, present, host, port, with_edge)


def _check_peers(config: Config, present: list[str], with_edge: bool) -> None:
    """Raises SettingsError when a service that is called from here is nowhere. The edge calls all of them."""
    services = all_services()
    called = [one.name for one in services] if with_edge else called_elsewhere(services, present)
    nowhere = [name for name in called if name not in present and not getattr(config.peers, name, "")]
    if nowhere:
        raise SettingsError(
            f"[peers] {', '.join(nowhere)}: called by this process, and not in it. Set their addresses, or "
            f"host them here too."
        )


def process_name(present: list[str], with_edge: bool) -> str:
    """How logs, traces and reports call this process."""
    if len(present) == len(all_services()):
        return "all" if with_edge else "services"
    return "+".join([*present, *([EDGE] if with_edge else [])])


async def _serve_present(
    config: Config, present: list[str], host: str, port: int, with_edge: bool, *, unless_empty: bool = False
) -> bool:
    """Serve until told to stop. False when it did not, because it was not to serve an empty community."""
    with alone(config.data) if config.alone else contextlib.nullcontext():
        async with house_of(config, present=present, process=process_name(present, with_edge)) as house:
            if unless_empty:
                from samovar.app.demo import is_empty

                if await is_empty(house):
                    return False
            await house.start()
            try:
                async with shipped(house):
                    await _serve_all(config, house, host, port, with_edge)
            finally:
                await house.stop()
    return True


async def _fill_aside(config: Config) -> None:
    """Make the sample community in a process of its own: this one is to stay small."""
    command = (sys.executable, "-m", "samovar.app.cli", "demo", "--data", str(config.data))
    child = await asyncio.create_subprocess_exec(*command)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, child.terminate)
    if await child.wait():
        raise SettingsError("The sample community was not finished; start again to make it.")


async def _serve_all(config: Config, house: House, host: str, port: int, with_edge: bool) -> None:
    telemetry.build_info.labels(__version__).set(1)
    telemetry.backup_age.set_function(lambda: _age_of(config.data / "backup.at"))
    stop = asyncio.Event()
    _on_signals(house, stop)
    rpc = None
    if config.process.listen:
        from samovar.adapters.grpc import GrpcServer

        rpc = GrpcServer(house.served(), config.secret, house.may_call, house.health.problems)
        await rpc.start(config.process.listen)
        log.info("contracts served", address=config.process.listen)
    vitals = None
    if config.process.health:
        from samovar.adapters.health_http import HealthServer

        vitals = HealthServer()
        await vitals.start(config.process.health, house.health)
    try:
        if with_edge:
            await _serve_edge(config, house, host, port, stop)
        else:
            config.source.section("edge", _edge_settings())
            config.source.check_all_asked()
            settle_memory()
            log.info("ready", services=",".join(house.present))
            await stop.wait()
    finally:
        house.health.draining = True
        if rpc is not None:
            rpc.draining()
            # Callers learn of it before their calls are refused.
            await asyncio.sleep(min(LEAVE, config.process.drain_seconds))
            await rpc.stop(config.process.drain_seconds)
        if vitals is not None:
            await vitals.stop()


def _age_of(path: Path) -> float:
    """Seconds since a file was touched; infinite when it is not there."""
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except OSError:
        return float("inf")


def _edge_settings() -> Any:
    from samovar.edge.settings import EdgeSettings

    return EdgeSettings


async def _serve_edge(config: Config, house: House, host: str, port: int, stop: asyncio.Event) -> None:
    from samovar.app.facing import edge_of
    from samovar.app.listen import http_server
    from samovar.edge.application import application

    settings = config.source.section("edge", _edge_settings())
    config.source.check_all_asked()
    edge = edge_of(house, settings, config.secret)
    app, sessions = application(edge)
    app.door.no_writes = lambda: house.backends.engine.full
    server = http_server(app, host, port, settings.head_seconds, config.process.drain_seconds)
    sessions.start()
    edge.ring.start()
    serving = asyncio.create_task(server._serve(), name="http")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has but a flag
            await asyncio.sleep(0.01)
        if not serving.done():
            settle_memory()
            log.info("ready", address=f"http://{host}:{port}", public=config.site.public_url)
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        house.health.draining = True
        app.sockets.hub.drain()
        server.should_exit = True
        await serving
    finally:
        stopping.cancel()
        await edge.ring.stop()
        await app.sockets.hub.stop()
        await app.seen.stop()
        await sessions.stop()


def settle_memory() -> None:
    """What start-up made stays for good: keep the collector from walking through it at every round."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _on_signals(house: House, stop: asyncio.Event) -> None:
    def received(name: str) -> None:
        if stop.is_set():
            log.warning("second signal, quitting at once", signal=name)
            os._exit(1)
        log.info("draining", signal=name)
        house.health.draining = True
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, received, number.name)
