"""Bodies with files at the gateway: larger and slower than others, yet bounded."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.services.media.pictures import jpeg, keys, member, rows, send
from tests.world import World

HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
TAIL = b"\r\n--b--\r\n"
FORM = {"content-type": "multipart/form-data; boundary=b"}


async def dripping(*pieces: bytes, seconds: float) -> AsyncIterator[bytes]:
    """A body whose later pieces come one by one."""
    for place, piece in enumerate(pieces):
        if place:
            await asyncio.sleep(seconds)
        yield piece


async def test_only_forms_with_files_of_members_may_be_large(world: World) -> None:
    _, http = await member(world, "anna")
    large = bytes(1_200_000)
    for client, path, headers in (
        (world.http(), "/api/media/upload", FORM),
        (http, "/api/media/upload", {"content-type": "application/json"}),
        (http, "/api/posts", FORM),
        (http, "/login", FORM),
    ):
        answer = await client.post(path, content=HEAD + large + TAIL, headers=headers)
        assert answer.status_code == 413 and answer.json()["code"] == "too_large", (path, answer.text)
    noise = jpeg(4000, 3000, quality=100) + large  # what is behind a picture is looked at, so it is refused
    assert len(noise) > 1_200_000
    assert (await send(http, noise)).status_code in (201, 400)


@pytest.mark.settings(SAMOVAR_EDGE__BODY_SECONDS="0.5", SAMOVAR_EDGE__UPLOAD_PACE="1000000000")
async def test_what_comes_slower_than_its_pace_is_cut_off_and_forgotten(world: World) -> None:
    _, http = await member(world, "mallory")
    photo = jpeg()
    body = dripping(HEAD + photo[:2000], photo[2000:] + TAIL, seconds=3)
    answer = await http.post("/api/media/upload", content=body, headers=FORM)
    assert answer.status_code == 408 and answer.json()["code"] == "too_slow"
    assert await rows(world) == [] and await keys(world) == []


@pytest.mark.settings(SAMOVAR_EDGE__BODY_SECONDS="0.5", SAMOVAR_EDGE__UPLOAD_PACE="100")
async def test_what_keeps_its_pace_may_take_longer_than_other_bodies(world: World) -> None:
    _, http = await member(world, "anna")
    photo = jpeg()
    body = dripping(HEAD + photo[:2000], photo[2000:4000], photo[4000:] + TAIL, seconds=0.4)
    answer = await http.post("/api/media/upload", content=body, headers=FORM)
    assert answer.status_code == 201, answer.text


async def test_another_site_cannot_send_files_through_a_cookie(world: World) -> None:
    await member(world, "anna")
    browser = world.browser()
    await browser.post("/login", data={"username": "anna", "password": "a quiet kettle hums"})
    answer = await browser.post(
        "/api/media/upload", content=HEAD + jpeg() + TAIL, headers={**FORM, "sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403 and answer.json()["code"] == "cross_site"
    assert (
        await browser.post("/api/media/upload", content=HEAD + jpeg() + TAIL, headers=FORM)
    ).status_code == 201
