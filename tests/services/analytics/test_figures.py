"""What operators are told about their community."""

import pytest

from samovar.contracts.analytics import Community, UnknownKind
from samovar.contracts.common import ItemRef, Scope
from samovar.kernel.clock import DAY
from samovar.kernel.errors import Forbidden, Invalid, Unauthenticated
from tests.world import Person, World


async def write(person: Person, text: str, parent: int | None = None) -> int:
    post = await person.posts.create(text=text, visibility=Scope.PUBLIC, in_reply_to_id=parent, language="en")
    return post.id


def number(found: Community, name: str) -> tuple[int, int]:
    """Total of a series, and the total before."""
    return next((one.total, one.before) for one in found.series if one.name == name)


async def test_what_happens_is_counted_by_day(world: World) -> None:
    admin, anna, boris = [await world.person(name) for name in ("olga", "anna", "boris")]
    admin = world.as_(admin.id, "admin")
    post = await write(anna, "tea")
    await write(boris, "with pleasure", post)
    await boris.reactions.react(item=ItemRef(kind="post", id=post), type="like")
    await boris.graph.follow(user_id=anna.id)
    await world.drain()
    found = await admin.analytics.summary(days=7)
    assert found.last - found.first == 6 and found.members == 3 and found.members_before == 0
    assert number(found, "registered") == (3, 0) and number(found, "created") == (2, 0)
    assert number(found, "reacted") == (1, 0) and number(found, "followed") == (1, 0)
    assert (found.daily, found.weekly, found.monthly) == (3, 3, 3)
    assert [series.values[-1] for series in found.series if series.name == "active"] == [3]
    await boris.reactions.unreact(item=ItemRef(kind="post", id=post), type="like")
    world.clock.advance(8 * 86_400)
    await write(anna, "again")
    await world.drain()
    found = await admin.analytics.summary(days=7)
    assert number(found, "registered") == (0, 3) and number(found, "created") == (1, 2)
    assert number(found, "reacted") == (0, 0), "what was taken back does not count"
    assert (found.daily, found.daily_before, found.weekly, found.weekly_before) == (1, 0, 1, 3)
    assert found.monthly == 3 and found.members_before == 3
    assert [span.people for span in found.weeks] == [3, 1]


async def test_what_people_respond_to_is_popular(world: World) -> None:
    admin, anna, boris = [await world.person(name) for name in ("olga", "anna", "boris")]
    admin = world.as_(admin.id, "admin")
    first, second = await write(anna, "one"), await write(anna, "two")
    await write(boris, "a word", second)
    await boris.reactions.react(item=ItemRef(kind="post", id=first), type="like")
    await boris.posts.create(text="look", visibility=Scope.PUBLIC, quote_of_id=second, language="en")
    await world.drain()
    found = (await admin.analytics.popular(kind="post", days=7, limit=10)).items
    assert [(item.id, item.owner_id, item.score) for item in found] == [
        (second, anna.id, 14),
        (first, anna.id, 4),
    ]
    assert (found[0].replies, found[0].shares, found[1].reactions) == (1, 1, 1)
    await anna.posts.delete(id=second)
    await world.drain()
    found = (await admin.analytics.popular(kind="", days=7, limit=10)).items
    assert [item.id for item in found] == [first]
    people = (await admin.analytics.active_people(days=7, limit=2)).items
    assert [person.user_id for person in people] == [boris.id, anna.id]
    assert people[0].acts == 3 and people[0].days == 1
    with pytest.raises(UnknownKind):
        await admin.analytics.popular(kind="teapot", days=7, limit=10)


async def test_cohorts_and_the_way_in(world: World) -> None:
    admin = world.as_((await world.person("olga")).id, "admin")
    anna, boris = await world.person("anna"), await world.person("boris")
    await anna.graph.follow(user_id=boris.id)
    await write(anna, "hello")
    world.clock.advance(7 * 86_400)
    await write(anna, "hello again")
    await world.person("vera")
    cohorts = (await admin.analytics.retention(weeks=4)).items
    assert [(cohort.people, cohort.here) for cohort in cohorts] == [(3, (3, 1)), (1, (1,))]
    assert cohorts[1].first - cohorts[0].first == 7
    steps = await admin.analytics.funnel(days=30)
    assert (steps.registered, steps.followed, steps.posted, steps.returned) == (4, 1, 1, 1)


async def test_who_may_see_the_communitys_figures(world: World) -> None:
    anna = await world.person("anna")
    moderator = world.as_((await world.person("mod")).id, "moderator")
    for person, refusal in ((world.stranger, Unauthenticated), (anna, Forbidden), (moderator, Forbidden)):
        for ask in (
            person.analytics.summary(days=7),
            person.analytics.popular(kind="", days=7, limit=5),
            person.analytics.active_people(days=7, limit=5),
            person.analytics.retention(weeks=4),
            person.analytics.funnel(days=7),
            person.analytics.begin_export(what="people", days=7),
        ):
            with pytest.raises(refusal):
                await ask
    with pytest.raises(Unauthenticated):
        await world.stranger.analytics.mine(days=7)


@pytest.mark.parametrize("days", [0, -1, 731])
async def test_periods_are_bounded(world: World, days: int) -> None:
    admin = world.as_((await world.person("olga")).id, "admin")
    for ask in (
        admin.analytics.summary(days=days),
        admin.analytics.mine(days=days),
        admin.analytics.popular(kind="", days=days, limit=5),
        admin.analytics.begin_export(what="days", days=days),
    ):
        with pytest.raises(Invalid):
            await ask
    with pytest.raises(Invalid):
        await admin.analytics.popular(kind="", days=7, limit=101)
    with pytest.raises(Invalid):
        await admin.analytics.retention(weeks=27)


async def test_events_carry_their_own_times(world: World) -> None:
    anna = await world.person("anna")
    post = await write(anna, "late to be told")
    del post
    world.clock.advance(3 * 86_400)
    await world.drain()
    admin = world.as_((await world.person("olga")).id, "admin")
    found = await admin.analytics.summary(days=7)
    created = next(one for one in found.series if one.name == "created")
    assert created.values == (0, 0, 0, 1, 0, 0, 0)
    assert found.last == world.clock.now() // DAY
