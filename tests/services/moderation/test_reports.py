"""Reporting: floods become one case, and nobody learns who reported."""

import pytest

from samovar.contracts.common import Scope
from samovar.kernel.errors import Forbidden, Invalid, NotFound, RateLimited, Unauthenticated
from tests.services.moderation.helpers import REPORT, act, cases, inbox, staff, write
from tests.world import World


async def test_what_many_report_is_one_case(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    post, other = await write(anna), await write(anna, "Something else")
    for number in range(4):
        member = await world.person(f"member{number}", drain=False)
        reason = "spam" if number < 3 else "rude"
        for _ in range(2):
            # Twice is the same report.
            await member.moderation.report(**REPORT | {"id": post.id, "reason": reason})
    await marta.moderation.report(**REPORT | {"id": other.id})
    first, second = await cases(marta)
    assert (first.subject_id, first.reports, dict(first.reasons)) == (post.id, 4, {"spam": 3, "rude": 1})
    assert (second.subject_id, second.reports) == (other.id, 1)


async def test_a_new_case_is_opened_after_the_last_was_closed(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    marta = await staff(world, "marta", "moderator")
    post = await write(anna)
    await boris.moderation.report(**REPORT | {"id": post.id})
    (first,) = await cases(marta)
    await marta.moderation.dismiss(case_ids=[first.id], version=0)
    await boris.moderation.report(**REPORT | {"id": post.id})
    (second,) = await cases(marta)
    assert (second.id != first.id, second.reports) == (True, 1)


async def test_people_are_reported_too(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    marta = await staff(world, "marta", "moderator")
    await boris.moderation.report(**REPORT | {"kind": "person", "id": anna.id, "reason": "harassment"})
    (case,) = await cases(marta, kind="person")
    assert (case.person_id, case.subject_id) == (anna.id, anna.id)
    file = await marta.moderation.open(id=case.id)
    assert file.now is not None
    assert (file.now.kind, file.now.title) == ("person", "anna")


async def test_only_what_one_may_see_is_reported(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    closed = await write(anna, visibility=Scope.FOLLOWERS)
    for kind, number in (("post", closed.id), ("post", 77), ("kettle", 1), ("person", 77), ("post", -1)):
        with pytest.raises(NotFound):
            await boris.moderation.report(**REPORT | {"kind": kind, "id": number})
    with pytest.raises(Invalid):
        await anna.moderation.report(**REPORT | {"id": closed.id})
    open_post = await write(anna)
    with pytest.raises(Unauthenticated):
        await world.stranger.moderation.report(**REPORT | {"id": open_post.id})
    for wrong in ({"reason": "boring"}, {"text": "a" * 1001}):
        with pytest.raises(Invalid):
            await boris.moderation.report(**REPORT | {"id": open_post.id} | wrong)


async def test_who_reports_without_end_is_slowed_down(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    post = await write(anna)
    for _ in range(20 if world.kind != "wire" else 10):
        await boris.moderation.report(**REPORT | {"id": post.id})
    with pytest.raises(RateLimited):
        for _ in range(3):
            await boris.moderation.report(**REPORT | {"id": post.id})
    world.clock.advance(3600)
    await boris.moderation.report(**REPORT | {"id": post.id})


async def test_evidence_outlives_edits_and_deletion(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    marta = await staff(world, "marta", "moderator")
    post = await write(anna, "You are a kettle")
    await boris.moderation.report(**REPORT | {"id": post.id, "reason": "rude"})
    await anna.posts.edit(id=post.id, text="You are a fine kettle")
    (case,) = await cases(marta)
    await act(marta, "hide", case_ids=[case.id], reason="rude")
    await anna.posts.delete(id=post.id)
    await world.drain()
    file = await marta.moderation.open(id=case.id)
    assert file.now is None
    texts = [(one.taken_for, one.exhibit.text) for one in file.evidence]
    assert texts == [("report", "You are a kettle"), ("decision", "You are a fine kettle")]
    assert file.reports[0].reporter_id == boris.id


async def test_the_person_reported_hears_nothing(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    marta = await staff(world, "marta", "moderator")
    post = await write(anna)
    await boris.moderation.report(**REPORT | {"id": post.id})
    (case,) = await cases(marta)
    await marta.moderation.dismiss(case_ids=[case.id], version=0)
    await world.drain()
    assert await inbox(anna) == []
    (told,) = await inbox(boris)
    assert "nothing against the rules" in told.data


async def test_the_desk_is_not_there_for_members_and_closed_to_other_staff(world: World) -> None:
    anna, helper = await world.person("anna"), await staff(world, "helper", "support")
    for person, refusal in ((anna, NotFound), (world.stranger, NotFound), (helper, Forbidden)):
        with pytest.raises(refusal):
            await cases(person)
        with pytest.raises(refusal):
            await person.moderation.open(id=1)
        with pytest.raises(refusal):
            await person.moderation.overview()
        with pytest.raises(refusal):
            await act(person, "hide", kind="post", subject_ids=[1])
        with pytest.raises(refusal):
            await person.moderation.rules()
