"""Uploads: what is taken, what comes of it, who gets it."""

import io

from PIL import Image

from tests.services.media.pictures import drawn, jpeg, keys, member, packed, rows, send
from tests.world import World


async def test_a_photo_becomes_three_sizes_and_stands_in_a_post(world: World) -> None:
    _, http = await member(world, "anna")
    answer = await send(http, jpeg(2000, 1500), "photo.jpg", alt="A cup of tea")
    assert answer.status_code == 201, answer.text
    photo = answer.json()
    assert (photo["kind"], photo["state"], photo["alt"]) == ("image", "ready", "A cup of tea")
    assert (photo["width"], photo["height"]) == (2000, 1500)
    sizes = {name: (form["width"], form["height"]) for name, form in photo["variants"].items()}
    assert sizes == {
        "large": (1280, 960), "medium": (640, 480), "small": (160, 120), "tiny": (20, 15),
        "original": (2000, 1500),
    }  # fmt: skip
    assert len(photo["placeholder"]) > 10 and photo["url"] == photo["variants"]["large"]["url"]
    post = await http.post("/api/posts", json={"text": "", "media_ids": [photo["id"]]})
    assert post.status_code == 201, post.text
    assert [one["id"] for one in post.json()["media"]] == [photo["id"]]

    stranger = world.http()
    seen = (await stranger.get(f"/api/posts/{post.json()['id']}")).json()["media"][0]
    assert seen["alt"] == "A cup of tea" and "original" not in seen["variants"]
    bytes_ = await stranger.get(seen["url"])
    assert bytes_.status_code == 200 and bytes_.headers["content-type"] == "image/webp"
    assert bytes_.headers["cache-control"].startswith("public") and bytes_.headers["etag"]
    assert bytes_.headers["content-security-policy"].startswith("sandbox")
    assert Image.open(io.BytesIO(bytes_.content)).size == (1280, 960)


async def test_a_picture_that_stands_nowhere_is_its_owners_alone(world: World) -> None:
    _, anna = await member(world, "anna")
    _, boris = await member(world, "boris")
    photo = (await send(anna, jpeg())).json()
    for http in (boris, world.http()):
        assert (await http.get(f"/api/media/{photo['id']}")).status_code == 404
        assert (await http.get(photo["url"])).status_code == 404
    assert (await anna.get(photo["url"])).status_code == 200
    original = await anna.get(photo["variants"]["original"]["url"])
    assert original.headers["content-disposition"].startswith("attachment")


async def test_position_goes_and_the_picture_is_turned_upright(world: World) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x8825] = {1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)}
    _, http = await member(world, "anna")
    photo = (await send(http, packed(drawn(320, 240), "JPEG", exif=exif))).json()
    assert (photo["width"], photo["height"]) == (240, 320)
    for name in ("large", "medium", "small", "tiny"):
        shown = Image.open(io.BytesIO((await http.get(photo["variants"][name]["url"])).content))
        assert shown.height > shown.width
        assert not shown.getexif() and "exif" not in shown.info and "xmp" not in shown.info


async def test_ranges_and_known_tags(world: World) -> None:
    _, http = await member(world, "anna")
    photo = (await send(http, jpeg())).json()
    whole = await http.get(photo["url"])
    size = len(whole.content)
    for asked, status, want in (
        ("bytes=0-9", 206, whole.content[:10]),
        ("bytes=10-", 206, whole.content[10:]),
        ("bytes=-7", 206, whole.content[-7:]),
        (f"bytes={size}-", 416, None),
        ("bytes=9-3", 200, whole.content),
        ("bytes=0-1,4-5", 200, whole.content),
        ("cups=1-2", 200, whole.content),
    ):
        answer = await http.get(photo["url"], headers={"range": asked})
        assert answer.status_code == status, asked
        if want is not None:
            assert answer.content == want and int(answer.headers["content-length"]) == len(want)
    assert (await http.get(photo["url"], headers={"if-none-match": whole.headers["etag"]})).status_code == 304
    head = await http.head(photo["url"])
    assert head.status_code == 200 and int(head.headers["content-length"]) == size and not head.content


async def test_the_same_request_twice_makes_one_file(world: World) -> None:
    _, http = await member(world, "anna")
    http.headers["idempotency-key"] = "once"
    first, second = [await send(http, jpeg()) for _ in range(2)]
    assert first.status_code == second.status_code == 201
    assert first.json()["id"] == second.json()["id"] and len(await rows(world)) == 1
    assert (await send(http, jpeg(100, 100))).status_code == 409


async def test_what_is_deleted_leaves_no_byte(world: World) -> None:
    _, anna = await member(world, "anna")
    _, boris = await member(world, "boris")
    photo = (await send(anna, jpeg())).json()
    assert (await boris.delete(f"/api/media/{photo['id']}")).status_code == 404
    assert await keys(world)
    assert (await anna.delete(f"/api/media/{photo['id']}")).status_code == 200
    assert (await anna.get(photo["url"])).status_code == 404
    await world.drain()
    assert await keys(world) == [] and await rows(world) == []
