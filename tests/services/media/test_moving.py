"""Animations and films: made by a job, with a poster at once."""

import io

import av
import pytest

from samovar.contracts.media import MediaDeleted, MediaUploaded
from tests.services.media.pictures import film, keys, member, moving, rows, send
from tests.services.posts.helpers import Ear
from tests.world import World


def codecs(data: bytes) -> tuple[str, int]:
    """The picture's codec, and how many frames there are."""
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        return stream.codec_context.name, sum(1 for _ in container.decode(stream))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
async def test_an_animation_gets_an_mp4_and_a_webm(world: World, kind: str) -> None:
    _, http = await member(world, "anna")
    ear = Ear(world, MediaUploaded)
    sent = await send(http, moving(kind), alt="A cup that moves")
    assert sent.status_code == 201, sent.text
    begun = sent.json()
    assert (begun["kind"], begun["state"]) == ("gif", "processing") and begun["variants"]["large"]
    await world.drain()
    made = (await http.get(f"/api/media/{begun['id']}")).json()
    assert made["state"] == "ready" and made["milliseconds"] == 5 * 80
    for name in ("mp4", "webm"):
        answer = await http.get(made["variants"][name]["url"])
        codec, frames = codecs(answer.content)
        assert answer.headers["content-type"] == f"video/{name}" and frames == 6
        assert codec in ("h264", "vp9", "libvpx-vp9")
    assert made["url"] == made["variants"]["mp4"]["url"]
    assert [event.kind for event in ear.heard] == ["gif"]


@pytest.mark.parametrize(("form", "codec"), [("mp4", "libx264"), ("webm", "libvpx-vp9"), ("mov", "libx264")])
async def test_a_film_becomes_an_mp4_that_plays_while_it_loads(world: World, form: str, codec: str) -> None:
    _, http = await member(world, "anna")
    begun = (await send(http, film(form, codec), "holiday.exe")).json()
    assert (begun["kind"], begun["state"]) == ("video", "processing"), begun
    await world.drain()
    made = (await http.get(f"/api/media/{begun['id']}")).json()
    assert made["state"] == "ready" and "original" not in made["variants"]
    data = (await http.get(made["url"])).content
    assert codecs(data)[0] == "h264"
    assert data.index(b"moov") < data.index(b"mdat")
    assert not [key for key in await keys(world) if key.endswith("original")]


async def test_a_film_can_stand_in_a_post_before_it_is_made(world: World) -> None:
    _, http = await member(world, "anna")
    begun = (await send(http, film())).json()
    post = (await http.post("/api/posts", json={"text": "wait", "media_ids": [begun["id"]]})).json()
    assert post["media"][0]["state"] == "processing"
    page = (await world.browser().get(post["url"])).text
    assert f'data-media-wait="{begun["id"]}"' in page
    await world.drain()
    shown = (await world.http().get(f"/api/posts/{post['id']}")).json()["media"][0]
    assert shown["state"] == "ready" and (await world.http().get(shown["url"])).status_code == 200


@pytest.mark.settings(SAMOVAR_MEDIA__FILM_SECONDS="0")
async def test_a_film_that_is_too_long_is_refused(world: World) -> None:
    _, http = await member(world, "anna")
    answer = await send(http, film())
    assert answer.status_code == 413 and answer.json()["code"] == "media.too_big"
    assert await rows(world) == [] and await keys(world) == []


async def test_what_is_deleted_while_it_is_made_leaves_no_byte(world: World) -> None:
    _, http = await member(world, "anna")
    ear = Ear(world, MediaDeleted)
    begun = (await send(http, moving())).json()
    assert (await http.delete(f"/api/media/{begun['id']}")).status_code == 200
    await world.drain()
    assert await keys(world) == [] and await rows(world) == []
    assert [event.media_id for event in ear.heard] == [int(begun["id"])]
