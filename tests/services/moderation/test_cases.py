"""Moderators at work: nobody's work collides with another's."""

import pytest

from samovar.contracts.moderation import CaseClosed, Claimed, Stale
from samovar.kernel.errors import Forbidden, Invalid, NotFound
from tests.services.moderation.helpers import REPORT, act, audit, cases, staff, write
from tests.world import Person, World


async def reported(world: World, author: Person, *texts: str) -> list[int]:
    """Posts that somebody reported; answers their ids."""
    reporter = await world.person("reporter")
    ids = []
    for text in texts:
        post = await write(author, text)
        await reporter.moderation.report(**REPORT | {"id": post.id})
        ids.append(post.id)
    return ids


async def test_two_who_take_a_case_do_not_collide(world: World) -> None:
    anna = await world.person("anna")
    marta, mila = await staff(world, "marta", "moderator"), await staff(world, "mila", "moderator")
    await reported(world, anna, "Buy")
    (case,) = await cases(marta)
    taken = await marta.moderation.claim(id=case.id, version=case.version, claim=True)
    assert taken.assignee_id == marta.id
    with pytest.raises(Stale):
        await mila.moderation.claim(id=case.id, version=case.version, claim=True)
    with pytest.raises(Claimed):
        await mila.moderation.claim(id=case.id, version=taken.version, claim=True)
    with pytest.raises(Claimed):
        await act(mila, "hide", case_ids=[case.id])
    with pytest.raises(Claimed):
        await mila.moderation.dismiss(case_ids=[case.id], version=0)
    with pytest.raises(Claimed):
        await mila.moderation.claim(id=case.id, version=taken.version, claim=False)
    assert [one.id for one in await cases(mila, assigned="mine")] == []
    assert [one.id for one in await cases(marta, assigned="mine")] == [case.id]
    back = await marta.moderation.claim(id=case.id, version=taken.version, claim=False)
    assert [one.id for one in await cases(mila, assigned="free")] == [case.id]
    with pytest.raises(Stale):
        await act(mila, "hide", case_ids=[case.id], version=taken.version)
    await act(mila, "hide", case_ids=[case.id], version=back.version)
    with pytest.raises(CaseClosed):
        await act(marta, "hide", case_ids=[case.id])


async def test_one_decision_in_many_cases(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    ids = await reported(world, anna, "Buy one", "Buy two", "Buy three")
    made = await act(marta, "hide", case_ids=[case.id for case in await cases(marta)])
    assert {one.subject_id for one in made} == set(ids)
    stranger = await world.person("stranger")
    assert not (await stranger.posts.get_many(ids=ids)).items
    for one in made:
        await marta.moderation.undo(decision_id=one.id, why="A mistake.")
    assert len((await stranger.posts.get_many(ids=ids)).items) == 3


async def test_cases_by_filters_and_pages(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    ids = await reported(world, anna, "One", "Two", "Three", "Four", "Five")
    loud = await world.person("loud")
    await loud.moderation.report(**REPORT | {"id": ids[3], "reason": "rude"})
    wanted = {
        "state": "open", "kind": "", "reason": "", "assigned": "", "person_id": 0, "reporter_id": 0,
        "limit": 2,
    }  # fmt: skip
    seen, cursor = [], ""
    while True:
        page = await marta.moderation.cases(**wanted, cursor=cursor)
        seen += [case.subject_id for case in page.items]
        cursor = page.next
        if not cursor:
            break
    assert seen == [ids[3], ids[0], ids[1], ids[2], ids[4]]
    assert [case.subject_id for case in await cases(marta, reason="rude")] == [ids[3]]
    assert [case.subject_id for case in await cases(marta, reporter_id=loud.id)] == [ids[3]]
    assert len(await cases(marta, person_id=anna.id)) == 5
    assert await cases(marta, kind="person") == ()
    first = (await cases(marta))[0]
    await marta.moderation.dismiss(case_ids=[first.id], version=0)
    assert [case.id for case in await cases(marta, state="dismissed")] == [first.id]
    for wrong in ({"state": "lost"}, {"reason": "none"}, {"assigned": "yours"}, {"cursor": "x.y"}):
        with pytest.raises(Invalid):
            await cases(marta, **wrong)


async def test_notes_are_for_moderators(world: World) -> None:
    anna = await world.person("anna")
    marta, mila = await staff(world, "marta", "moderator"), await staff(world, "mila", "moderator")
    await reported(world, anna, "Buy")
    (case,) = await cases(marta)
    await marta.moderation.add_note(case_id=case.id, person_id=0, text="The third time this week.")
    await marta.moderation.add_note(case_id=0, person_id=anna.id, text="Talked to her.")
    file = await mila.moderation.open(id=case.id)
    assert [(note.author_id, note.text) for note in file.notes] == [(marta.id, "The third time this week.")]
    notes = (await mila.moderation.notes_of(person_id=anna.id)).items
    assert [note.text for note in notes] == ["Talked to her."]
    assert "note.added" in [line.action for line in file.history]
    for wrong in ({"case_id": 0, "person_id": 0}, {"case_id": case.id, "person_id": anna.id}):
        with pytest.raises(Invalid):
            await marta.moderation.add_note(**wrong, text="Where?")
    with pytest.raises(NotFound):
        await marta.moderation.add_note(case_id=77, person_id=0, text="Where?")
    with pytest.raises(NotFound):
        await anna.moderation.notes_of(person_id=anna.id)


async def test_the_log_is_for_those_who_may_read_it(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    chief = await staff(world, "chief", "admin")
    await reported(world, anna, "Buy")
    (case,) = await cases(marta)
    await act(marta, "hide", case_ids=[case.id])
    with pytest.raises(Forbidden):
        await audit(marta)
    (line,) = await audit(chief, actor_id=marta.id)
    assert (line.action, line.person_id, line.case_id, line.why) == (
        "decision.hide", anna.id, case.id, "spam"
    )  # fmt: skip
    assert (line.before, '"case":"resolved"' in line.after) == ('{"case":"open"}', True)
    assert await audit(chief, action="decision.") == (line,)
    assert await audit(chief, action="appeal.") == ()
    assert await audit(chief, kind="post", subject_id=case.subject_id) == (line,)


async def test_what_waits_in_numbers(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    await reported(world, anna, "Buy", "Sell")
    began = world.clock.now()
    first, _second = await cases(marta)
    world.clock.advance(60)
    await marta.moderation.claim(id=first.id, version=first.version, claim=True)
    (decision,) = await act(marta, "hide", case_ids=[first.id])
    await anna.moderation.appeal(decision_id=decision.id, text="Nobody bought anything.", key="")
    found = await marta.moderation.overview()
    assert (found.open_cases, found.unassigned, found.oldest_case_at) == (1, 1, began)
    assert (found.open_appeals, found.decisions, found.reports, found.held) == (1, 1, 2, 0)
