"""Where files stand, who sees them there, and what goes when."""

import pytest
from PIL import Image

from samovar.contracts.common import Scope
from samovar.contracts.media import Banned
from samovar.contracts.personal import PERSONAL
from samovar.kernel.clock import DAY, HOUR
from samovar.kernel.errors import Forbidden, Invalid, NotFound
from tests.services.media.pictures import drawn, jpeg, keys, member, packed, rows, send
from tests.services.posts.helpers import write
from tests.world import World


async def test_each_file_stands_in_one_post_and_only_its_owners(world: World) -> None:
    anna, http = await member(world, "anna")
    boris = await world.person("boris")
    ids = [int((await send(http, jpeg(100 + n, 80))).json()["id"]) for n in range(6)]
    post = await write(anna, "", media_ids=ids[:4])
    assert post.media_ids == tuple(ids[:4])
    for wrong in ([ids[0]], [ids[4], ids[0]]):
        with pytest.raises(Invalid):
            await write(anna, "again", media_ids=wrong)
    for wrong in ([ids[5], ids[5]], [999], [-1], ids):
        with pytest.raises(Invalid):
            await write(anna, "odd", media_ids=wrong)
    with pytest.raises(Invalid):
        await write(boris, "not mine", media_ids=[ids[5]])
    assert (await write(anna, "free still", media_ids=[ids[5]])).media_ids == (ids[5],)


async def test_a_picture_is_seen_by_whoever_sees_its_post(world: World) -> None:
    anna, http = await member(world, "anna")
    boris, his = await member(world, "boris")
    _, hers = await member(world, "vera")
    await boris.graph.follow(user_id=anna.id)
    photo = (await send(http, jpeg())).json()
    post = await write(anna, "for friends", Scope.FOLLOWERS, media_ids=[int(photo["id"])])
    await world.drain()
    plain = photo["url"]
    assert (await his.get(plain)).status_code == 200
    for http_ in (hers, world.http()):
        assert (await http_.get(plain)).status_code == 404
        assert (await http_.get(f"/api/media/{photo['id']}")).status_code == 404
    signed = (await his.get(f"/api/posts/{post.id}")).json()["media"][0]["url"]
    answer = await world.http().get(signed)
    assert answer.status_code == 200 and answer.headers["cache-control"].startswith("private")
    assert (await world.http().get(signed[:-1] + ("A" if signed[-1] != "A" else "B"))).status_code == 404
    assert (await world.http().get(signed.replace("large.webp", "original"))).status_code == 404
    await boris.graph.unfollow(user_id=anna.id)
    world.clock.advance(30)
    assert (await his.get(plain)).status_code == 404
    world.clock.advance(DAY / 1e6 + 1)
    assert (await world.http().get(signed)).status_code == 404, "a signature ends"


async def test_a_deleted_post_takes_its_pictures_with_it(world: World) -> None:
    anna, http = await member(world, "anna")
    photo = (await send(http, jpeg())).json()
    post = await write(anna, "look", media_ids=[int(photo["id"])])
    await world.drain()
    assert await keys(world)
    await anna.posts.delete(id=post.id)
    await world.drain()
    assert await keys(world) == [] and await rows(world) == []


async def test_unused_files_are_collected_after_a_day_and_used_ones_stay(world: World) -> None:
    anna, http = await member(world, "anna")
    used = (await send(http, jpeg())).json()
    await send(http, jpeg(100, 100))
    await write(anna, "look", media_ids=[int(used["id"])])
    await anna.media.begin(bytes=10, alt="", purpose="")
    await world.drain()
    world.clock.advance(DAY / 1e6 + HOUR / 1e6 * 2)
    await world.drain()
    assert [str(row["id"]) for row in await rows(world)] == [used["id"]]
    assert {key.split("/")[1] for key in await keys(world)} == {used["id"]}


async def test_an_erased_account_leaves_no_byte(world: World) -> None:
    anna, http = await member(world, "anna")
    photo = (await send(http, jpeg())).json()
    await send(http, jpeg(90, 90))
    await write(anna, "look", media_ids=[int(photo["id"])])
    await world.system.of(PERSONAL, "media").erase(user_id=anna.id)
    assert await keys(world) == [] and await rows(world) == []
    with pytest.raises((NotFound, Forbidden)):
        await anna.of(PERSONAL, "media").erase(user_id=anna.id)


@pytest.mark.settings(SAMOVAR_MEDIA__REVIEW_FIRST="true")
async def test_what_waits_for_review_is_its_owners_alone(world: World) -> None:
    anna, http = await member(world, "anna")
    boris = await world.person("boris")
    keeper = await world.person("keeper", "moderator")
    photo = (await send(http, jpeg(), alt="tea")).json()
    assert photo["review"] == "pending"
    post = await write(anna, "look", media_ids=[int(photo["id"])])
    await world.drain()
    seen = (await world.http().get(f"/api/posts/{post.id}")).json()["media"][0]
    assert seen["review"] == "pending" and seen["variants"] == {} and seen["placeholder"] == ""
    assert (await world.http().get(photo["url"])).status_code == 404
    assert (await http.get(photo["url"])).status_code == 200
    with pytest.raises(Forbidden):
        await boris.media.review(id=int(photo["id"]), review="approved")
    assert [one.id for one in (await keeper.media.queue(cursor="", limit=10)).items] == [int(photo["id"])]
    await keeper.media.review(id=int(photo["id"]), review="approved")
    assert (await world.http().get(photo["url"])).status_code == 200
    await keeper.media.review(id=int(photo["id"]), review="rejected")
    assert (await world.http().get(photo["url"])).status_code == 404


