"""People who leave."""

from typing import Any

from tests.services.moderation.helpers import REPORT, act, cases, staff, write
from tests.world import PASSWORD, World


async def test_nothing_that_was_kept_of_somebody_stays(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    marta = await staff(world, "marta", "moderator")
    post = await write(anna, "xyzzy kettles")
    other = await write(anna, "xyzzy cups")
    await boris.moderation.report(**REPORT | {"id": post.id, "text": "xyzzy again"})
    await boris.moderation.report(**REPORT | {"id": other.id})
    open_case = next(case for case in await cases(marta) if case.subject_id == other.id)
    await marta.moderation.add_note(case_id=open_case.id, person_id=0, text="xyzzy note")
    await marta.moderation.add_note(case_id=0, person_id=anna.id, text="xyzzy person")
    (decision,) = await act(
        marta, "hide", case_ids=[case.id for case in await cases(marta) if case.subject_id == post.id],
        message="xyzzy words",
    )  # fmt: skip
    await anna.moderation.appeal(decision_id=decision.id, text="xyzzy appeal", key="")
    await anna.identity.delete_account(password=PASSWORD)
    await world.drain()
    assert await cases(marta) == ()
    assert await cases(marta, state="all", person_id=anna.id) == ()

    stored = await world.stored()
    left = {
        f"{table}.{name}"
        for table, rows in stored.items()
        if table.startswith("moderation_")
        for row in rows
        for name, value in row.items()
        if "xyzzy" in _text(value)
    }
    # Moderators' own words stay in the log, which is never changed; nothing else does.
    assert left == {"moderation_audit.why"}
    people = {row["person_id"] for row in stored["moderation_case"]}
    assert people == {0}


async def test_reports_of_those_who_left_stay_without_their_name(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    marta = await staff(world, "marta", "moderator")
    post = await write(anna)
    await boris.moderation.report(**REPORT | {"id": post.id, "text": "xyzzy"})
    await boris.identity.delete_account(password=PASSWORD)
    await world.drain()
    (case,) = await cases(marta)
    assert case.reports == 1
    (report,) = (await marta.moderation.open(id=case.id)).reports
    assert (report.reporter_id, report.reason, report.text) == (0, "spam", "")
    await marta.moderation.dismiss(case_ids=[case.id], version=0)
    await world.drain()


async def test_work_of_moderators_who_left_stays_without_their_name(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    mila, boris = await staff(world, "mila", "moderator"), await world.person("boris")
    post, other = await write(anna), await write(anna)
    await boris.moderation.report(**REPORT | {"id": other.id})
    (case,) = await cases(marta)
    await marta.moderation.claim(id=case.id, version=case.version, claim=True)
    await marta.moderation.add_note(case_id=case.id, person_id=0, text="Looks harmless.")
    (decision,) = await act(marta, "hide", kind="post", subject_ids=[post.id])
    await marta.identity.delete_account(password=PASSWORD)
    await world.drain()
    (free,) = await cases(mila)
    assert free.assignee_id == 0
    file = await mila.moderation.open(id=free.id)
    assert [(note.author_id, note.text) for note in file.notes] == [(0, "Looks harmless.")]
    shown = await mila.moderation.get_decision(id=decision.id, key="")
    assert (shown.by_id, shown.actions[0].state) == (0, "in_force")


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
