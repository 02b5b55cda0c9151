"""What happens between processes: several addresses, deaths, drains, silence, too much at once, forgery."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import msgspec
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from samovar.adapters.grpc import Breaker, GrpcPeer, GrpcServer, WireCall, path_of, sign_call
from samovar.adapters.grpc.addresses import Addresses
from samovar.adapters.grpc.breaker import BREAK_AFTER, BREAK_FOR, RetryBudget
from samovar.adapters.grpc.bulkhead import Bulkhead
from samovar.adapters.grpc.signing import CALL_KEY, SIGNATURE_KEY
from samovar.adapters.protobuf import from_bytes, to_bytes
from samovar.contracts.reactions import REACTIONS, ReactRequest, SummariesRequest, Summary, UnknownReaction
from samovar.kernel import telemetry
from samovar.kernel.context import Call, calling
from samovar.kernel.contract import Contract, Method
from samovar.kernel.errors import Internal, TooLarge, Unavailable
from samovar.kernel.settings import SettingsError
from tests.adapters.kettle import ITEM, SECRET, Kettle, kettle_process
from tests.serving import free_port


def server_of(target: Any, problems: Callable[[], Any] = tuple) -> GrpcServer:
    return GrpcServer(
        {"reactions": (REACTIONS, target)}, SECRET, lambda caller, contract: caller != "feed", problems
    )


@pytest.fixture
async def served() -> AsyncIterator[tuple[Kettle, GrpcServer, str]]:
    kettle = Kettle()
    server = server_of(kettle)
    port = await server.start("127.0.0.1:0")
    yield kettle, server, f"127.0.0.1:{port}"
    await server.stop(0)


async def ask_all(stub: Any, count: int) -> list[Any]:
    return await asyncio.gather(
        *(stub.summaries(kind="post", ids=[n]) for n in range(count)), return_exceptions=True
    )


# --- several addresses ------------------------------------------------------------------------------


async def test_two_processes_share_the_load_and_the_death_of_one_fails_nothing() -> None:
    async with kettle_process(free_port()) as one, kettle_process(free_port()) as two:
        peer = GrpcPeer(f"127.0.0.1:{one.port},127.0.0.1:{two.port}", SECRET)
        stub = peer.stub(REACTIONS, "", "posts")
        await ask_all(stub, 40)
        answers = await ask_all(stub, 400)
        by = {answer.items[0].own for answer in answers}
        assert by == {str(one.process.pid), str(two.process.pid)}, "both are asked"
        # Calls one after the other go to both as well.
        alone = {(await stub.summaries(kind="post", ids=[1])).items[0].own for _ in range(6)}
        assert alone == by

        async def go_on() -> list[Any]:
            found = []
            for _ in range(30):
                found += await ask_all(stub, 30)
            return found

        going = asyncio.create_task(go_on())
        await asyncio.sleep(0.1)
        one.send(signal.SIGKILL)
        assert [answer for answer in await going if isinstance(answer, Exception)] == []
        began = time.monotonic()
        answers = await ask_all(stub, 50)
        assert {answer.items[0].own for answer in answers} == {str(two.process.pid)}
        assert time.monotonic() - began < 1, "the dead one is not even tried"
        await peer.close()


async def test_a_rolling_restart_fails_no_call_at_all() -> None:
    """Calls that must not be repeated either: a process that ends answers what it was asked."""
    ports = [free_port(), free_port()]
    kettles = [Kettle() for _ in ports]
    servers = [server_of(kettle) for kettle in kettles]
    for server, port in zip(servers, ports, strict=True):
        await server.start(f"127.0.0.1:{port}")
    peer = GrpcPeer(",".join(f"127.0.0.1:{port}" for port in ports), SECRET)
    once = Contract("samovar.reactions.v1.Reactions", methods=(Method("react", ReactRequest, Summary),))
    stub = peer.stub(once, "", "posts")
    running = True

    async def keep_asking() -> list[BaseException | int]:
        outcomes: list[BaseException | int] = []
        while running:
            try:
                await stub.react(item=ITEM, type="after 0.005")
                outcomes.append(1)
            except Unavailable as error:
                outcomes.append(error)
        return outcomes

    callers = [asyncio.create_task(keep_asking()) for _ in range(20)]
    for _ in range(2):
        for index, port in enumerate(ports):
            await asyncio.sleep(0.2)
            await servers[index].stop(5)
            await asyncio.sleep(0.1)
            kettles[index] = Kettle()
            servers[index] = server_of(kettles[index])
            await servers[index].start(f"127.0.0.1:{port}")
    await asyncio.sleep(0.2)
    running = False
    outcomes = [outcome for found in await asyncio.gather(*callers) for outcome in found]
    assert [outcome for outcome in outcomes if outcome != 1] == []
    assert len(outcomes) > 200
    for kettle in kettles:
        kettle.calls.clear()
    for _ in range(40):  # the one that came back last has its share again, two seconds later at most
        await asyncio.gather(*(stub.react(item=ITEM, type="like") for _ in range(10)))
        await asyncio.sleep(0.05)
    assert all(kettle.calls for kettle in kettles)
    await peer.close()
    for server in servers:
        await server.stop(0)


async def test_a_silent_process_is_left_for_the_other_one() -> None:
    async with kettle_process(free_port()) as one, kettle_process(free_port()) as two:
        peer = GrpcPeer(f"127.0.0.1:{one.port},127.0.0.1:{two.port}", SECRET)
        stub = peer.stub(REACTIONS, "", "posts")
        await ask_all(stub, 40)
        one.send(signal.SIGSTOP)  # it neither answers nor breaks the connection
        began = time.monotonic()
        answers = await ask_all(stub, 60)
        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        assert time.monotonic() - began < 6, "well before the deadline of ten seconds"
        await peer.close()


async def test_a_name_stands_for_all_its_addresses(served: tuple[Kettle, GrpcServer, str]) -> None:
    port = served[2].rpartition(":")[2]
    peer = GrpcPeer(f"dns:///localhost:{port}", SECRET)
    assert (await peer.stub(REACTIONS, "", "posts").react(item=ITEM, type="like")).id == ITEM.id
    await peer.close()
    lost = GrpcPeer("dns:///no-such-host.invalid:9", SECRET)
    with pytest.raises(Unavailable):
        await lost.stub(REACTIONS, "", "posts").react(item=ITEM, type="like")
    await lost.close()


@pytest.mark.parametrize("target", ["", "posts", "posts:", ":9000", "posts:http", "posts:70000", "a:1,,b:2"])
def test_a_target_that_is_none_is_refused_at_once(target: str) -> None:
    with pytest.raises(SettingsError, match="no address of a peer"):
        Addresses(target)


def test_addresses_are_read_in_every_form() -> None:
    assert Addresses("10.0.0.5:9000, 10.0.0.6:9001").found == ("ipv4:10.0.0.5:9000", "ipv4:10.0.0.6:9001")
    assert Addresses("[::1]:9000").found == ("ipv6:[::1]:9000",)
    assert Addresses("unix:/run/samovar.sock").found == ("unix:/run/samovar.sock",)
    assert Addresses("dns:///posts:9000").found == ()


# --- a peer in trouble ------------------------------------------------------------------------------


async def test_a_peer_that_is_gone_is_left_alone_and_found_again() -> None:
    port = free_port()
    peer = GrpcPeer(f"127.0.0.1:{port}", SECRET, "gone")
    stub = peer.stub(REACTIONS, "", "posts")
    gauge = telemetry.peer_breaker_open.labels("gone")._value
    for _ in range(BREAK_AFTER):
        assert gauge.get() == 0
        with pytest.raises(Unavailable) as caught:
            await stub.react(item=ITEM, type="like")
        assert caught.value.retry_after
    assert gauge.get() == 1
    began = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        await stub.react(item=ITEM, type="like")
    assert time.monotonic() - began < 0.05 and caught.value.retry_after, "the breaker is open"
    server = server_of(Kettle())
    await server.start(f"127.0.0.1:{port}")
    await asyncio.sleep(BREAK_FOR)
    assert (await stub.react(item=ITEM, type="like")).id == ITEM.id
    assert gauge.get() == 0
    await peer.close()
    await server.stop(0)


def test_a_breaker_lets_one_probe_through() -> None:
    now = [0.0]
    breaker = Breaker("b", lambda: now[0])
    for _ in range(BREAK_AFTER - 1):
        breaker.leave(breaker.enter(), ok=False)
    breaker.leave(breaker.enter(), ok=True)
    for _ in range(BREAK_AFTER):
        assert not breaker.is_open, "only failures in a row count"
        breaker.leave(breaker.enter(), ok=False)
    with pytest.raises(Unavailable):
        breaker.enter()
    now[0] = BREAK_FOR + 1
    assert breaker.enter() is True
    with pytest.raises(Unavailable):
        breaker.enter()
    breaker.leave(True, ok=None)  # its caller went away: nobody knows
    assert breaker.enter() is True
    breaker.leave(True, ok=False)
    with pytest.raises(Unavailable):
        breaker.enter()
    now[0] = 2 * BREAK_FOR + 2
    breaker.leave(breaker.enter(), ok=True)
    assert not breaker.is_open and breaker.enter() is False


async def test_refusals_of_the_service_do_not_open_the_breaker(
    served: tuple[Kettle, GrpcServer, str],
) -> None:
    peer = GrpcPeer(served[2], SECRET)
    stub = peer.stub(REACTIONS, "", "posts")
    for _ in range(BREAK_AFTER + 1):
        with pytest.raises(UnknownReaction):
            await stub.react(item=ITEM, type="declared")
        with pytest.raises(Internal):
            await stub.react(item=ITEM, type="bug")
    assert (await stub.react(item=ITEM, type="like")).id == ITEM.id
    await peer.close()


def test_retries_are_a_fifth_of_the_calls_in_the_long_run() -> None:
    budget = RetryBudget("b")
    while budget.spend():
        pass
    spent = 0
    for _ in range(1000):
        budget.earn()
        spent += budget.spend()
    assert 195 <= spent <= 200


async def test_a_call_is_over_at_its_deadline_here_and_there(served: tuple[Kettle, GrpcServer, str]) -> None:
    peer = GrpcPeer(served[2], SECRET)
    stub = peer.stub(REACTIONS, "", "posts")
    await stub.react(item=ITEM, type="like")
    loop = asyncio.get_running_loop()
    with calling(Call(deadline=loop.time() + 0.3)), pytest.raises(Unavailable) as caught:
        await stub.react(item=ITEM, type="after 60")
    assert caught.value.retry_after
    left = served[0].calls[-1].remaining()
    assert left is not None and left < 0.1
    assert (await stub.react(item=ITEM, type="like")).id == ITEM.id, "others are not held up"
    assert len(served[0].calls) == 3, "what is too late is not tried again"
    await peer.close()


# --- too much at once -------------------------------------------------------------------------------


async def test_waiting_for_a_place_ends_at_the_deadline() -> None:
    bulkhead = Bulkhead("b", places=1, waiting=2)
    loop = asyncio.get_running_loop()
    await bulkhead.enter(loop.time() + 1)
    began = loop.time()
    with pytest.raises(Unavailable) as caught:
        await bulkhead.enter(loop.time() + 0.05)
    assert 0.04 < loop.time() - began < 1 and caught.value.retry_after
    waiting = [asyncio.create_task(bulkhead.enter(loop.time() + 5)) for _ in range(2)]
    await asyncio.sleep(0.01)
    with pytest.raises(Unavailable):
        await bulkhead.enter(loop.time() + 5)  # the queue is full
    bulkhead.leave()
    await waiting[0]
    bulkhead.leave()
    await waiting[1]
    bulkhead.leave()
    await bulkhead.enter(loop.time() + 0.05)


async def test_what_is_too_large_for_the_wire_harms_nobody_else(
    served: tuple[Kettle, GrpcServer, str],
) -> None:
    peer = GrpcPeer(served[2], SECRET)
    stub = peer.stub(REACTIONS, "", "posts")
    answers = await asyncio.gather(
        stub.react(item=ITEM, type="huge"),
        *(stub.react(item=ITEM, type="like") for _ in range(5)),
        return_exceptions=True,
    )
    assert isinstance(answers[0], Internal)
    assert all(isinstance(answer, Summary) for answer in answers[1:])
    with pytest.raises(TooLarge):
        await stub.react(item=ITEM, type="x" * (15 << 20))
    await peer.close()


# --- who may call -----------------------------------------------------------------------------------

REACT = path_of(REACTIONS, "", REACTIONS.methods["react"])


def _forged(data: bytes, **changes: Any) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(msgspec.json.decode(data, type=WireCall), **changes))


def _signed(kind: str, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, bytes]:
    if kind == "stale":
        monkeypatch.setattr(time, "time", lambda real=time.time: real() - 3600)
    secret = "a guess" if kind == "another key" else SECRET
    method = "/samovar.reactions.v1.Reactions/Who" if kind == "another method" else REACT
    data, signature = sign_call(secret, "feed" if kind == "no such use" else "posts", Call(actor=7), method)
    monkeypatch.undo()
    if kind == "another actor":
        data = _forged(data, actor=8)
    if kind == "another caller":
        data = _forged(data, caller="edge")
    if kind == "garbage":
        data, signature = b"\xff{", b""
    return data, signature


KINDS = {
    "good": grpc.StatusCode.OK,
    "garbage": grpc.StatusCode.UNAUTHENTICATED,
    "another key": grpc.StatusCode.UNAUTHENTICATED,
    "another method": grpc.StatusCode.UNAUTHENTICATED,
    "another actor": grpc.StatusCode.UNAUTHENTICATED,
    "another caller": grpc.StatusCode.UNAUTHENTICATED,
    "stale": grpc.StatusCode.UNAUTHENTICATED,
    "no such use": grpc.StatusCode.PERMISSION_DENIED,
}


@pytest.mark.parametrize("kind", KINDS)
async def test_forged_foreign_and_stale_calls_are_refused(
    kind: str, served: tuple[Kettle, GrpcServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a plain gRPC client too: every method is a gRPC method."""
    data, signature = _signed(kind, monkeypatch)
    request = to_bytes(ReactRequest(item=ITEM, type="like"))
    async with grpc.aio.insecure_channel(served[2]) as channel:
        send: Any = channel.unary_unary(REACT)
        call = send(request, metadata=((CALL_KEY, data), (SIGNATURE_KEY, signature)), timeout=5)
        assert await call.code() is KINDS[kind]
        if kind == "good":
            assert from_bytes(await call, Summary).id == ITEM.id
            assert served[0].calls[0].actor == 7
    monkeypatch.setattr("samovar.adapters.grpc.peer.sign_call", lambda *_: (data, signature))
    peer = GrpcPeer(served[2], SECRET)
    stub = peer.stub(REACTIONS, "", "posts")
    if kind == "good":
        await stub.react(item=ITEM, type="like")
    else:
        with pytest.raises(Unavailable):
            await stub.react(item=ITEM, type="like")
        assert served[0].calls == []
    await peer.close()


