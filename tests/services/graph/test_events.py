"""What graph tells the others, read from the bus."""

from collections.abc import Sequence

import pytest

from samovar.contracts.graph import FollowCreated, FollowRemoved, FollowRequested, UserBlocked
from samovar.kernel.contract import Event, decode
from samovar.kernel.outbox import Envelope
from tests.world import World


@pytest.fixture
async def told(world: World) -> list[Event]:
    """Graph's events, as they reach the bus for the first time."""
    heard: dict[int, Event] = {}
    kinds = {kind.TYPE: kind for kind in (FollowCreated, FollowRemoved, FollowRequested, UserBlocked)}
    events: list[Event] = []

    async def take(envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            if envelope.type in kinds and envelope.id not in heard:
                heard[envelope.id] = decode(envelope.payload, kinds[envelope.type])
                events.append(heard[envelope.id])

    world.house.backends.bus.subscribe("ear", frozenset(kinds), frozenset({"graph"}), take)
    return events


async def test_each_change_is_told_once(world: World, told: list[Event]) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    now = world.clock.now()
    for _ in range(2):
        await anna.graph.follow(user_id=boris.id)
    await world.drain()
    assert told == [FollowCreated(follower_id=anna.id, followee_id=boris.id, created_at=now)]
    told.clear()

    await boris.graph.follow(user_id=anna.id)
    await world.drain()
    told.clear()
    for _ in range(2):
        await anna.graph.block(user_id=boris.id)
    await world.drain()
    assert set(told) == {
        FollowRemoved(follower_id=anna.id, followee_id=boris.id),
        FollowRemoved(follower_id=boris.id, followee_id=anna.id),
        UserBlocked(user_id=anna.id, blocked_id=boris.id),
    }
    assert len(told) == 3


async def test_requests_and_their_answers_are_told(world: World, told: list[Event]) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await boris.graph.set_privacy(private=True)
    for _ in range(2):
        await anna.graph.follow(user_id=boris.id)
    await world.drain()
    assert told == [FollowRequested(follower_id=anna.id, followee_id=boris.id)]
    await boris.graph.accept(user_id=anna.id)
    await world.drain()
    assert isinstance(told[-1], FollowCreated) and len(told) == 2
    await boris.graph.remove_follower(user_id=anna.id)
    await world.drain()
    assert told[-1] == FollowRemoved(follower_id=anna.id, followee_id=boris.id)
