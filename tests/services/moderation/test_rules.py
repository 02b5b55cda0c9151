"""Rules that act by themselves, and posts that wait to be approved."""

from typing import Any

import pytest

from samovar.contracts.common import Scope
from samovar.contracts.items import ITEMS
from samovar.contracts.moderation import Rule
from samovar.contracts.posts import AgainstRules
from samovar.kernel.errors import Forbidden, Invalid, NotFound, Unavailable
from samovar.services.moderation.rpc import ModerationRpc
from tests.services.moderation.helpers import act, audit, cases, inbox, staff, visible, write
from tests.world import Person, World

NOTHING: dict[str, Any] = {
    "id": 0, "name": "A rule", "kinds": [], "levels": [], "words": [], "hosts": [], "links": 0, "per_hour": 0,
    "media": False, "outcome": "queue", "reason": "", "on": True,
}  # fmt: skip


async def rule(admin: Person, **more: Any) -> Rule:
    return await admin.moderation.save_rule(**NOTHING | more)


async def test_what_is_refused_is_not_written_and_says_why(world: World) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    await rule(chief, words=["casino*"], outcome="refuse", reason="spam")
    with pytest.raises(AgainstRules) as refused:
        await write(anna, "The best CASINOS in town")
    assert refused.value.fields["text"].startswith("Advertising and spam. Posts whose point")
    post = await write(anna, "The best kettles in town")
    with pytest.raises(AgainstRules):
        await anna.posts.edit(id=post.id, text="The best casino in town")
    assert (await anna.posts.get_many(ids=[post.id])).items[0].text == "The best kettles in town"


async def test_what_a_rule_queues_is_seen_and_waits_for_a_moderator(world: World) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    await rule(chief, name="Kettles", words=["kettle"])
    post = await write(anna, "My kettle sings")
    await write(anna, "My kettles sing")
    await world.drain()
    (case,) = await cases(chief)
    assert (case.subject_id, case.origin, case.reports, case.excerpt) == (
        post.id, "rule", 0, "My kettle sings"
    )  # fmt: skip
    assert await visible(world.stranger, post.id)
    file = await chief.moderation.open(id=case.id)
    assert [one.taken_for for one in file.evidence] == ["rule"]
    assert [(line.action, line.actor_id, line.why) for line in file.history] == [("rule.queue", 0, "Kettles")]