# --- health -----------------------------------------------------------------------------------------


async def test_grpc_health_tells_of_drains_and_problems() -> None:
    problems: list[str] = []
    server = server_of(Kettle(), lambda: problems)
    port = await server.start("127.0.0.1:0")
    kinds = health_pb2.HealthCheckResponse
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)

        async def status(service: str = "") -> Any:
            return (await health.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)).status

        assert await status() == kinds.SERVING
        assert await status("samovar.reactions.v1.Reactions") == kinds.SERVING
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await status("samovar.nothing")
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
        watch = health.Watch(health_pb2.HealthCheckRequest(service=""), timeout=30)
        assert (await watch.read()).status == kinds.SERVING
        problems.append("database")
        assert await status() == kinds.NOT_SERVING
        assert (await asyncio.wait_for(watch.read(), 5)).status == kinds.NOT_SERVING
        problems.clear()
        assert await status() == kinds.SERVING
        server.draining()
        assert await status() == kinds.NOT_SERVING
        watch.cancel()
    await server.stop(0)


async def test_an_address_that_is_taken_is_said_in_one_line(served: tuple[Kettle, GrpcServer, str]) -> None:
    with pytest.raises(OSError, match=r"\[process\] listen"):
        await server_of(Kettle()).start(served[2])


# --- streams ----------------------------------------------------------------------------------------

