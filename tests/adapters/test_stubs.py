"""A contract answers alike through every stub: local, bytes, and gRPC over loopback."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from samovar.adapters.grpc import LoopbackStubs
from samovar.adapters.wire import WireStub
from samovar.contracts import common
from samovar.contracts.reactions import REACTIONS, Summary, UnknownReaction
from samovar.kernel.context import Call, calling
from samovar.kernel.db import in_transaction
from samovar.kernel.errors import Internal, Invalid, NotFound, Unavailable
from samovar.kernel.rpc import LocalStub
from tests.adapters.kettle import ITEM, Kettle


@pytest.fixture(params=["local", "wire", "grpc"])
async def sample(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Any, Kettle]]:
    target = Kettle()
    if request.param == "local":
        yield LocalStub(REACTIONS, target), target
    elif request.param == "wire":
        yield WireStub(REACTIONS, target), target
    else:
        stubs = LoopbackStubs()
        yield stubs.make(REACTIONS, "", target), target
        await stubs.close()


async def test_answers_and_the_call_arrive(sample: tuple[Any, Kettle]) -> None:
    stub, target = sample
    with calling(Call(actor=7, roles=("user",), locale="ru", request_id="r1", idempotency_key="k")):
        answer = await stub.react(item=ITEM, type="like")
    assert answer == Summary(id=2**62, counts={"like": 2, "чай": 1}, own=str(os.getpid()))
    seen = target.calls[0]
    assert (seen.actor, seen.roles, seen.locale, seen.request_id, seen.idempotency_key) == (
        7, ("user",), "ru", "r1", "k",
    )  # fmt: skip


async def test_declared_errors_come_back_as_themselves(sample: tuple[Any, Kettle]) -> None:
    stub, _ = sample
    with pytest.raises(UnknownReaction) as caught:
        await stub.react(item=ITEM, type="declared")
    assert caught.value.fields == {"type": "odd"} and caught.value.data == {"item": 2**62}
    with pytest.raises(NotFound):
        await stub.react(item=ITEM, type="hidden")


async def test_a_bug_is_internal_and_says_nothing(sample: tuple[Any, Kettle]) -> None:
    stub, _ = sample
    with pytest.raises(Internal) as caught:
        await stub.react(item=ITEM, type="bug")
    assert "Zero" not in str(caught.value)


async def test_no_call_starts_in_a_transaction_or_past_its_deadline(sample: tuple[Any, Kettle]) -> None:
    stub, target = sample
    token = in_transaction.set(True)
    try:
        with pytest.raises(RuntimeError, match="open transaction"):
            await stub.react(item=ITEM, type="like")
    finally:
        in_transaction.reset(token)
    late = Call(deadline=asyncio.get_running_loop().time() - 1)
    with calling(late), pytest.raises(Unavailable):
        await stub.react(item=ITEM, type="like")
    assert target.calls == []


async def test_many_calls_at_once_all_answer(sample: tuple[Any, Kettle]) -> None:
    """More than a gRPC channel bears by itself: the bulkhead queues them."""
    stub, _ = sample
    answers = await asyncio.gather(*(stub.summaries(kind="post", ids=[n]) for n in range(3000)))
    assert [answer.items[0].id for answer in answers] == list(range(3000))


async def test_the_wire_repeats_what_is_idempotent() -> None:
    """Test of the test: a service that is not idempotent although it says so is found out."""

    class Counting(Kettle):
        total = 0

        async def react(self, *, item: common.ItemRef, type: str) -> Summary:
            self.total += 1
            return Summary(id=item.id, counts={"like": self.total})

    answer = await WireStub(REACTIONS, Counting()).react(item=ITEM, type="like")
    assert answer.counts == {"like": 2}, "an honest service would have answered 1"


async def test_what_does_not_fit_the_wire_is_invalid() -> None:
    stub = WireStub(REACTIONS, Kettle())
    with pytest.raises(Invalid):
        await stub.react(item=common.ItemRef(kind="post", id=2**70), type="like")
    with pytest.raises(Invalid):
        await stub.react(item=ITEM, type="\ud800")
