"""Pictures and films made for tests, and ways to send them."""

import io
from typing import Any

import httpx
from PIL import Image, ImageDraw

from tests.world import PASSWORD, Person, World


def drawn(width: int = 320, height: int = 240, colour: Any = (180, 90, 40)) -> Image.Image:
    """A picture with something on it."""
    image = Image.new("RGB", (width, height), colour)
    pen = ImageDraw.Draw(image)
    pen.ellipse((width // 8, height // 8, width // 2, height // 2), fill=(250, 240, 220))
    pen.rectangle((width // 2, height // 2, width - 5, height - 5), fill=(30, 60, 90))
    return image


def packed(image: Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    """A picture as a file's bytes."""
    target = io.BytesIO()
    image.save(target, format, **options)
    return target.getvalue()


def jpeg(width: int = 320, height: int = 240, **options: Any) -> bytes:
    return packed(drawn(width, height), "JPEG", **options)


def moving(format: str = "GIF", frames: int = 5, side: int = 60, **options: Any) -> bytes:
    """An animation."""
    pictures = [drawn(side, side, (40 * i % 255, 80, 120)) for i in range(frames)]
    return packed(
        pictures[0], format, save_all=True, append_images=pictures[1:], duration=80, loop=0, **options
    )


def film(format: str = "mp4", codec: str = "libx264", frames: int = 12, side: int = 64) -> bytes:
    """A short film without sound."""
    import av

    target = io.BytesIO()
    with av.open(target, "w", format=format) as container:
        stream: Any = container.add_stream(codec, rate=12)
        stream.width = stream.height = side
        stream.pix_fmt = "yuv420p"
        for i in range(frames):
            frame = av.VideoFrame.from_image(drawn(side, side, (20 * i % 255, 80, 120)))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


async def member(world: World, name: str, *roles: str) -> tuple[Person, httpx.AsyncClient]:
    """A member, and an app signed in as them."""
    person = await world.person(name, *roles)
    answer = await world.http().post("/api/auth/login", json={"username": name, "password": PASSWORD})
    return person, world.http(answer.json()["access_token"])


async def send(http: httpx.AsyncClient, data: bytes, name: str = "x.bin", **fields: str) -> httpx.Response:
    """Upload a file."""
    return await http.post("/api/media/upload", files={"file": (name, data)}, data=fields)


async def keys(world: World) -> list[str]:
    """Keys of all blobs of media."""
    return list(await world.house.backends.blobs.list("media", 1000))


async def rows(world: World) -> list[dict[str, Any]]:
    """All rows of files."""
    return (await world.stored())["media_medium"]