STREAMING: Contract[Any] = Contract(
    "samovar.reactions.v1.Reactions",
    methods=(Method("summaries", SummariesRequest, Summary, streaming=True),),
    errors=(UnknownReaction,),
)


class Stream:
    async def summaries(self, *, kind: str, ids: Any = ()) -> AsyncIterator[Summary]:
        for id_ in ids:
            yield Summary(id=id_)
        if kind == "declared":
            raise UnknownReaction
        if kind == "endless":
            await asyncio.sleep(60)


async def test_a_stream_ends_with_its_error_and_at_its_deadline() -> None:
    server = GrpcServer({"reactions": (STREAMING, Stream())}, SECRET, lambda caller, contract: True)
    port = await server.start("127.0.0.1:0")
    peer = GrpcPeer(f"127.0.0.1:{port}", SECRET)
    stub = peer.stub(STREAMING, "", "posts")
    assert [item.id async for item in stub.summaries(kind="post", ids=[1, 2])] == [1, 2]
    found = []
    with pytest.raises(UnknownReaction):
        async for item in stub.summaries(kind="declared", ids=[3]):
            found.append(item.id)
    assert found == [3]
    with calling(Call(deadline=asyncio.get_running_loop().time() + 0.3)), pytest.raises(Unavailable):
        async for item in stub.summaries(kind="endless", ids=[4]):
            found.append(item.id)
    assert found == [3, 4]
    await server.stop(0)
    for _ in range(BREAK_AFTER):
        with pytest.raises(Unavailable):
            await anext(stub.summaries(kind="post", ids=[1]))
    assert peer._breaker.is_open
    await peer.close()
