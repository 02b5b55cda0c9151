"""Two edge processes' worth before one community: in world `real` they hear each other through Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from tests.edge.live import Edge, serving, token_of
from tests.world import World

EVENTS, CUTS = 400, 20


@asynccontextmanager
async def another(world: World) -> AsyncIterator[Edge]:
    """A second edge; where signals go by Redis, with a connection of its own."""
    async with AsyncExitStack() as stack:
        instead = {}
        if world.kind == "real":
            from samovar.adapters.redis import RedisPubSub, connect
            from tests.servers import given

            first = world.house.backends.pubsub
            assert isinstance(first, RedisPubSub)
            link = connect(given("redis"), prefix=first._link.key(""))
            stack.push_async_callback(link.close)
            pubsub = instead["pubsub"] = RedisPubSub(link)
            await pubsub.start()
            stack.push_async_callback(pubsub.stop)
        edge = await stack.enter_async_context(serving(world, **instead))
        if world.kind == "real":
            assert await pubsub.settled(10)
        yield edge


async def test_nothing_is_missed_by_who_is_cut_and_comes_back_elsewhere(world: World) -> None:
    anna = await world.person("anna")
    await anna.realtime.listen()
    token, position, got = await token_of(world, "anna"), 0, list[int]()

    async def speak() -> None:
        for number in range(EVENTS):
            await world.system.realtime.append(user_ids=[anna.id], type="test", data=str(number))

    async with serving(world) as one, another(world) as two:
        speaking = asyncio.create_task(speak())
        for cut in range(CUTS + 1):
            upto = EVENTS if cut == CUTS else (cut + 1) * EVENTS // (CUTS + 1)
            async with (one, two)[cut % 2].client(token, after=position) as client:
                while position < upto:
                    message = await client.until("event")
                    got.append(message["data"])
                    position = message["n"]
                client.socket.transport.abort()
        await speaking
    assert got == list(range(EVENTS))


async def test_what_happens_at_one_edge_is_heard_at_the_other(world: World) -> None:
    anna = await world.person("anna")
    grant = await world.stranger.identity.login(
        name="anna", password="a quiet kettle hums", device="", browser=False
    )
    token = grant.access_token
    async with (
        serving(world) as one,
        another(world) as two,
        one.client(token) as here,
        two.client(token) as there,
    ):
        await here.hello()
        await there.hello()
        await world.system.realtime.append(user_ids=[anna.id], type="test", data="1")
        assert (await here.until("event"))["data"] == (await there.until("event"))["data"] == 1
        await anna.identity.revoke_session(session_id=grant.session_id)
        assert (await here.closed(), await there.closed()) == (4401, 4401)
