"""Live connections over a real server on loopback: who gets in, what arrives, and how each ends."""

import asyncio
import json
from typing import Any

import pytest

from samovar.contracts.common import ItemRef, Scope
from samovar.contracts.realtime import Position, Signal, Told
from samovar.kernel.contract import encode
from tests.edge.live import Client, serving, token_of
from tests.services.posts.helpers import write
from tests.world import PASSWORD, World


async def append(world: World, user_id: int, number: int) -> None:
    await world.system.realtime.append(user_ids=[user_id], type="test", data=str(number))


async def test_events_arrive_in_order_with_their_numbers(world: World) -> None:
    anna = await world.person("anna")
    async with serving(world) as edge, edge.client(await token_of(world, "anna")) as client:
        assert await client.hello() == 0
        for number in range(3):
            await append(world, anna.id, number)
        got = [await client.until("event") for _ in range(3)]
        assert [(message["n"], message["type"], message["data"]) for message in got] == [
            (1, "test", 0), (2, "test", 1), (3, "test", 2),
        ]  # fmt: skip


async def test_a_client_goes_on_where_its_line_was_cut(world: World) -> None:
    anna = await world.person("anna")
    token = await token_of(world, "anna")
    got: list[int] = []
    async with serving(world) as edge:
        async with edge.client(token) as client:
            await client.hello()
        for cut in range(10):
            async with edge.client(token, after=client.number) as client:
                assert await client.hello() == 20 * cut
                for number in range(20 * cut, 20 * cut + 10):
                    await append(world, anna.id, number)
                got += [(await client.until("event"))["data"] for _ in range(10)]
            for number in range(20 * cut + 10, 20 * cut + 20):
                await append(world, anna.id, number)
            if cut == 5:  # comes back and goes before it has read anything
                async with edge.client(token, after=client.number):
                    pass
            async with edge.client(token, after=client.number) as client:
                await client.hello()
                got += [(await client.until("event"))["data"] for _ in range(10)]
    assert got == list(range(200))


@pytest.mark.settings(SAMOVAR_REALTIME__KEPT="3")
async def test_a_client_that_missed_too_much_is_told_of_the_gap(world: World) -> None:
    anna = await world.person("anna")
    token = await token_of(world, "anna")
    async with serving(world) as edge:
        async with edge.client(token) as client:
            await client.hello()
        for number in range(9):
            await append(world, anna.id, number)
        world.clock.advance(700)
        await world.drain()
        async with edge.client(token, after=0) as client:
            assert (await client.until("gap"))["n"] == 9
            await append(world, anna.id, 9)
            assert (await client.until("event"))["n"] == 10
        async with edge.client(token, after=6) as client:
            assert [(await client.until("event"))["n"] for _ in range(4)] == [7, 8, 9, 10]


async def test_a_lost_signal_delays_an_event_and_loses_none(world: World) -> None:
    anna = await world.person("anna")
    async with serving(world) as edge, edge.client(await token_of(world, "anna")) as client:
        await client.hello()
        deaf = edge.hub._unsubscribe
        deaf()
        await append(world, anna.id, 1)
        await append(world, anna.id, 2)
        await edge.hub.sweep()
        assert [(await client.until("event"))["n"] for _ in range(2)] == [1, 2]


async def test_what_comes_while_the_log_is_read_is_not_left_behind(world: World) -> None:
    anna = await world.person("anna")

    def signal(number: int) -> bytes:
        numbers = (Position(user_id=anna.id, number=number),)
        return encode(Signal(told=(Told(type="test", data=str(number), numbers=numbers),)))

    async with serving(world) as edge, edge.client(await token_of(world, "anna")) as client:
        await client.hello()
        edge.hub._unsubscribe()
        realtime, read, go_on = edge.hub.edge.realtime, asyncio.Event(), asyncio.Event()

        class Slow:
            async def since(self, **asked: Any) -> Any:
                found = await realtime.since(**asked)
                read.set()
                await go_on.wait()
                return found

            def __getattr__(self, name: str) -> Any:
                return getattr(realtime, name)

        edge.hub.edge.realtime = Slow()
        for number in (1, 2):
            await append(world, anna.id, number)
        edge.hub.on_signal(signal(2))
        await read.wait()
        await append(world, anna.id, 3)
        edge.hub.on_signal(signal(3))
        await asyncio.sleep(0)
        go_on.set()
        assert [(await client.until("event"))["n"] for _ in range(3)] == [1, 2, 3]


