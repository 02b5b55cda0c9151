"""What the edge tells that people look at, and who is counted by name."""

import pytest

from samovar.contracts.analytics import Seen
from samovar.contracts.common import ItemRef, Scope
from samovar.kernel.clock import DAY, HOUR
from samovar.kernel.errors import Invalid, NotFound
from tests.world import Person, World


async def post_of(person: Person) -> int:
    return (await person.posts.create(text="tea", visibility=Scope.PUBLIC, language="en")).id


def look(world: World, what: int, actor: int = 0, kind: str = "post", **more: int | str) -> Seen:
    fields = {"name": "viewed", "at": world.clock.now(), "id": world.house.ids()} | more
    return Seen(kind=kind, item_id=what, actor_id=actor, **fields)


async def totals(person: Person) -> dict[str, int]:
    return {one.name: one.total for one in (await person.analytics.mine(days=7)).series}


async def test_views_are_counted_for_their_author(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await post_of(anna)
    await world.drain()
    seen = (
        look(world, post, boris.id),
        look(world, post),
        look(world, post, name="clicked"),
        look(world, anna.id, boris.id, kind="person"),
        look(world, post, anna.id),
    )
    await world.system.analytics.record(seen=seen)
    await world.system.analytics.record(seen=seen)
    await world.drain()
    found = await totals(anna)
    assert (found["viewed"], found["clicked"], found["visited"]) == (2, 1, 1), "once, and not one's own"
    (best,) = (await anna.analytics.mine(days=7)).best
    assert (best.id, best.views, best.clicks) == (post, 2, 1)
    assert (await totals(boris))["viewed"] == 0


async def test_views_of_what_was_made_before_anybody_counted(world: World) -> None:
    anna = await world.person("anna")
    post = await post_of(anna)
    # Nobody has told analytics of this post yet: whose it is has to be asked.
    await world.system.analytics.record(seen=(look(world, post),))
    await world.drain()
    assert (await totals(anna))["viewed"] == 1


async def test_what_does_not_fit_is_left_out(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await post_of(anna)
    await world.drain()
    bad = (
        look(world, post, kind="teapot"), look(world, 12345), look(world, post, name="registered"),
        look(world, post, at=world.clock.now() - 2 * DAY), look(world, post, at=world.clock.now() + HOUR),
        look(world, 0, 0, kind="", name="active"), look(world, post, -7), look(world, post, id=0),
    )  # fmt: skip
    await world.system.analytics.record(seen=bad)
    await world.drain()
    assert sum((await totals(anna)).values()) == 1, "the post itself"
    with pytest.raises(Invalid):
        await world.system.analytics.record(seen=tuple(look(world, post) for _ in range(501)))
    for person in (anna, world.stranger, world.as_(boris.id, "admin")):
        with pytest.raises(NotFound):
            await person.analytics.record(seen=(look(world, post, boris.id),))


async def test_who_wishes_it_is_counted_as_nobody(world: World) -> None:
    admin = world.as_((await world.person("olga")).id, "admin")
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await post_of(anna)
    await boris.reactions.react(item=ItemRef(kind="post", id=post), type="like")
    await world.drain()
    assert (await boris.analytics.get_choice()).counted
    before = await admin.analytics.summary(days=7)
    assert not (await boris.analytics.set_choice(counted=False)).counted
    assert not (await boris.analytics.get_choice()).counted
    await post_of(boris)
    await world.system.analytics.record(
        seen=(look(world, post, boris.id), look(world, 0, boris.id, kind="", name="active"))
    )
    await world.drain()
    assert await named(world, boris.id) == {"choice", "own", "item", "fact"}, "his own things stay his"
    facts = (await world.stored())["analytics_fact"]
    assert boris.id not in {fact["actor_id"] for fact in facts}
    assert boris.id not in {p.user_id for p in (await admin.analytics.active_people(days=7, limit=9)).items}
    after = await admin.analytics.summary(days=7)
    assert after.daily == before.daily, "what was counted stays true"
    assert (await totals(anna))["viewed"] == 1 and (await totals(boris))["created"] == 1
    assert (await boris.analytics.set_choice(counted=True)).counted
    await post_of(boris)
    await world.drain()
    assert boris.id in {p.user_id for p in (await admin.analytics.active_people(days=7, limit=9)).items}


async def test_who_leaves_is_forgotten_and_the_numbers_stay(world: World) -> None:
    admin = world.as_((await world.person("olga")).id, "admin")
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await post_of(boris)
    await boris.reactions.react(item=ItemRef(kind="post", id=await post_of(anna)), type="like")
    await anna.graph.follow(user_id=boris.id)
    await world.drain()
    await world.system.analytics.record(
        seen=(look(world, boris.id, anna.id, kind="person"), look(world, post, anna.id))
    )
    await boris.analytics.begin_export(what="mine", days=7)
    await world.drain()
    before = await admin.analytics.summary(days=7)
    await world.system.identity.erase_account(user_id=boris.id)
    await world.drain()
    assert await named(world, boris.id) == {"choice"}, "that he is gone is known"
    after = await admin.analytics.summary(days=7)
    assert (after.daily, after.monthly, after.members) == (before.daily, before.monthly, before.members - 1)
    assert [c.here for c in (await admin.analytics.retention(weeks=2)).items] == [(3,)]
    assert not await world.house.backends.blobs.list("analytics", 10)
    # What comes late names him no more.
    await world.system.analytics.record(
        seen=(look(world, boris.id, anna.id, kind="person"), look(world, 0, boris.id, kind="", name="active"))
    )
    await world.drain()
    assert await named(world, boris.id) == {"choice"}


async def named(world: World, user_id: int) -> set[str]:
    """Tables of analytics that hold a person's id."""
    kernels = ("inbox", "outbox", "jobs", "retries", "event_versions", "idempotency", "migrations")
    return {
        table.removeprefix("analytics_")
        for table, rows in (await world.stored()).items()
        if table.startswith("analytics_") and table.removeprefix("analytics_") not in kernels
        for row in rows
        if user_id in row.values()
    }


@pytest.mark.settings(SAMOVAR_ANALYTICS__KEEP_DAYS="30")
async def test_single_facts_go_and_numbers_stay(world: World) -> None:
    admin = world.as_((await world.person("olga")).id, "admin")
    await post_of(admin)
    await world.drain()
    world.clock.advance(40 * 86_400)
    await post_of(admin)
    await world.drain()
    days = {(row["name"], row["day"]) for row in (await world.stored())["analytics_fact"]}
    today = world.clock.now() // DAY
    assert days >= {("registered", today - 40), ("created", today)}
    assert all(day > today - 30 for name, day in days if name != "registered")
    created = next(one for one in (await admin.analytics.summary(days=90)).series if one.name == "created")
    assert created.total == 2
