"""The manifest: what a service is called, serves, uses, emits, hears and keeps."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from samovar.kernel.contract import Contract, Event
from samovar.kernel.inbox import Heard
from samovar.kernel.jobs import Jobs
from samovar.kernel.limiter import Policy

if TYPE_CHECKING:
    from samovar.kernel.kit import Kit


class NoSettings(msgspec.Struct, frozen=True):
    """For services that have none."""


class Serves(msgspec.Struct, frozen=True):
    """One contract that a service serves. Contracts served by several carry an instance's name."""

    contract: Contract[Any]
    instance: str = ""

    @property
    def address(self) -> str:
        return address(self.contract, self.instance)


def address(contract: Contract[Any], instance: str = "") -> str:
    """`posts`, or `items:post` for a contract that several serve."""
    return f"{contract.short}:{instance}" if instance else contract.short


class Loop(Protocol):
    """Work that comes of itself and may wait long for others outside. Each loop of a service runs apart:
    what one waits for holds nothing else up."""

    async def step(self) -> int:
        """Do all that is due; answers how much it was."""
        ...


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """A service come alive."""

    #: The object behind each address of `serves`.
    rpc: Mapping[str, Any]
    listeners: Sequence[Heard] = ()
    jobs: Jobs = Jobs()
    loops: Sequence[Loop] = ()


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One bounded context."""

    name: str
    serves: tuple[Serves, ...]
    #: Contracts it calls.
    uses: tuple[Contract[Any], ...] = ()
    emits: tuple[type[Event], ...] = ()
    hears: tuple[type[Event], ...] = ()
    settings: type[msgspec.Struct] = NoSettings
    #: What it limits: rules by action, of its settings. Operators see and change them in one place.
    limits: Callable[[Any], Mapping[str, Policy]] | None = None
    #: What it holds of a person, in words; empty when nothing. Then it serves samovar.personal.
    personal_data: str = ""
    #: Embedded, its rows live in a second file: many small facts neither wait for members' writes nor hold
    #: them up. In PostgreSQL it has a schema like every other.
    bulk: bool = False
    build: Callable[["Kit"], Built]

    @property
    def package(self) -> str:
        return f"samovar.services.{self.name}"


class ManifestError(Exception):
    """Manifests don't fit together; the message says where."""


def check_manifests(services: Sequence[Service], present: Sequence[str]) -> None:
    """Raises ManifestError unless everything used is served and everything heard is emitted."""
    served = {served.contract.name for service in services for served in service.serves}
    emitted = {event for service in services for event in service.emits}
    for service in services:
        if service.name not in present:
            continue
        for contract in service.uses:
            if contract.name not in served:
                raise ManifestError(f"{service.name} uses {contract.name}, which nobody serves.")
        for event in service.hears:
            if event not in emitted:
                raise ManifestError(f"{service.name} hears {event.TYPE}, which nobody emits.")
        erases = any(served.contract.short == "personal" for served in service.serves)
        if bool(service.personal_data) != erases:
            raise ManifestError(
                f"{service.name} must declare personal data and serve its erasure, or neither."
            )


def check_events_stay(services: Sequence[Service], present: Sequence[str]) -> None:
    """Raises ManifestError when an event would have to leave the process over a bus that can't."""
    for emitter in services:
        for listener in services:
            crossing = set(emitter.emits) & set(listener.hears)
            if crossing and (emitter.name in present) != (listener.name in present):
                event = min(crossing, key=lambda event: event.TYPE)
                raise ManifestError(
                    f"{listener.name} hears {event.__name__} of {emitter.name}, and events leave a process "
                    f"over Kafka only: set [kafka] servers, or host both here or neither."
                )


def called_elsewhere(services: Sequence[Service], present: Sequence[str]) -> list[str]:
    """Services in other processes that those in this one call."""
    used = {contract.name for service in services if service.name in present for contract in service.uses}
    return [
        service.name
        for service in services
        if service.name not in present and any(served.contract.name in used for served in service.serves)
    ]


def check_built(service: Service, built: Built) -> None:
    """Raises ManifestError unless a service does what its manifest says."""
    missing = {served.address for served in service.serves} ^ set(built.rpc)
    if missing:
        raise ManifestError(f"{service.name}: manifest and build() differ on {', '.join(sorted(missing))}.")
    heard = {item.event for item in built.listeners}
    if heard != set(service.hears):
        names = ", ".join(sorted(event.__name__ for event in heard ^ set(service.hears)))
        raise ManifestError(f"{service.name}: manifest and listeners differ on {names}.")