async def test_what_is_missing_before_an_event_is_read_from_the_log(world: World) -> None:
    anna = await world.person("anna")
    async with serving(world) as edge, edge.client(await token_of(world, "anna")) as client:
        await client.hello()
        edge.hub._unsubscribe()
        for number in (1, 2, 3):
            await append(world, anna.id, number)
        numbers = (Position(user_id=anna.id, number=3),)
        late = encode(Signal(told=(Told(type="test", data="3", numbers=numbers),)))
        for _ in range(2):
            edge.hub.on_signal(late)
        assert [(await client.until("event"))["data"] for _ in range(3)] == [1, 2, 3]
        edge.hub.on_signal(late)
        await client.ask("ping")
        assert (await client.next())["t"] == "pong"


async def test_counts_replies_and_new_posts_reach_who_looks_at_them(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await write(anna, "tea?")
    await world.drain()
    channel = f"item:post:{post.id}"
    async with serving(world) as edge, edge.client(await token_of(world, "boris")) as client:
        await client.hello()
        heard = await client.hear("public", channel, "item:post:1", "item:nothing:1", "nonsense")
        assert heard["channels"] == ["public", channel]
        assert heard["refused"] == ["item:post:1", "item:nothing:1", "nonsense"]
        await boris.reactions.react(item=ItemRef(kind="post", id=post.id), type="like")
        await world.drain()
        counts = await client.until("told", channel=channel, type="counts")
        assert counts["data"] == {"reactions": {"like": 1}, "replies": 0, "reposts": 0, "quotes": 0}
        reply = await write(anna, "anybody?", in_reply_to_id=post.id)
        await world.drain()
        told = await client.until("told", type="reply")
        assert (told["channel"], told["data"]["id"]) == (channel, str(reply.id))
        assert (await client.until("told", type="counts"))["data"]["replies"] == 1
        fresh = await write(anna, "cake!")
        await world.drain()
        assert (await client.until("told", channel="public"))["data"]["id"] == str(fresh.id)
        await anna.posts.delete(id=post.id)
        await world.drain()
        assert (await client.until("told", type="removed"))["channel"] == channel
        await client.ask("leave", channels=["public"])
        await write(anna, "jam!")
        await world.drain()
        await client.ask("ping")
        assert (await client.next())["t"] == "pong"


async def test_of_closed_items_only_those_hear_who_may_see_them(world: World) -> None:
    anna, boris, _clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    await boris.graph.follow(user_id=anna.id)
    post = await write(anna, "for friends", scope=Scope.FOLLOWERS)
    await world.drain()
    channel = f"item:post:{post.id}"
    async with (
        serving(world) as edge,
        edge.client(await token_of(world, "boris")) as friend,
        edge.client(await token_of(world, "clara")) as other,
    ):
        assert (await friend.hear("public", channel))["refused"] == []
        assert (await other.hear("public", channel))["refused"] == [channel]
        await anna.reactions.react(item=ItemRef(kind="post", id=post.id), type="like")
        await world.drain()
        await friend.until("told", type="counts")
        # Blocked: the channel is taken away, and nothing more is heard.
        await anna.graph.block(user_id=boris.id)
        await world.drain()
        assert (await friend.until("left"))["channels"] == [channel]
        await write(anna, "closed again", scope=Scope.FOLLOWERS)
        await anna.reactions.unreact(item=ItemRef(kind="post", id=post.id), type="like")
        await world.drain()
        for client in (friend, other):
            await client.ask("ping")
            assert (await client.next())["t"] == "pong"


async def test_a_reply_for_fewer_people_is_not_told_to_the_whole_thread(world: World) -> None:
    anna, _boris, _clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    post = await write(anna, "tea?")
    await world.drain()
    channel = f"item:post:{post.id}"
    async with (
        serving(world) as edge,
        edge.client(await token_of(world, "boris")) as named,
        edge.client(await token_of(world, "clara")) as other,
    ):
        for client in (named, other):
            await client.hear(channel)
        await write(anna, "@boris between us", scope=Scope.MENTIONED, in_reply_to_id=post.id)
        await world.drain()
        await named.until("told", type="reply")
        assert (await other.until("told"))["type"] == "counts"


@pytest.mark.settings(SAMOVAR_REALTIME__WIDE_ABOVE="1")
async def test_whom_very_many_follow_is_told_without_the_log(world: World) -> None:
    anna, boris, clara = [await world.person(name) for name in ("anna", "boris", "clara")]
    daria = await world.person("daria")
    for person in (boris, clara):
        await person.graph.follow(user_id=anna.id)
    await world.drain()
    async with (
        serving(world) as edge,
        edge.client(await token_of(world, "boris")) as one,
        edge.client(await token_of(world, "clara")) as two,
        edge.client(await token_of(world, "daria")) as other,
    ):
        for client in (one, two, other):
            await client.hello()
        post = await write(anna, "tea")
        await world.drain()
        for client in (one, two):
            assert (await client.until("told", channel="home"))["data"]["id"] == str(post.id)
        await other.ask("ping")
        assert (await other.next())["t"] == "pong"
        assert daria.id in edge.hub.people


async def test_of_the_muted_one_hears_nothing_but_the_number(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await boris.graph.follow(user_id=anna.id)
    await boris.graph.mute(user_id=anna.id)
    await world.drain()
    async with serving(world) as edge, edge.client(await token_of(world, "boris")) as client:
        await client.hear("public")
        await write(anna, "tea")
        await world.drain()
        message = await client.until("event")
        assert (message["n"], message["type"], message["data"]) == (1, "pass", None)


async def test_presence(world: World) -> None:
    anna = await world.person("anna")
    post = await write(anna, "tea?")
    channel = f"item:post:{post.id}"
    async with serving(world) as edge, edge.client(await token_of(world, "anna")) as client:
        await client.hello()
        await client.ask("here", channel=channel)
        await client.ask("who", channel=channel)
        here = await client.until("here")
        assert (here["people"], here["count"]) == ([str(anna.id)], 1)
        await client.ask("gone", channel=channel)
        await client.ask("who", channel=channel)
        assert (await client.until("here"))["count"] == 0
        await client.ask("who", channel="item:post:1")
        assert (await client.until("heard"))["refused"] == ["item:post:1"]


async def test_who_gets_in(world: World) -> None:
    await world.person("anna")
    grant = await world.stranger.identity.login(name="anna", password=PASSWORD, device="", browser=True)
    async with serving(world) as edge:
        own = f"http://127.0.0.1:{edge.port}"

        async def code(**options: Any) -> int:
            async with Client(edge.address(), **options) as client:
                return await client.closed()

        header = {"cookie": f"samovar={grant.cookie_token}"}
        assert await code() == 4403
        assert await code(origin=own) == 4401
        assert await code(origin=own, additional_headers={"cookie": "samovar=wrong"}) == 4401
        assert await code(additional_headers=header) == 4403
        assert await code(origin="https://elsewhere.example", additional_headers=header) == 4403
        assert await code(subprotocols=["samovar", "bearer.wrong"]) == 4401
        assert await code(additional_headers={"authorization": "Bearer wrong"}) == 4401
        async with Client(edge.address(), origin=own, additional_headers=header) as client:
            await client.hello()
        token = await token_of(world, "anna")
        async with Client(edge.address(), additional_headers={"authorization": f"Bearer {token}"}) as client:
            await client.hello()
        async with edge.client(token) as client:
            assert client.socket.subprotocol == "samovar"


async def test_an_ended_session_ends_its_sockets_and_no_others(world: World) -> None:
    anna = await world.person("anna")
    grant = await world.stranger.identity.login(name="anna", password=PASSWORD, device="", browser=False)
    async with (
        serving(world) as edge,
        edge.client(grant.access_token) as one,
        edge.client(await token_of(world, "anna")) as two,
    ):
        await one.hello()
        await two.hello()
        await anna.identity.revoke_session(session_id=grant.session_id)
        assert await one.closed() == 4401
        await two.ask("ping")
        assert (await two.next())["t"] == "pong"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("", 4400), ("no json", 4400), ("[]", 4400), ('{"do":"dance"}', 4400), (b"\x00", 4400),
        ('{"do":"hear","channels":7}', 4400), ("[" * 4000, 4400), ('{"do":"who","channel":"x"}', 4400),
        (json.dumps({"do": "hear", "channels": ["x"] * 51}), 4400), ('{"do":"' + "a" * 5000 + '"}', 1009),
    ],
)  # fmt: skip
async def test_what_is_no_message_of_ours_ends_the_socket(world: World, sent: str | bytes, code: int) -> None:
    await world.person("anna")
    async with serving(world) as edge, edge.client(await token_of(world, "anna")) as client:
        await client.hello()
        await client.socket.send(sent)
        assert await client.closed() == code


