"""The sample community: the same for the same seed, whole, readable, and only for an empty folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from samovar.app import cli
from samovar.app.config import Config, load
from samovar.app.demo import PASSWORD
from samovar.app.demo.acts import Accept, Edit, Follow, Join, Write
from samovar.app.demo.build import build
from samovar.app.demo.clock import DAYS, DemoClock
from samovar.app.demo.corpus import corpus
from samovar.app.demo.plan import planned
from samovar.app.house import House
from samovar.app.serve import house_of
from samovar.contracts.analytics import ANALYTICS
from samovar.contracts.feed import FEED
from samovar.contracts.graph import GRAPH
from samovar.contracts.identity import IDENTITY
from samovar.contracts.moderation import MODERATION
from samovar.contracts.posts import POSTS
from samovar.contracts.profiles import PROFILES
from samovar.contracts.reactions import REACTIONS
from samovar.kernel.clock import DAY, SystemClock
from samovar.kernel.context import Call, calling

MEMBERS, POSTS_MADE = 12, 60


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that cost nothing."""
    monkeypatch.setenv("SAMOVAR_IDENTITY__ARGON_MEMORY_KIB", "64")
    monkeypatch.setenv("SAMOVAR_IDENTITY__ARGON_PASSES", "1")


async def filled(folder: Path, seed: int = 7) -> Config:
    folder.mkdir()
    config = load(folder)
    assert await build(config, members=MEMBERS, posts=POSTS_MADE, seed=seed)
    return config


@asynccontextmanager
async def reading(config: Config) -> AsyncIterator[House]:
    """The house, seen by the system."""
    async with house_of(config) as house:
        with calling(Call(system=True, caller="test")):
            yield house


async def told(config: Config) -> dict[str, Any]:
    """All that a community has, by names instead of ids."""
    async with reading(config) as house:
        people = (await house.peers.get(PROFILES).newest(before=0, limit=100)).items
        names = {person.id: person.username for person in people}
        posts: dict[int, Any] = {}
        follows = set()
        for person in people:
            page = await house.peers.get(FEED).person(
                user_id=person.id, with_replies=True, cursor="", limit=100
            )
            own = [entry.id for entry in page.items if not entry.shared_by_id]
            found = await house.peers.get(POSTS).get_many(ids=own)
            posts |= {post.id: post for post in found.items}
            listed = await house.peers.get(GRAPH).following(user_id=person.id, cursor="", limit=100)
            follows |= {(person.username, names[other]) for other in listed.user_ids}
        reactions = await house.peers.get(REACTIONS).summaries(kind="post", ids=sorted(posts))
        texts = {post.id: post.text for post in posts.values()}
        return {
            "people": sorted((person.username, person.display_name, person.bio) for person in people),
            "follows": follows,
            "posts": sorted(
                (
                    names[post.author_id], post.text, post.language, texts.get(post.in_reply_to_id),
                    texts.get(post.quote_of_id), post.poll and [option.votes for option in post.poll.options],
                )
                for post in posts.values()
            ),
            "reactions": sorted((texts[one.id], sorted(one.counts.items())) for one in reactions.items),
        }  # fmt: skip


async def test_the_same_seed_makes_the_same_community(tmp_path: Path, quick: None) -> None:
    first = await told(await filled(tmp_path / "one"))
    again = await told(await filled(tmp_path / "two"))
    other = await told(await filled(tmp_path / "three", seed=8))
    assert first == again
    assert first["posts"] != other["posts"]
    assert len(first["people"]) == MEMBERS
    assert len(first["posts"]) == POSTS_MADE
    assert first["follows"] and any(counts for _, counts in first["reactions"])


async def test_it_is_readable_signed_in_and_as_a_stranger(tmp_path: Path, quick: None) -> None:
    config = await filled(tmp_path / "data")
    async with house_of(config) as house:
        with calling(Call(address="203.0.113.7")):
            listed = await house.peers.get(FEED).public(cursor="", limit=100)
            posts = (await house.peers.get(POSTS).get_many(ids=[entry.id for entry in listed.items])).items
            grant = await house.peers.get(IDENTITY).login(
                name="anna", password=PASSWORD, otp=None, device="", browser=True
            )
        now = SystemClock().now()
        assert {post.language for post in posts} == {"en", "ru"}
        assert all(now - (DAYS + 1) * DAY < post.created_at <= now for post in posts)
        assert list(posts) == sorted(posts, key=lambda post: post.created_at, reverse=True)
        assert grant.account.email_verified
        with calling(Call(actor=grant.account.id, roles=("user",), session=grant.session_id)):
            home = await house.peers.get(FEED).home(cursor="", limit=20)
            sessions = await house.peers.get(IDENTITY).sessions()
            profile = (await house.peers.get(PROFILES).get_many(ids=[grant.account.id])).items[0]
        assert len(home.items) == 20
        assert [session.current for session in sessions.items] == [True]
        assert profile.bio and profile.fields
        for worker in house.workers.values():
            assert await worker.inbox.count_dead() == 0
            assert await worker.db.jobs.count_dead(worker.db) == 0
            assert (await worker.db.outbox.backlog(worker.db))[1] == 0


