"""Pictures in pages, with scripts off: plain forms with files."""

import re

import httpx
import pytest

from tests.services.media.pictures import jpeg, keys, rows
from tests.world import PASSWORD, World

pytestmark = pytest.mark.settings(SAMOVAR_EDGE__ANONYMOUS_CACHE_SECONDS="0")


async def reader(world: World, name: str = "anna") -> httpx.AsyncClient:
    """A browser, signed in as a new member."""
    await world.person(name)
    browser = world.browser()
    signed = await browser.post("/login", data={"name": name, "password": PASSWORD})
    assert signed.status_code == 303, signed.text
    return browser


async def test_a_form_with_a_picture_makes_a_post_that_shows_it(world: World) -> None:
    browser = await reader(world)
    sent = await browser.post(
        "/posts",
        data={"text": "look", "alt": "A cup"},
        files={"file": ("a.jpg", jpeg(900, 600), "text/html")},
    )
    assert sent.status_code == 303, sent.text
    await world.drain()
    page = (await browser.get(sent.headers["location"])).text
    found = re.search(r'<img class="\s*" src="(/media/\d+/medium.webp)"[^>]*alt="A cup"', page)
    assert found, page
    assert (await world.http().get(found[1])).status_code == 200
    assert "A cup" in (await world.browser().get("/gallery")).text
    assert "A cup" in (await world.browser().get("/@anna/media")).text


async def test_a_refused_file_keeps_what_was_written(world: World) -> None:
    browser = await reader(world)
    sent = await browser.post("/posts", data={"text": "look at this"}, files={"file": ("a.jpg", b"<html>")})
    assert sent.status_code == 422
    assert "look at this" in sent.text and "not a picture or film" in sent.text
    assert await rows(world) == [] and await keys(world) == []


async def test_a_face_is_shown_wherever_its_person_is(world: World) -> None:
    browser = await reader(world)
    form = {"display_name": "Anna", "bio": ""}
    sent = await browser.post("/settings/profile", data=form, files={"avatar": ("me.jpg", jpeg(500, 300))})
    assert sent.status_code == 303, sent.text
    page = (await world.browser().get("/@anna")).text
    face = re.search(r'class="avatar" src="(/media/\d+/small.webp)"', page)
    assert face and (await world.http().get(face[1])).status_code == 200
    await world.drain()
    assert (await world.http().get(face[1])).status_code == 200
    await browser.post("/settings/profile", data={**form, "no_avatar": "1"})
    await world.drain()
    assert "/avatars/" in (await world.browser().get("/@anna")).text
    assert await keys(world) == []


async def test_an_edit_leaves_pictures_out_and_describes_them(world: World) -> None:
    browser = await reader(world)
    for picture in (jpeg(300, 200), jpeg(200, 300)):
        await browser.post("/posts", data={"text": "look"}, files={"file": ("a.jpg", picture)})
    await world.drain()
    first, second = [row for row in await rows(world) if row["item_id"]]
    post = second["item_id"]
    form = (await browser.get(f"/compose?edit={post}")).text
    assert f'name="media_ids" value="{second["id"]}"' in form and first["id"] != second["id"]
    sent = await browser.post(
        f"/posts/{post}/edit", data={"text": "still", "media_ids": str(second["id"]), "media_alt": "Rain"}
    )
    assert sent.status_code == 303, sent.text
    assert 'alt="Rain"' in (await browser.get(sent.headers["location"])).text
    await browser.post(
        f"/posts/{post}/edit",
        data={"text": "no more", "media_ids": str(second["id"]), "media_drop": str(second["id"])},
    )
    await world.drain()
    assert [row["id"] for row in await rows(world)] == [first["id"]]
