"""Contract to stub. Nothing else in a service knows where another one runs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from samovar.kernel.contract import Contract
from samovar.kernel.errors import Unavailable
from samovar.kernel.service import Service, address

Api = TypeVar("Api")


class Peers:
    """Finds stubs by contract, at first use: services are built in any order."""

    def __init__(
        self,
        services: Sequence[Service],
        resolve: Callable[[Contract[Any], str, str], Any],
    ) -> None:
        """`resolve(contract, instance, service)` answers a stub of that service's address."""
        self._resolve = resolve
        self._owner = {served.address: service.name for service in services for served in service.serves}
        self._stubs: dict[str, Any] = {}

    def get(self, contract: Contract[Api], instance: str = "") -> Api:
        """The stub of a contract. Raises Unavailable when nobody serves that instance."""
        name = address(contract, instance)
        stub = self._stubs.get(name)
        if stub is None:
            owner = self._owner.get(name)
            if owner is None:
                raise Unavailable(f"Nothing serves {name}.")
            stub = self._stubs[name] = self._resolve(contract, instance, owner)
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


Addresses = Mapping[str, str]
