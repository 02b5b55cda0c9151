"""Rules and networks that operators change, and decisions by contract."""

import pytest

from samovar.contracts.common import Scope
from samovar.contracts.limits import UnknownAction
from samovar.kernel.clock import SECOND
from samovar.kernel.context import Call
from samovar.kernel.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited, Unauthenticated
from tests.world import Person, World


def admin(world: World, address: str = "198.51.100.1") -> Person:
    return Person(world, Call(actor=1, roles=("admin",), address=address))


async def rule_of(world: World, action: str) -> tuple[str, str, bool]:
    found = {one.action: one for one in (await admin(world).limits.rules()).items}[action]
    return found.rule, found.declared, found.changed


async def test_every_part_declares_its_rules_and_operators_change_them(world: World) -> None:
    declared = "60 at once, 30 a minute"
    assert await rule_of(world, "post") == (declared, declared, False)
    assert (await rule_of(world, "read"))[0] == "600 at once, 600 a minute"
    changed = await admin(world).limits.set_rule(action="post", rule=" 2 at once,  1 a minute, per session ")
    assert changed.rule == "2 at once, 1 a minute, per session" and changed.changed
    assert await rule_of(world, "post") == ("2 at once, 1 a minute, per session", declared, True)
    await admin(world).limits.set_rule(action="post", rule="")
    assert await rule_of(world, "post") == (declared, declared, False)


async def test_a_changed_rule_is_in_force_at_once(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    await admin(world).limits.set_rule(action="post", rule="2 at once, 1 a minute")
    for text in ("one", "two"):
        await anna.posts.create(text=text, visibility=Scope.PUBLIC, language="en")
    with pytest.raises(RateLimited) as refused:
        await anna.posts.create(text="three", visibility=Scope.PUBLIC, language="en")
    assert 55 < (refused.value.retry_after or 0) <= 60
    await boris.posts.create(text="mine", visibility=Scope.PUBLIC, language="en")
    await admin(world).limits.set_rule(action="post", rule="off")
    for number in range(70):
        await anna.posts.create(text=f"more {number}", visibility=Scope.PUBLIC, language="en")


@pytest.mark.settings(SAMOVAR_LIMITS__RULES="post = 1 a minute; react = off")
async def test_the_settings_of_limits_go_before_those_of_the_parts(world: World) -> None:
    assert (await rule_of(world, "post"))[1] == "1 at once, 1 a minute"
    assert (await rule_of(world, "react"))[1] == "off"


@pytest.mark.parametrize(
    "rule", ["many", "0 a minute", "1 at once, 0 a minute", "-1 a minute", "1 a minute, per dog", "9" * 9]
)
async def test_nonsense_is_refused(world: World, rule: str) -> None:
    with pytest.raises(Invalid) as refused:
        await admin(world).limits.set_rule(action="post", rule=rule)
    assert "rule" in refused.value.fields
    with pytest.raises(UnknownAction):
        await admin(world).limits.set_rule(action="sleep", rule="1 a minute")


async def test_who_may(world: World) -> None:
    anna = await world.person("anna")
    for caller, refusal in ((world.stranger, Unauthenticated), (anna, Forbidden),
                            (world.as_(anna.id, "moderator"), Forbidden)):  # fmt: skip
        for ask in (
            caller.limits.rules(), caller.limits.networks(), caller.limits.set_rule(action="post", rule=""),
            caller.limits.block(network="192.0.2.1"), caller.limits.allow(network="192.0.2.1"),
            caller.limits.unblock(network="192.0.2.1"),
        ):  # fmt: skip
            with pytest.raises(refusal):
                await ask
        with pytest.raises(NotFound):
            await caller.limits.get_book()


async def test_a_decision_by_contract(world: World) -> None:
    await admin(world).limits.set_rule(action="search", rule="3 at once, 6 a minute")
    other = world.system.limits
    assert (await other.look(action="search", key="robot", cost=3)).allowed
    assert not (await other.look(action="search", key="robot", cost=4)).allowed
    assert (await other.take(action="search", key="robot", cost=2)).remaining == 1
    refused = await other.take(action="search", key="robot", cost=2)
    assert not refused.allowed and 9 < refused.retry_after <= 10
    assert (await other.take(action="search", key="somebody")).allowed
    world.clock.advance(10)
    assert (await other.take(action="search", key="robot", cost=2)).allowed
    anna = await world.person("anna")
    assert (await anna.limits.take(action="search", key="robot")).remaining == 2, "members have their own"
    with pytest.raises(UnknownAction):
        await other.take(action="sleep")
    with pytest.raises(Invalid):
        await other.take(action="search", cost=10**9)


async def test_networks_are_listed_once_each_and_end(world: World) -> None:
    me = admin(world).limits
    first = await me.block(network="192.0.2.77/24", reason="  floods   us ")
    assert (first.network, first.stand, first.reason, first.until) == (
        "192.0.2.0/24",
        "block",
        "floods us",
        0,
    )
    until = world.clock.now() + 60 * SECOND
    await me.allow(network="192.0.2.0/24", until=until)
    await me.block(network="2001:db8::1")
    page = await me.networks(limit=1)
    rest = await me.networks(limit=10, cursor=page.next)
    listed = {one.network: (one.stand, one.until) for one in (*page.items, *rest.items)}
    assert listed == {"192.0.2.0/24": ("allow", until), "2001:db8::1/128": ("block", 0)}
    assert len(page.items) == 1 and not rest.next
    await me.unblock(network="2001:db8::1")
    await me.unblock(network="2001:db8::1")
    world.clock.advance(3700)
    await world.drain()
    assert (await me.networks()).items == ()


async def test_what_can_not_be_listed(world: World) -> None:
    me = admin(world).limits
    for network in ("", "nowhere", "0.0.0.0/0", "10.0.0.0/7", "2001::/8", "1" * 100):
        with pytest.raises(Invalid):
            await me.block(network=network)
    with pytest.raises(Invalid):
        await me.block(network="192.0.2.1", until=world.clock.now())
    with pytest.raises(Invalid):
        await me.block(network="192.0.2.1", reason="x" * 201)
    with pytest.raises(Conflict):
        await me.block(network="198.51.100.0/24")
    await me.allow(network="198.51.100.0/24")


@pytest.mark.settings(SAMOVAR_LIMITS__NETWORKS="2")
async def test_the_list_is_bounded(world: World) -> None:
    me = admin(world).limits
    for number in (1, 2):
        await me.block(network=f"192.0.2.{number}")
    with pytest.raises(Conflict):
        await me.block(network="192.0.2.3")
    await me.allow(network="192.0.2.2")


async def test_a_lost_signal_is_made_good_by_the_poll(world: World) -> None:
    """As in a process that was out of touch while the book changed."""
    before = world.house.limiter.book
    await admin(world).limits.set_rule(action="post", rule="off")
    assert world.house.limiter.policy("post").rule is None
    world.house.limiter.book = before
    world.house.limiter.learn(before)
    assert world.house.limiter.policy("post").rule is not None
    assert await world.house.follower.look()
    assert world.house.limiter.policy("post").rule is None