@pytest.mark.settings(SAMOVAR_EDGE__SOCKETS_PER_PERSON="2", SAMOVAR_EDGE__SOCKETS="3")
async def test_how_many_sockets_there_are(world: World) -> None:
    for name in ("anna", "boris", "clara"):
        await world.person(name)
    token = await token_of(world, "anna")
    async with (
        serving(world) as edge,
        edge.client(token) as one,
        edge.client(token) as two,
        edge.client(await token_of(world, "boris")) as three,
    ):
        for client in (one, two, three):
            await client.hello()
        async with edge.client(await token_of(world, "clara")) as full:
            assert await full.closed() == 1013
        await three.socket.close()
        async with edge.client(token) as many:
            assert await many.closed() == 4429


@pytest.mark.settings(SAMOVAR_EDGE__SOCKET_MESSAGES="1")
async def test_a_client_that_talks_too_much_is_sent_away(world: World) -> None:
    await world.person("anna")
    async with serving(world) as edge, edge.client(await token_of(world, "anna")) as client:
        await client.hello()
        for _ in range(10):
            await client.ask("ping")
        assert await client.closed() == 4429


@pytest.mark.settings(SAMOVAR_EDGE__CHANNELS_PER_SOCKET="2")
async def test_a_socket_listens_to_so_many_channels(world: World) -> None:
    anna = await world.person("anna")
    channels = [f"item:post:{(await write(anna, f'{n}')).id}" for n in range(3)]
    async with serving(world) as edge, edge.client(await token_of(world, "anna")) as client:
        assert await client.hear(*channels) == {
            "t": "heard", "channels": channels[:2], "refused": channels[2:],
        }  # fmt: skip


