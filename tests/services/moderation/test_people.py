"""Warnings, silence, suspensions, bans: what they do to somebody, and when they end."""

import json
import re

import pytest

from samovar.contracts.common import Scope
from samovar.contracts.identity import EmailBanned, Suspended, TokenInvalid
from samovar.contracts.moderation import Action
from samovar.kernel.clock import DAY
from samovar.kernel.errors import NotFound
from tests.services.moderation.helpers import act, inbox, sign_in, staff, visible, write
from tests.world import PASSWORD, World


async def test_who_is_suspended_is_out_at_once_and_reads_why(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    until = world.clock.now() + 7 * DAY
    (decision,) = await act(
        marta, kind="person", subject_ids=[anna.id], reason="harassment", message="Leave Boris alone.",
        actions=[Action(type="suspend", until=until)],
    )  # fmt: skip
    with pytest.raises(TokenInvalid):
        await world.system.identity.resolve_session(session_id=anna.call.session or 0)
    with pytest.raises(Suspended) as refused:
        await sign_in(world, "anna")
    assert refused.value.data["until"] == until
    notice = str(refused.value.data["notice"])
    found = re.fullmatch(rf"/decisions/{decision.id}\?key=(\w+)", notice)
    assert found is not None
    key = found.group(1)
    shown = await world.stranger.moderation.get_decision(id=decision.id, key=key)
    assert (shown.reason_title, shown.message) == ("Harassment", "Leave Boris alone.")
    assert (await world.stranger.identity.get_many(ids=[anna.id])).items[0].suspended

    await world.stranger.moderation.appeal(decision_id=decision.id, text="It was not me, honestly.", key=key)
    mila = await staff(world, "mila", "moderator")
    await mila.moderation.judge(decision_id=decision.id, accept=True, answer="")
    assert (await sign_in(world, "anna")).account.id == anna.id


async def test_a_wrong_password_learns_nothing_of_a_suspension(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    await act(marta, "suspend", kind="person", subject_ids=[anna.id])
    with pytest.raises(Exception, match="wrong"):
        await world.stranger.identity.login(
            name="anna", password="not this", otp=None, device="", browser=True
        )


async def test_a_suspension_ends_by_itself(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    until = world.clock.now() + DAY
    await act(marta, kind="person", subject_ids=[anna.id], actions=[Action(type="suspend", until=until)])
    world.clock.advance(24 * 3600 + 1)
    # Also before the job that tidies up has run.
    await sign_in(world, "anna")
    await world.drain()
    (dossier,) = (await marta.identity.dossiers(ids=[anna.id])).items
    assert (dossier.standing.state, dossier.account.suspended) == ("", False)


async def test_the_longest_of_several_suspensions_counts(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    now = world.clock.now()
    (short,) = await act(
        marta, kind="person", subject_ids=[anna.id], actions=[Action(type="suspend", until=now + DAY)]
    )
    (long,) = await act(
        marta, kind="person", subject_ids=[anna.id], actions=[Action(type="suspend", until=now + 9 * DAY)]
    )
    await marta.moderation.undo(decision_id=short.id, why="")
    with pytest.raises(Suspended) as refused:
        await sign_in(world, "anna")
    assert refused.value.data["until"] == now + 9 * DAY
    await marta.moderation.undo(decision_id=long.id, why="")
    await sign_in(world, "anna")


async def test_a_letter_comes_whatever_somebody_chose(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    (decision,) = await act(
        marta, "suspend", kind="person", subject_ids=[anna.id], message="Three times is enough."
    )
    await world.drain()
    letters = [path.read_text() for path in world.folder.rglob("*.eml")]
    (letter,) = [
        text
        for text in letters
        if f"/decisions/{decision.id}?key" in text.replace("=\n", "").replace("=3D", "=")
    ]
    assert "anna@example.org" in letter
    assert await inbox(anna) == []


async def test_who_is_banned_does_not_come_back_with_the_same_address(world: World) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    (decision,) = await act(chief, "ban", kind="person", subject_ids=[anna.id])
    with pytest.raises(Suspended):
        await sign_in(world, "anna")
    await world.system.identity.erase_account(user_id=anna.id)
    await world.drain()
    join = {
        "username": "anna2", "email": "Anna@example.org", "password": PASSWORD, "locale": "en", "device": "",
        "browser": False,
    }  # fmt: skip
    with pytest.raises(EmailBanned):
        await world.stranger.identity.register(**join)
    with pytest.raises(NotFound):
        # What was decided about somebody goes with them.
        await chief.moderation.get_decision(id=decision.id, key="")


async def test_a_ban_that_is_taken_back_lets_the_address_in(world: World) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    (decision,) = await act(chief, "ban", kind="person", subject_ids=[anna.id])
    await chief.moderation.undo(decision_id=decision.id, why="The wrong Anna.")
    await sign_in(world, "anna")
    await world.system.identity.erase_account(user_id=anna.id)
    await world.drain()
    await world.stranger.identity.register(
        username="anna2", email="anna@example.org", password=PASSWORD, locale="en", device="", browser=False
    )


async def test_who_is_silenced_is_heard_by_followers_alone(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    clara, marta = await world.person("clara"), await staff(world, "marta", "moderator")
    await boris.graph.follow(user_id=anna.id)
    theirs = await write(clara, "Good morning")
    (decision,) = await act(marta, "silence", kind="person", subject_ids=[anna.id])
    await world.drain()
    loud = await write(anna, "Look at me @clara")
    answer = await write(anna, "You too", in_reply_to_id=theirs.id)
    await world.drain()
    for post in (loud, answer):
        assert str(post.visibility) == "followers"
        assert await visible(boris, post.id)
        assert not await visible(clara, post.id)
        assert not await visible(world.stranger, post.id)
    assert await inbox(clara) == []
    public = await world.stranger.feed.public(cursor="", limit=20)
    assert loud.id not in [entry.id for entry in public.items]

    await marta.moderation.undo(decision_id=decision.id, why="")
    again = await write(anna, "Look at me @clara")
    await world.drain()
    assert str(again.visibility) == "public"
    assert any(line.type == "mentioned" for line in await inbox(clara))


async def test_a_silence_ends_on_time_even_before_its_job(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    until = world.clock.now() + DAY
    await act(marta, kind="person", subject_ids=[anna.id], actions=[Action(type="silence", until=until)])
    assert str((await write(anna)).visibility) == str(Scope.FOLLOWERS)
    world.clock.advance(24 * 3600 + 1)
    assert str((await write(anna)).visibility) == str(Scope.PUBLIC)


async def test_a_warning_is_only_a_word(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    (decision,) = await act(
        marta, "warn", kind="person", subject_ids=[anna.id], reason="rude", message="Please stop."
    )
    await world.drain()
    (line,) = await inbox(anna)
    assert json.loads(line.data)["title"] == "A warning from the moderators"
    await sign_in(world, "anna")
    shown = await anna.moderation.get_decision(id=decision.id, key="")
    assert [action.type for action in shown.actions] == ["warn"]


async def test_people_are_told_in_their_language(world: World) -> None:
    grant = await world.stranger.identity.register(
        username="vera", email="vera@example.org", password=PASSWORD, locale="ru", device="", browser=False
    )
    await world.drain()
    vera, marta = world.as_(grant.account.id), await staff(world, "marta", "moderator")
    post = await write(vera, "Купите чайник")
    await act(marta, "hide", kind="post", subject_ids=[post.id])
    await world.drain()
    (line,) = await inbox(vera)
    data = json.loads(line.data)
    assert data["title"] == "Модераторы скрыли вашу запись"
    assert data["text"].startswith("Реклама и спам.")
