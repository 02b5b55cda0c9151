"""What everybody who knows who is here must do."""

from collections.abc import AsyncIterator

import pytest

from samovar.adapters.redis import RedisPresence
from samovar.kernel import presence as kernel
from samovar.kernel.clock import VirtualClock
from samovar.kernel.presence import MemoryPresence, Presence
from tests.adapters.stores import redis_link


@pytest.fixture(params=["memory", "redis"])
async def presence(request: pytest.FixtureRequest, clock: VirtualClock) -> AsyncIterator[Presence]:
    if request.param == "memory":
        yield MemoryPresence(clock)
    else:
        async with redis_link() as link:
            yield RedisPresence(link, clock)


async def test_who_is_not_heard_of_has_left(presence: Presence, clock: VirtualClock) -> None:
    await presence.touch("room", "anna", 30)
    await presence.touch("room", "борис", 60)
    await presence.touch("other", "vera", 60)
    assert list(await presence.members("room", 10)) == ["борис", "anna"]
    assert await presence.count("room") == 2
    clock.advance(29)
    await presence.touch("room", "anna", 30)
    clock.advance(29)
    assert list(await presence.members("room", 10)) == ["борис", "anna"]
    clock.advance(1)
    assert list(await presence.members("room", 10)) == ["борис"] or await presence.count("room") == 0
    clock.advance(1)
    assert (list(await presence.members("room", 10)), await presence.count("room")) == ([], 0)


async def test_who_leaves_is_gone_at_once(presence: Presence) -> None:
    await presence.touch("room", "anna", 30)
    await presence.leave("room", "anna")
    await presence.leave("room", "anna")
    await presence.leave("nowhere", "anna")
    assert await presence.count("room") == 0
    await presence.touch("room", "anna", 30)
    assert list(await presence.members("room", 1)) == ["anna"]


async def test_a_touch_never_shortens(presence: Presence, clock: VirtualClock) -> None:
    """Of two windows of a person the one that stays open counts."""
    await presence.touch("room", "anna", 60)
    await presence.touch("room", "anna", 5)
    await presence.touch("room", "boris", 0)
    clock.advance(59)
    assert list(await presence.members("room", 10)) == ["anna"]
    assert await presence.count("room") == 1


async def test_a_list_is_bounded(presence: Presence) -> None:
    for number in range(50):
        await presence.touch("room", f"m{number:02}", 60 + number)
    assert list(await presence.members("room", 3)) == ["m49", "m48", "m47"]
    assert list(await presence.members("room", 0)) == []
    assert await presence.count("room") == 50
    assert (list(await presence.members("nobody", 5)), await presence.count("nobody")) == ([], 0)


async def test_memory_forgets_channels_that_nobody_asks_for(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "SWEEP", 20)
    presence = MemoryPresence(clock)
    for number in range(200):
        await presence.touch(f"room {number}", "anna", 1)
        clock.advance(1)
    assert len(presence._channels) <= 40


async def test_redis_forgets_channels_that_nobody_asks_for(clock: VirtualClock) -> None:
    async with redis_link() as link:
        presence = RedisPresence(link, clock)
        await presence.touch("room", "anna", 600)
        await presence.touch("room", "boris", 5)
        assert 600_000 <= await link.ask("PTTL", link.key("here:room")) <= 660_000
        clock.advance(10)
        await presence.touch("room", "vera", 5)
        assert await link.ask("ZCARD", link.key("here:room")) == 2