async def test_a_slow_reader_is_sent_away_and_harms_nobody(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    async with (
        serving(world) as edge,
        edge.client(await token_of(world, "anna"), max_queue=1) as slow,
        edge.client(await token_of(world, "boris")) as quick,
    ):
        await slow.hello()
        await quick.hello()
        (line,) = edge.hub.people[anna.id].lines
        data = json.dumps("x" * 900)
        for _ in range(8000):
            await world.system.realtime.append(user_ids=[anna.id], type="test", data=data)
            if line.closed:
                break
            await asyncio.sleep(0)
        assert line.closed, "nobody noticed"
        await append(world, boris.id, 1)
        assert (await quick.until("event"))["data"] == 1
        # It reads at last: all that was on its way, and why there is no more.
        assert await slow.closed() == 4408


async def test_going_away_is_said_politely(world: World) -> None:
    await world.person("anna")
    async with serving(world) as edge, edge.client(await token_of(world, "anna")) as client:
        await client.hello()
        edge.hub.drain()
        assert await client.closed() == 1012


async def test_who_is_silent_for_long_is_taken_to_be_gone(world: World) -> None:
    anna = await world.person("anna")
    async with serving(world) as edge, edge.client(await token_of(world, "anna")) as client:
        await client.hello()
        (line,) = edge.hub.people[anna.id].lines
        now = asyncio.get_running_loop().time()
        edge.hub._ping_some(now)
        await client.ask("ping")
        await client.until("pong")
        assert not line.closed
        edge.hub._ping_some(now + 100)
        edge.hub._ping_some(now + 200)
        assert await client.closed() == 4408