async def test_its_guide_finds_something_at_the_desk(tmp_path: Path, quick: None) -> None:
    config = await filled(tmp_path / "data")
    async with house_of(config) as house:
        with calling(Call(address="203.0.113.7")):
            grant = await house.peers.get(IDENTITY).login(
                name="anna", password=PASSWORD, otp=None, device="", browser=True
            )
        assert "admin" in grant.account.roles
        with calling(Call(actor=grant.account.id, roles=grant.account.roles, session=grant.session_id)):
            assert (await house.peers.get(MODERATION).overview()).open_cases >= 2


async def test_a_community_with_members_stays_as_it_is(tmp_path: Path, quick: None) -> None:
    config = load(tmp_path)
    async with house_of(config) as house:
        with calling(Call(address="203.0.113.7")):
            await house.peers.get(IDENTITY).register(
                username="somebody", email="somebody@example.org", password="a quiet kettle hums",
                locale="en", device="", browser=False,
            )  # fmt: skip
    assert not await build(config, members=MEMBERS, posts=POSTS_MADE)
    assert (await told(config))["people"] == [("somebody", "somebody", "")]


async def test_what_was_interrupted_is_begun_anew(
    tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load(tmp_path)

    def stop(done: int, total: int, at: int) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await build(config, members=MEMBERS, posts=POSTS_MADE, progress=stop)
    (tmp_path / ".demo-1").mkdir()  # A killed process tidies nothing up.
    assert not (tmp_path / "samovar.db").exists()
    assert await build(config, members=MEMBERS, posts=POSTS_MADE)
    assert not list(tmp_path.glob(".demo-*"))
    assert len((await told(config))["people"]) == MEMBERS


async def test_it_goes_into_a_closed_and_slow_installation(tmp_path: Path, quick: None) -> None:
    config = load(tmp_path)
    async with house_of(config):
        pass
    closed = msgspec.structs.replace(
        config, site=msgspec.structs.replace(config.site, registrations_open=False)
    )
    assert await build(closed, members=MEMBERS, posts=POSTS_MADE)


def test_the_command_refuses_a_second_time(tmp_path: Path, quick: None) -> None:
    arguments = ["demo", "--data", str(tmp_path), "--members", "5", "--posts", "20"]
    first = CliRunner().invoke(cli.main, arguments)
    assert first.exit_code == 0, first.output
    assert PASSWORD in first.output
    second = CliRunner().invoke(cli.main, arguments)
    assert second.exit_code == 1
    assert "has members already" in second.output


# The whole plan, without living it.


def test_the_whole_plan_keeps_its_promises() -> None:
    acts = planned(100, 2500, 7)
    posts = {act.key: act for act in acts if isinstance(act, Write)}
    joined = {act.who: act.day for act in acts if isinstance(act, Join)}
    assert len(joined) == 100
    assert len(posts) == 2500
    assert len({post.text for post in posts.values()}) > 2000
    assert [act.day for act in acts] == sorted(act.day for act in acts)
    done: set[str] = set()
    for act in acts:
        assert all(need in done for need in act.needs), act
        if act.makes:
            done.add(act.makes)
    people = {person.username: person for person in corpus().people}
    for post in posts.values():
        assert not set("{}~|") & set(post.text), post.text
        assert post.language in people[post.who].languages
    for act in acts:
        if isinstance(act, Write | Edit):
            assert 0 < len(act.text) <= 500, act.text
    followed = [act.whom for act in acts if isinstance(act, Follow)]
    assert max(map(followed.count, people)) > 3 * sorted(map(followed.count, people))[50]
    assert any(isinstance(act, Accept) for act in acts)


@pytest.mark.parametrize(("members", "posts"), [(1, 5), (3, 0), (100, 400)])
def test_other_sizes_work_too(members: int, posts: int) -> None:
    acts = planned(members, posts, 3)
    assert sum(isinstance(act, Join) for act in acts) == members
    assert sum(isinstance(act, Write) for act in acts) <= posts
    if members == 100:
        assert sum(isinstance(act, Write) for act in acts) == posts


def test_the_corpus_names_nobody_who_is_not_there() -> None:
    book = corpus()
    names = {person.username for person in book.people}
    assert len(names) == len(book.people)
    for thread in book.threads:
        for line in thread.root.all():
            assert line.marks.get("who", "anna") in names, line.marks
            wrong, _, right = line.marks.get("typo", "").partition(">")
            assert right in line.text and (not wrong or wrong not in line.text)


def test_lively_time_never_goes_back() -> None:
    clock = DemoClock()
    moments = [clock.at(step / 97) for step in range(97 * DAYS + 1)]
    assert moments == sorted(moments)
    assert moments[0] == clock.start and moments[-1] == clock.end
    clock.set(clock.start + DAY)
    clock.set(clock.start)
    assert clock.now() == clock.start + DAY


async def test_its_figures_tell_of_the_times_when_things_happened(quick: None, tmp_path: Path) -> None:
    config = await filled(tmp_path / "one")
    async with reading(config) as house:
        found = await house.peers.get(ANALYTICS).summary(days=DAYS + 1)
        series = {one.name: one for one in found.series}
        assert series["created"].total == POSTS_MADE and series["registered"].total == MEMBERS
        assert found.members == MEMBERS and series["viewed"].total > series["reacted"].total > 0
        assert sum(1 for number in series["created"].values if number) > DAYS // 6, "over all of the time"
        assert (await house.peers.get(ANALYTICS).popular(kind="post", days=DAYS, limit=5)).items
