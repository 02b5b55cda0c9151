"""From a report to an appeal: what each of those concerned notices."""

import pytest

from samovar.contracts.moderation import AppealedAlready, OwnDecision
from samovar.kernel.errors import Invalid, NotFound
from tests.services.moderation.helpers import REPORT, act, audit, cases, inbox, staff, visible, write
from tests.world import World


async def test_a_report_becomes_a_decision_an_appeal_and_a_post_that_returns(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    marta, mila = await staff(world, "marta", "moderator"), await staff(world, "mila", "moderator")
    chief = await staff(world, "chief", "admin")
    post = await write(anna)
    await boris.moderation.report(**REPORT | {"id": post.id, "text": "Again and again."})
    (case,) = await cases(marta)
    assert (case.kind, case.subject_id, case.person_id, case.reports) == ("post", post.id, anna.id, 1)
    assert case.excerpt == "Buy my kettles"
    assert dict(case.reasons) == {"spam": 1}

    case = await marta.moderation.claim(id=case.id, version=case.version, claim=True)
    (decision,) = await act(marta, "hide", case_ids=[case.id], message="Once is enough.")
    assert not await visible(boris, post.id)
    assert await visible(anna, post.id)
    assert not await cases(marta)

    await world.drain()
    (told,) = await inbox(anna)
    assert (told.type, told.read) == ("system", False)
    assert '"title":"Moderators hid something you wrote"' in told.data
    assert "Once is enough." in told.data
    assert f'"url":"/decisions/{decision.id}"' in told.data
    (thanks,) = await inbox(boris)
    assert "Thank you for your report" in thanks.data

    shown = await anna.moderation.get_decision(id=decision.id, key="")
    assert (shown.reason_title, shown.message) == ("Advertising and spam", "Once is enough.")
    assert (shown.by_id, shown.case_id) == (0, 0)
    assert shown.appealable
    await anna.moderation.appeal(decision_id=decision.id, text="These are for our own fair.", key="")
    with pytest.raises(AppealedAlready):
        await anna.moderation.appeal(decision_id=decision.id, text="These are for our own fair.", key="")

    (waits,) = (await mila.moderation.appeals(state="", cursor="", limit=0)).items
    assert waits.appeal_text == "These are for our own fair."
    with pytest.raises(OwnDecision):
        await marta.moderation.judge(decision_id=decision.id, accept=True, answer="")
    judged = await mila.moderation.judge(decision_id=decision.id, accept=True, answer="Sorry about that.")
    assert (judged.appeal, judged.judge_id) == ("accepted", mila.id)
    assert await visible(boris, post.id)
    await world.drain()
    newest = (await inbox(anna))[0]
    assert "Your appeal was accepted" in newest.data
    assert "Sorry about that." in newest.data

    story = [(line.action, line.actor_id) for line in reversed(await audit(chief, person_id=anna.id))]
    assert story == [
        ("decision.hide", marta.id), ("appeal.made", anna.id), ("appeal.accepted", mila.id)
    ]  # fmt: skip


async def test_an_appeal_can_be_rejected_and_the_person_reads_why(world: World) -> None:
    anna = await world.person("anna")
    marta, mila = await staff(world, "marta", "moderator"), await staff(world, "mila", "moderator")
    post = await write(anna)
    (decision,) = await act(marta, "hide", kind="post", subject_ids=[post.id])
    await anna.moderation.appeal(decision_id=decision.id, text="It was only one time.", key="")
    with pytest.raises(Invalid):
        await mila.moderation.judge(decision_id=decision.id, accept=False, answer="")
    await mila.moderation.judge(decision_id=decision.id, accept=False, answer="It was the seventh time.")
    await world.drain()
    assert not await visible(await world.person("boris"), post.id)
    shown = await anna.moderation.get_decision(id=decision.id, key="")
    assert (shown.appeal, shown.appeal_answer) == ("rejected", "It was the seventh time.")
    assert not shown.appealable


async def test_a_lone_moderator_judges_appeals_against_their_own_decisions(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    post = await write(anna)
    (decision,) = await act(marta, "hide", kind="post", subject_ids=[post.id])
    await anna.moderation.appeal(decision_id=decision.id, text="Please look once more.", key="")
    judged = await marta.moderation.judge(decision_id=decision.id, accept=True, answer="")
    assert judged.appeal == "accepted"


async def test_a_decision_is_nobody_elses_business(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    marta = await staff(world, "marta", "moderator")
    post = await write(anna)
    (decision,) = await act(marta, "hide", kind="post", subject_ids=[post.id])
    for other in (boris, world.stranger):
        with pytest.raises(NotFound):
            await other.moderation.get_decision(id=decision.id, key="")
        with pytest.raises(NotFound):
            await other.moderation.get_decision(id=decision.id, key="0" * 40)
        with pytest.raises(NotFound):
            await other.moderation.appeal(decision_id=decision.id, text="Let it be seen again.", key="")
