"""Every contract is implemented as it was promised."""

import importlib
import inspect
from collections.abc import AsyncIterator
from typing import Any, get_type_hints

import pytest

from samovar.app.house import House
from samovar.kernel.contract import Contract
from tests.architecture.source import PACKAGE
from tests.world import World

CONTRACTS = sorted(path.stem for path in (PACKAGE / "contracts").glob("*.py") if path.stem != "__init__")


def promised(contract: Contract[Any]) -> Any:
    """The protocol of a contract."""
    module = importlib.import_module(f"samovar.contracts.{contract.short}")
    return getattr(module, contract.name.rpartition(".")[2] + "Api")


def shape(function: Any) -> list[tuple[str, object, bool, object]]:
    """Parameters of a method, and what it answers: name, kind, whether it may be left out, type."""
    hints = get_type_hints(function)
    parameters = inspect.signature(function).parameters.values()
    found: list[tuple[str, object, bool, object]] = [
        (p.name, p.kind, p.default is not inspect.Parameter.empty, hints.get(p.name))
        for p in parameters
        if p.name != "self"
    ]
    return [*found, ("->", None, False, hints.get("return"))]


def keeps(made: Any, promise: Any) -> bool:
    """Whether a method is as promised; it may let its callers leave out more."""
    ours, theirs = shape(made), shape(promise)
    return [(name, kind, hint) for name, kind, _, hint in ours] == [
        (name, kind, hint) for name, kind, _, hint in theirs
    ] and all(mine[2] >= its[2] for mine, its in zip(ours, theirs, strict=True))


def differences(house: House) -> list[str]:
    """Where an implementation is not what its contract says."""
    found = []
    for address, (contract, implementation) in house.served().items():
        protocol = promised(contract)
        for method in contract.methods.values():
            made = getattr(type(implementation), method.name, None)
            where = f"{address}: {type(implementation).__name__}.{method.name}"
            if made is None:
                found.append(f"{where} is missing")
            elif not keeps(made, getattr(protocol, method.name)):
                found.append(f"{where} takes or answers something else than {protocol.__name__} says")
            elif method.streaming != inspect.isasyncgenfunction(made):
                found.append(f"{where} must {'' if method.streaming else 'not '}stream")
    return found


async def test_every_method_of_every_contract_is_there_as_promised(world: World) -> None:
    assert not differences(world.house), "\n".join(differences(world.house))


@pytest.mark.parametrize("name", CONTRACTS)
def test_calls_name_messages_of_their_own_and_answer_with_messages(name: str) -> None:
    module = importlib.import_module(f"samovar.contracts.{name}")
    for contract in vars(module).values():
        if isinstance(contract, Contract):
            protocol = promised(contract)
            for method in contract.methods.values():
                hints = get_type_hints(getattr(protocol, method.name))
                answer = AsyncIterator[method.response] if method.streaming else method.response  # type: ignore[name-defined]
                assert hints["return"] == answer, f"{contract.name}.{method.name}"
                fields = set(method.request.__struct_fields__)
                assert set(hints) - {"return"} == fields, f"{contract.name}.{method.name}"
