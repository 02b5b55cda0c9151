"""A contract answers alike through every stub: local, bytes, and gRPC over loopback."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from samovar.adapters.grpc import GrpcPeer, GrpcServer, LoopbackStubs
from samovar.adapters.protobuf import from_bytes, to_bytes
from samovar.adapters.wire import WireStub
from samovar.contracts import common, graph, identity, items, posts
from samovar.contracts.reactions import REACTIONS, ReactRequest, Summary, SummaryList, UnknownReaction
from samovar.kernel.context import Call, calling, current_call
from samovar.kernel.contract import Message
from samovar.kernel.db import in_transaction
from samovar.kernel.errors import Internal, Invalid, NotFound, Unavailable
from samovar.kernel.rpc import LocalStub


class Sample:
    """A reactions service that does as it is told."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    async def react(self, *, item: common.ItemRef, type: str) -> Summary:
        self.calls.append(current_call())
        if type == "declared":
            raise UnknownReaction(fields={"type": "odd"}, item=item.id)
        if type == "hidden":
            raise NotFound
        if type == "bug":
            raise ZeroDivisionError
        return Summary(id=item.id, counts={type: 2, "чай": 1}, own=type)

    async def summaries(self, *, kind: str, ids: Any = ()) -> SummaryList:
        await asyncio.sleep(0.01)
        return SummaryList(items=tuple(Summary(id=id_) for id_ in ids))

    def __getattr__(self, name: str) -> Any:
        async def missing(**_: Any) -> Any:
            raise Unavailable

        return missing


@pytest.fixture(params=["local", "wire", "grpc"])
async def sample(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Any, Sample]]:
    target = Sample()
    if request.param == "local":
        yield LocalStub(REACTIONS, target), target
    elif request.param == "wire":
        yield WireStub(REACTIONS, target), target
    else:
        stubs = LoopbackStubs()
        yield stubs.make(REACTIONS, "", target), target
        await stubs.close()


ITEM = common.ItemRef(kind="post", id=2**62)


async def test_answers_and_the_call_arrive(sample: tuple[Any, Sample]) -> None:
    stub, target = sample
    with calling(Call(actor=7, roles=("user",), locale="ru", request_id="r1", idempotency_key="k")):
        answer = await stub.react(item=ITEM, type="like")
    assert answer == Summary(id=2**62, counts={"like": 2, "чай": 1}, own="like")
    seen = target.calls[0]
    assert (seen.actor, seen.roles, seen.locale, seen.request_id, seen.idempotency_key) == (
        7, ("user",), "ru", "r1", "k",
    )  # fmt: skip


async def test_declared_errors_come_back_as_themselves(sample: tuple[Any, Sample]) -> None:
    stub, _ = sample
    with pytest.raises(UnknownReaction) as caught:
        await stub.react(item=ITEM, type="declared")
    assert caught.value.fields == {"type": "odd"} and caught.value.data == {"item": 2**62}
    with pytest.raises(NotFound):
        await stub.react(item=ITEM, type="hidden")


async def test_a_bug_is_internal_and_says_nothing(sample: tuple[Any, Sample]) -> None:
    stub, _ = sample
    with pytest.raises(Internal) as caught:
        await stub.react(item=ITEM, type="bug")
    assert "Zero" not in str(caught.value)


async def test_no_call_starts_in_a_transaction_or_past_its_deadline(sample: tuple[Any, Sample]) -> None:
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


async def test_many_calls_at_once_all_answer(sample: tuple[Any, Sample]) -> None:
    """More than a gRPC channel bears by itself: the bulkhead queues them."""
    stub, _ = sample
    answers = await asyncio.gather(*(stub.summaries(kind="post", ids=[n]) for n in range(1500)))
    assert [answer.items[0].id for answer in answers] == list(range(1500))


async def test_the_wire_repeats_what_is_idempotent() -> None:
    """Test of the test: a service that is not idempotent although it says so is found out."""

    class Counting(Sample):
        total = 0

        async def react(self, *, item: common.ItemRef, type: str) -> Summary:
            self.total += 1
            return Summary(id=item.id, counts={"like": self.total})

    answer = await WireStub(REACTIONS, Counting()).react(item=ITEM, type="like")
    assert answer.counts == {"like": 2}, "an honest service would have answered 1"


async def test_what_does_not_fit_the_wire_is_invalid() -> None:
    stub = WireStub(REACTIONS, Sample())
    with pytest.raises(Invalid):
        await stub.react(item=common.ItemRef(kind="post", id=2**70), type="like")
    with pytest.raises(Invalid):
        await stub.react(item=ITEM, type="\ud800")


@pytest.mark.parametrize(
    "message",
    [
        posts.Post(
            id=1, text="чай", visibility=common.Scope.FOLLOWERS, in_reply_to_id=0, tags=("a", "b"),
            poll=posts.Poll(id=2, options=(posts.PollOption(title="да", votes=3),), own_votes=(0,)),
            mentions=(posts.Mention(user_id=5, username="anna"),),
        ),
        posts.Post(),
        items.Card(audience=common.Audience(scope=common.Scope.MENTIONED, people=(1, 2**62))),
        graph.RelationshipList(items=(graph.Relationship(user_id=1, following=True),)),
        identity.LoginRequest(name="a", password="b", otp=""),
        ReactRequest(item=ITEM, type="x"),
    ],
)  # fmt: skip
def test_messages_survive_their_bytes(message: Message) -> None:
    assert from_bytes(to_bytes(message), type(message)) == message


async def test_unsigned_foreign_and_stale_calls_are_refused() -> None:
    def may_call(caller: str, contract: Any) -> bool:
        return caller == "posts"

    server = GrpcServer({"reactions": (REACTIONS, Sample())}, "the secret", may_call)
    port = await server.start("127.0.0.1:0")
    try:
        for secret, caller, works in (
            ("the secret", "posts", True), ("the secret", "feed", False), ("a guess", "posts", False),
        ):  # fmt: skip
            peer = GrpcPeer(f"127.0.0.1:{port}", secret)
            stub = peer.stub(REACTIONS, "", caller)
            if works:
                assert (await stub.react(item=ITEM, type="like")).own == "like"
            else:
                with pytest.raises(Unavailable):
                    await stub.react(item=ITEM, type="like")
            await peer.close()
    finally:
        await server.stop(0)


async def test_a_peer_that_is_gone_is_unavailable_and_then_left_alone() -> None:
    peer = GrpcPeer("127.0.0.1:1", "s")
    stub = peer.stub(REACTIONS, "", "posts")
    for _ in range(5):
        with pytest.raises(Unavailable):
            await stub.react(item=ITEM, type="like")
    began = asyncio.get_running_loop().time()
    with pytest.raises(Unavailable):
        await stub.react(item=ITEM, type="like")
    assert asyncio.get_running_loop().time() - began < 0.05, "the breaker is open"
    await peer.close()
