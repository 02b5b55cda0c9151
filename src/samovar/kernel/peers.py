"""Contract to stub. Nothing else in a service knows where another one runs."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from samovar.kernel.contract import Contract
from samovar.kernel.errors import NotFound
from samovar.kernel.service import Service, address

Api = TypeVar("Api")


Resolve = Callable[[Contract[Any], str, str, str], Any]


class Peers:
    """Finds stubs by contract, at first use: services are built in any order."""

    def __init__(
        self,
        services: Sequence[Service],
        resolve: Resolve,
        caller: str = "edge",
        uses: frozenset[str] | None = None,
    ) -> None:
        """`resolve(contract, instance, owner, caller)` answers a stub; `uses` bounds what is given."""
        self._services = services
        self._resolve = resolve
        self._caller = caller
        self._uses = uses
        self._owner = {served.address: service.name for service in services for served in service.serves}
        self._stubs: dict[str, Any] = {}

    def of(self, service: Service) -> "Peers":
        """The same for one service, which may ask only for what its manifest says that it uses."""
        uses = frozenset(contract.name for contract in service.uses)
        return Peers(self._services, self._resolve, service.name, uses)

    def get(self, contract: Contract[Api], instance: str = "") -> Api:
        """The stub of a contract. Raises NotFound when nobody serves that instance."""
        name = address(contract, instance)
        stub = self._stubs.get(name)
        if stub is None:
            if self._uses is not None and contract.name not in self._uses:
                raise RuntimeError(f"{self._caller} does not say that it uses {contract.name}")
            owner = self._owner.get(name)
            if owner is None:
                raise NotFound(f"Nothing serves {name}.")
            stub = self._stubs[name] = self._resolve(contract, instance, owner, self._caller)
        return cast(Api, stub)

    def instances(self, contract: Contract[Any]) -> tuple[str, ...]:
        """Under which names a contract is served: kinds of content, keepers of personal data."""
        prefix = f"{contract.short}:"
        return tuple(name.removeprefix(prefix) for name in self._owner if name.startswith(prefix))


class LazyPeer:
    """Resolves `peers.get` at the first call, so that clients can be built before their peers."""

    def __init__(self, peers: Peers, contract: Contract[Any], instance: str = "") -> None:
        self._peers = peers
        self._contract = contract
        self._instance = instance

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._peers.get(self._contract, self._instance), name)
        setattr(self, name, function)
        return function


def lazy(peers: Peers, contract: Contract[Api], instance: str = "") -> Api:
    """A stub that is looked up when first called."""
    return cast(Api, LazyPeer(peers, contract, instance))
