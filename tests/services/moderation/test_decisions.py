"""What decisions do, how long, and taking them back."""

import pytest

from samovar.contracts.moderation import Action, CannotUndo, Oneself, RankTooHigh
from samovar.kernel.clock import DAY
from samovar.kernel.errors import Forbidden, Invalid, NotFound
from tests.services.moderation.helpers import act, audit, staff, visible, write
from tests.world import World


async def test_several_actions_in_one_decision(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    post = await write(anna)
    await act(marta, "hide", "sensitive", kind="post", subject_ids=[post.id])
    (seen,) = (await anna.posts.get_many(ids=[post.id])).items
    assert (seen.hidden, seen.sensitive, seen.held) == (True, True, False)


async def test_a_warning_on_a_post_comes_and_goes(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    marta = await staff(world, "marta", "moderator")
    post = await write(anna)
    (decision,) = await act(marta, "sensitive", kind="post", subject_ids=[post.id], reason="needs_warning")
    assert (await boris.posts.get_many(ids=[post.id])).items[0].sensitive
    await marta.moderation.undo(decision_id=decision.id, why="")
    assert not (await boris.posts.get_many(ids=[post.id])).items[0].sensitive


async def test_what_is_hidden_for_a_time_returns_by_itself(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    marta, chief = await staff(world, "marta", "moderator"), await staff(world, "chief", "admin")
    post = await write(anna)
    until = world.clock.now() + 3 * DAY
    actions = [Action(type="hide", until=until)]
    (decision,) = await act(marta, kind="post", subject_ids=[post.id], actions=actions)
    world.clock.advance(3 * 24 * 3600 - 60)
    await world.drain()
    assert not await visible(boris, post.id)
    world.clock.advance(120)
    await world.drain()
    assert await visible(boris, post.id)
    shown = await marta.moderation.get_decision(id=decision.id, key="")
    assert [action.state for action in shown.actions] == ["over"]
    assert "over.hide" in [line.action for line in await audit(chief)]


async def test_what_two_decisions_hide_stays_hidden_until_both_are_taken_back(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    marta = await staff(world, "marta", "moderator")
    post = await write(anna)
    (first,) = await act(marta, "hide", kind="post", subject_ids=[post.id])
    (second,) = await act(marta, "hide", kind="post", subject_ids=[post.id], reason="rude")
    await marta.moderation.undo(decision_id=first.id, why="")
    assert not await visible(boris, post.id)
    await marta.moderation.undo(decision_id=second.id, why="")
    assert await visible(boris, post.id)


async def test_deletion_is_for_good_and_says_so(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    post = await write(anna)
    (decision,) = await act(marta, "delete", kind="post", subject_ids=[post.id])
    assert not await visible(anna, post.id)
    with pytest.raises(CannotUndo):
        await marta.moderation.undo(decision_id=decision.id, why="")
    mila = await staff(world, "mila", "moderator")
    await anna.moderation.appeal(decision_id=decision.id, text="It was a recipe, really.", key="")
    judged = await mila.moderation.judge(decision_id=decision.id, accept=True, answer="We are sorry.")
    assert (judged.appeal, judged.undone_at > 0) == ("accepted", True)
    assert not await visible(anna, post.id)


async def test_undoing_twice_is_once(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    chief = await staff(world, "chief", "admin")
    post = await write(anna)
    (decision,) = await act(marta, "hide", kind="post", subject_ids=[post.id])
    for _ in range(2):
        await marta.moderation.undo(decision_id=decision.id, why="A slip.")
    lines = [line for line in await audit(chief) if line.action == "decision.undone"]
    assert [(line.why, line.before) for line in lines] == [("A slip.", '["hide"]')]


async def test_nobody_acts_on_themselves_or_above(world: World) -> None:
    marta, mila = await staff(world, "marta", "moderator"), await staff(world, "mila", "moderator")
    chief = await staff(world, "chief", "admin")
    own, hers, his = await write(marta), await write(mila), await write(chief)
    with pytest.raises(Oneself):
        await act(marta, "hide", kind="post", subject_ids=[own.id])
    with pytest.raises(Oneself):
        await act(marta, "warn", kind="person", subject_ids=[marta.id])
    for post in (hers, his):
        with pytest.raises(RankTooHigh):
            await act(marta, "hide", kind="post", subject_ids=[post.id])
    with pytest.raises(RankTooHigh):
        await act(marta, "suspend", kind="person", subject_ids=[chief.id])
    await act(chief, "hide", kind="post", subject_ids=[hers.id])
    assert not await visible(await world.person("anna"), hers.id)


async def test_each_action_takes_its_permission(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    post = await write(anna)
    with pytest.raises(Forbidden):
        await act(marta, "ban", kind="person", subject_ids=[anna.id])
    clerk = world.as_(77, "user", "+reports.see", "+content.mark")
    with pytest.raises(Forbidden):
        await act(clerk, "hide", kind="post", subject_ids=[post.id])
    with pytest.raises(Forbidden):
        await act(clerk, "hide", "sensitive", kind="post", subject_ids=[post.id])


async def test_a_decision_needs_a_subject_an_action_and_a_reason(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    post = await write(anna)
    about = {"kind": "post", "subject_ids": [post.id]}
    now = world.clock.now()
    for types, more in (
        ((), {}),
        (("hide", "hide"), {}),
        (("suspend",), {}),
        (("boil",), {}),
        (("hide",), {"reason": ""}),
        (("hide",), {"reason": "because"}),
        (("hide",), {"message": "a" * 2001}),
        (("hide",), {"subject_ids": []}),
        ((), {"actions": [Action(type="hide", until=now - 1)]}),
        ((), {"actions": [Action(type="hide", until=now + 4000 * DAY)]}),
        ((), {"actions": [Action(type="delete", until=now + DAY)]}),
    ):
        with pytest.raises(Invalid):
            await act(marta, *types, **about | more)
    for gone in ({"subject_ids": [77]}, {"kind": "kettle"}, {"case_ids": [77]}):
        with pytest.raises(NotFound):
            await act(marta, "hide", **about | gone)
    assert await visible(await world.person("boris"), post.id)