async def test_what_a_rule_hides_is_told_and_can_be_appealed(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    chief = await staff(world, "chief", "admin")
    await rule(chief, hosts=["spam.example"], outcome="hide", reason="spam")
    post = await write(anna, "See https://shop.spam.example/kettle?a=1")
    assert not await visible(boris, post.id)
    await world.drain()
    assert not await visible(boris, post.id)
    (line,) = await inbox(anna)
    assert "Moderators hid something you wrote" in line.data
    (case,) = await cases(chief)
    file = await chief.moderation.open(id=case.id)
    (decision,) = file.decisions
    assert (decision.by_id, [action.type for action in decision.actions]) == (0, ["hide"])
    await anna.moderation.appeal(decision_id=decision.id, text="That shop is my own.", key="")
    await chief.moderation.judge(decision_id=decision.id, accept=True, answer="")
    assert await visible(boris, post.id)


async def test_a_warning_by_a_rule(world: World) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    await rule(chief, words=["spider"], outcome="sensitive", reason="needs_warning")
    post = await write(anna, "A spider sat down beside her")
    await world.drain()
    assert (await world.stranger.posts.get_many(ids=[post.id])).items[0].sensitive


async def test_first_posts_wait_until_they_are_approved(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    chief = await staff(world, "chief", "admin")
    await rule(chief, kinds=["post"], levels=["new"], outcome="hold", reason="first_posts")
    post = await write(anna, "Hello @boris")
    await world.drain()
    assert (post.hidden, post.held) == (True, True)
    assert not await visible(boris, post.id)
    assert await inbox(boris) == []
    (seen,) = (await anna.posts.get_many(ids=[post.id])).items
    assert seen.held
    (waits,) = (await chief.moderation.held(kind="", cursor="", limit=0)).items
    assert waits.exhibit.text == "Hello @boris"
    assert (await chief.moderation.overview()).held == 1
    with pytest.raises(Invalid):
        await chief.moderation.dismiss(case_ids=[waits.case_id], version=0)

    await chief.moderation.approve(case_ids=[waits.case_id])
    await world.drain()
    assert await visible(boris, post.id)
    assert [line.type for line in await inbox(boris)] == ["mentioned"]
    assert any("is visible now" in line.data for line in await inbox(anna))
    assert not (await chief.moderation.held(kind="", cursor="", limit=0)).items
    page = await world.stranger.feed.public(cursor="", limit=20)
    assert post.id in [entry.id for entry in page.items]


async def test_what_waits_can_be_hidden_with_a_reason(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    chief = await staff(world, "chief", "admin")
    await rule(chief, levels=["new"], outcome="hold")
    post = await write(anna, "Hello @boris")
    await world.drain()
    (case,) = await cases(chief)
    assert case.held
    (decision,) = await act(chief, "hide", case_ids=[case.id])
    await world.drain()
    (seen,) = (await anna.posts.get_many(ids=[post.id])).items
    assert (seen.hidden, seen.held) == (True, False)
    await anna.moderation.appeal(decision_id=decision.id, text="I only said hello.", key="")
    await chief.moderation.judge(decision_id=decision.id, accept=True, answer="")
    await world.drain()
    assert await visible(boris, post.id)
    assert [line.type for line in await inbox(boris)] == ["mentioned"]


async def test_members_grow_out_of_being_new_and_staff_never_are(world: World) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    await rule(chief, levels=["new"], outcome="hold")
    assert (await write(anna)).held
    assert not (await write(chief)).held
    world.clock.advance(4 * 24 * 3600)
    assert (await write(anna)).held, "not enough posts yet"
    for number in range(4):
        await write(anna, f"Post {number}")
    world.clock.advance(120)
    assert not (await write(anna)).held


async def test_a_pace_and_a_number_of_links(world: World) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    await rule(chief, name="Pace", per_hour=3, outcome="refuse")
    await rule(chief, name="Links", links=2, outcome="sensitive")
    for number in range(3):
        await write(anna, f"Post {number}")
    with pytest.raises(AgainstRules):
        await write(anna, "Post 4")
    world.clock.advance(3600)
    post = await write(anna, "https://one.example https://two.example/x")
    assert post.sensitive
    assert not (await write(anna, "https://one.example")).sensitive


async def test_the_strongest_of_several_rules_counts(world: World) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    await rule(chief, name="Mild", words=["tea"], outcome="queue")
    strong = await rule(chief, name="Strong", words=["tea"], outcome="hide")
    post = await write(anna, "Tea?")
    assert post.hidden
    await chief.moderation.save_rule(
        **NOTHING | {"id": strong.id, "name": "Strong", "on": False, "words": ["tea"]}
    )
    assert not (await write(anna, "Tea!")).hidden


async def test_an_edit_is_judged_too(world: World) -> None:
    anna, boris = await world.person("anna"), await world.person("boris")
    chief = await staff(world, "chief", "admin")
    await rule(chief, words=["casino"], outcome="hide", reason="spam")
    post = await write(anna, "Good morning")
    assert await visible(boris, post.id)
    await anna.posts.edit(id=post.id, text="Good casino")
    await world.drain()
    assert not await visible(boris, post.id)
    (case,) = await cases(chief)
    assert case.subject_id == post.id


async def test_rules_are_tried_on_a_text_before_they_are_saved(world: World) -> None:
    chief = await staff(world, "chief", "admin")
    await rule(chief, words=["tea"], outcome="queue")
    sample = {"kind": "post", "level": "new", "media": False}
    fresh = Rule(name="Fresh", words=("coffee",), outcome="refuse", reason="spam", on=True)
    for text, outcome in (("Tea", "queue"), ("Coffee", "refuse"), ("Water", "")):
        found = await chief.moderation.try_rules(rule=fresh, text=text, **sample)
        assert found.outcome == outcome, text
    assert (await chief.moderation.try_rules(rule=None, text="Coffee", **sample)).outcome == ""


async def test_without_rules_nothing_is_asked(world: World) -> None:
    anna = await world.person("anna")
    ask = {"kind": "post", "author_id": anna.id, "text": "Hello", "media_ids": [], "edited": False}
    await anna.moderation.admit(**ask)
    with world.queries(max=0):
        assert (await anna.moderation.admit(**ask)).outcome == ""
    with pytest.raises(NotFound):
        await anna.moderation.admit(**ask | {"author_id": 77})


async def test_what_was_written_while_nobody_could_be_asked_is_judged_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    await rule(chief, words=["casino"], outcome="refuse", reason="spam")

    async def away(*_: Any, **__: Any) -> Any:
        raise Unavailable

    with monkeypatch.context() as patched:
        # The one thing of the inside that is touched here: nobody answers.
        patched.setattr(ModerationRpc, "admit", away)
        bad, good = await write(anna, "The best casino"), await write(anna, "Good morning")
    assert await visible(world.stranger, bad.id)
    await world.drain()
    assert not await visible(world.stranger, bad.id)
    assert await visible(world.stranger, good.id)
    assert any("Moderators hid" in line.data for line in await inbox(anna))


async def test_wrong_rules_are_refused(world: World) -> None:
    chief, marta = await staff(world, "chief", "admin"), await staff(world, "marta", "moderator")
    for wrong in (
        {"name": ""},
        {"name": "a" * 81},
        {"outcome": "boil", "words": ["tea"]},
        {"outcome": "refuse"},
        {"outcome": "hide"},
        {"words": ["***"]},
        {"words": [f"word{n}" for n in range(501)]},
        {"hosts": ["https://"]},
        {"links": -1},
        {"per_hour": 10_001},
        {"kinds": ["kettle"]},
        {"levels": ["staff"]},
        {"reason": "because"},
    ):
        with pytest.raises(Invalid):
            await rule(chief, **wrong)
    with pytest.raises(NotFound):
        await rule(chief, id=77, words=["tea"])
    with pytest.raises(Forbidden):
        await rule(marta, words=["tea"])
    saved = await rule(
        chief, name="  Tea   time ", words=["tea", "tea", " "], hosts=["HTTPS://www.Tea.example/x"]
    )
    assert (saved.name, saved.words, saved.hosts) == ("Tea time", ("tea",), ("tea.example",))
    await chief.moderation.remove_rule(id=saved.id)
    await chief.moderation.remove_rule(id=saved.id)
    assert (await chief.moderation.rules()).items == ()
    assert [line.action for line in await audit(chief, action="rule.")] == ["rule.removed", "rule.saved"]


async def test_reasons_are_the_communitys_own(world: World) -> None:
    anna, chief = await world.person("anna"), await staff(world, "chief", "admin")
    own = {
        "key": "sunday",
        "title_en": "Not on Sundays",
        "text_en": "We rest.",
        "title_ru": "",
        "text_ru": "",
    }
    await chief.moderation.save_reason(**own, builtin=False)
    await chief.moderation.save_reason(
        key="spam", title_en="Adverts", text_en="", title_ru="", text_ru="", builtin=False
    )
    reasons = {reason.key: reason for reason in (await chief.moderation.reasons()).items}
    assert (reasons["spam"].title_en, reasons["sunday"].builtin) == ("Adverts", False)
    post = await write(anna)
    (decision,) = await act(chief, "hide", kind="post", subject_ids=[post.id], reason="sunday")
    assert decision.reason_title == "Not on Sundays"
    await chief.moderation.remove_reason(key="spam")
    reasons = {reason.key: reason for reason in (await chief.moderation.reasons()).items}
    assert reasons["spam"].title_en == "Advertising and spam"
    for wrong in ({"key": "A b"}, {"title_en": ""}, {"text_en": "a" * 1001}):
        with pytest.raises(Invalid):
            await chief.moderation.save_reason(**own | wrong, builtin=False)


async def test_moderators_see_every_item_and_members_do_not(world: World) -> None:
    anna, marta = await world.person("anna"), await staff(world, "marta", "moderator")
    closed = await write(anna, "For my friends", visibility=Scope.FOLLOWERS)
    found = await marta.of(ITEMS, "post").examine(ids=[closed.id])
    assert [one.text for one in found.items] == ["For my friends"]
    page = await marta.of(ITEMS, "post").latest(author_id=anna.id, hidden=False, cursor="", limit=5)
    assert [one.id for one in page.items] == [closed.id]
    assert not (await marta.of(ITEMS, "post").latest(author_id=0, hidden=True, cursor="", limit=5)).items
    with pytest.raises(NotFound):
        await anna.of(ITEMS, "post").examine(ids=[closed.id])
    with pytest.raises(NotFound):
        await world.stranger.of(ITEMS, "post").latest(author_id=0, hidden=False, cursor="", limit=5)