async def test_banned_bytes_and_looks_are_not_taken(world: World) -> None:
    _, http = await member(world, "anna")
    keeper = await world.person("keeper", "moderator")
    photo = (await send(http, jpeg(800, 600))).json()
    await keeper.media.ban_hash(id=int(photo["id"]), sha256="", reason="not here")
    for again in (
        jpeg(800, 600),
        packed(drawn(800, 600).resize((500, 375)), "PNG"),
        jpeg(800, 600, quality=30),
    ):
        answer = await send(http, again)
        assert answer.status_code == 403 and answer.json()["code"] == Banned.code
    assert len(await rows(world)) == 1
    other = drawn(800, 600).transpose(0).rotate(17, expand=True)
    assert (await send(http, packed(other))).status_code == 201
    await keeper.media.unban_hash(id=int(photo["id"]), sha256="", reason="")
    assert (await send(http, jpeg(800, 600))).status_code == 201


@pytest.mark.settings(SAMOVAR_MEDIA__FILES_PER_PERSON="2", SAMOVAR_MEDIA__BYTES_PER_PERSON="30000")
async def test_quotas_of_files_and_bytes(world: World) -> None:
    anna, http = await member(world, "anna")
    answers = [await send(http, jpeg(60 + n, 60)) for n in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 403]
    assert answers[2].json()["code"] == "media.quota"
    usage = await anna.media.usage()
    assert usage.files == 2 and usage.bytes < 30_000
    await http.delete(f"/api/media/{answers[0].json()['id']}")
    big = await send(http, packed(Image.effect_noise((400, 400), 90), "JPEG", quality=95))
    assert big.status_code == 403 and big.json()["code"] == "media.quota"
    await world.drain()
    assert len(await rows(world)) == 1


async def test_the_gallery_shows_what_is_public_and_nothing_else(world: World) -> None:
    anna, http = await member(world, "anna")
    shy, hers = await member(world, "shy")
    await shy.graph.set_privacy(private=True, hide_followers=False)
    scopes = (Scope.PUBLIC, Scope.UNLISTED, Scope.FOLLOWERS, Scope.PUBLIC)
    ids = []
    for place, scope in enumerate(scopes):
        photo = (await send(http, jpeg(200 + place, 100), alt=f"cup {place}")).json()
        warning = {"content_warning": "spoilers"} if place == 3 else {}
        await write(anna, "look", scope, media_ids=[int(photo["id"])], **warning)
        ids.append(photo["id"])
    await send(http, jpeg(99, 99))
    private = (await send(hers, jpeg())).json()
    await write(shy, "mine", media_ids=[int(private["id"])])
    await world.drain()
    shown = (await world.http().get("/api/media/gallery")).json()
    assert [one["id"] for one in shown["items"]] == [ids[0]] and shown["next"] is None
    stranger = (await world.http().get("/api/media/user/anna")).json()
    assert {one["id"] for one in stranger["items"]} == {ids[0], ids[1], ids[3]}
    own = (await http.get("/api/media/user/@anna?limit=2")).json()
    assert len(own["items"]) == 2 and own["next"]


async def test_words_and_focus_are_their_owners_to_change(world: World) -> None:
    _, http = await member(world, "anna")
    _, other = await member(world, "boris")
    photo = (await send(http, jpeg())).json()
    path = f"/api/media/{photo['id']}"
    changed = await http.put(path, json={"alt": "A samovar", "focus_x": -0.5})
    assert changed.json()["alt"] == "A samovar" and changed.json()["focus"] == {"x": -0.5, "y": 0.0}
    assert (await http.put(path, json={"alt": "x" * 1501})).status_code == 400
    assert (await http.put(path, json={"focus_x": 3})).status_code == 400
    assert (await http.put(path, json={"colour": "red"})).status_code == 400
    assert (await other.put(path, json={"alt": "mine"})).status_code == 404


async def test_a_page_of_posts_asks_for_their_pictures_once(world: World) -> None:
    anna, http = await member(world, "anna")
    for number in range(3):
        photo = (await send(http, jpeg(100 + number, 90))).json()
        await write(anna, f"cup {number}", media_ids=[int(photo["id"])])
    await write(anna, "no picture")
    await world.drain()
    await http.get("/api/feed")
    with world.queries(60) as counter:
        feed = (await http.get("/api/feed")).json()
    assert len([item for item in feed["items"] if item["media"]]) == 3
    about = [sql for sql in counter.log if "media_medium" in sql]
    # Elsewhere calls are repeated, or counted where they run.
    assert len(about) == 1 or world.kind in ("wire", "grpc"), about
