"""Pictures through upload, processing and storage, against the same Pillow calls in a bare loop.

    python -m bench.pictures FOLDER

runs the bare loop: it waits for a number on its input, makes the three sizes of `photo.jpg` so many times,
writes them to the folder and answers the seconds that took.
"""

import asyncio
import itertools
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from bench import load, servers
from bench.community import SETTINGS, Community, copy_of
from bench.figures import Figure, at_least, at_most, note, say

ROUNDS, EACH, AT_ONCE = 5, 8, 4
SIZES = (1280, 640, 160)
PATIENT = {**SETTINGS, "SAMOVAR_MEDIA__UPLOAD_PER_MINUTE": "0", "SAMOVAR_MEDIA__WORKERS": "2"}


def draw(path: Path) -> None:
    """A 12-megapixel photo, as large as telephones make them."""
    from PIL import Image, ImageDraw, ImageFilter

    image = Image.effect_noise((1000, 750), 50).resize((4000, 3000)).convert("RGB")
    pen = ImageDraw.Draw(image)
    for step in range(400):
        x, y = step * 733 % 4000, step * 397 % 3000
        colour = (step * 37 % 256, step * 91 % 256, step * 53 % 256)
        pen.ellipse((x, y, x + 60 + step, y + 40 + step), fill=colour)
    image.filter(ImageFilter.GaussianBlur(1)).save(path, quality=95)


def bare_loop(folder: Path) -> None:
    """The yardstick."""
    from PIL import Image

    for line in sys.stdin:
        began = time.perf_counter()
        for number in range(int(line)):
            image = Image.open(folder / "photo.jpg")
            image.draft("RGB", (SIZES[0], SIZES[0]))
            image.load()
            for size in SIZES:
                image.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=2.0)
                image.save(folder / f"bare-{number}-{size}.webp", "WEBP", quality=80, method=4)
        print(time.perf_counter() - began, flush=True)


def form(photo: bytes) -> tuple[bytes, str]:
    """The photo as a form's body, and its type."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.jpg"\r\n\r\n'
    return head + photo + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"


async def pictures(data: Path, community: Community) -> list[Figure]:
    """Rounds of the one and of the other in turn, both on the server's core."""
    say("pictures")
    folder = copy_of(data, "media")
    draw(folder / "photo.jpg")
    photo = (folder / "photo.jpg").read_bytes()
    body, kind = form(photo)
    members = itertools.cycle(community.members[:50])
    ours: list[float] = []
    plain: list[float] = []
    wrong = 0

    async def send(connection: load.Connection, count: int) -> None:
        nonlocal wrong
        for _ in range(count):
            request = load.post("/api/media/upload", body, next(members).token, content_type=kind)
            answer = await connection.send(request)
            made = msgspec.json.decode(load.body_of(answer)) if b" 201 " in answer[:20] else {}
            wrong += made.get("state") != "ready"

    bare = _start(folder)
    try:
        with servers.samovar(folder, PATIENT) as (port, server, _):
            connections = [await load.connect(port) for _ in range(AT_ONCE)]
            await asyncio.gather(*(send(connection, 1) for connection in connections))
            await asyncio.to_thread(_bare, bare, 2)
            used = _used(server.pid), _used(bare.pid)
            for _ in range(ROUNDS):
                plain.append(EACH / await asyncio.to_thread(_bare, bare, EACH))
                began = time.perf_counter()
                await asyncio.gather(*(send(connection, EACH // AT_ONCE) for connection in connections))
                ours.append(EACH / (time.perf_counter() - began))
            ours_used, bare_used = _used(server.pid) - used[0], _used(bare.pid) - used[1]
            for connection in connections:
                connection.close()
    finally:
        bare.kill()
        bare.wait()
    shutil.rmtree(folder)
    share = statistics.median(one / other for one, other in zip(ours, plain, strict=True))
    return [
        at_least("12-megapixel JPEG, of the same Pillow calls in a bare loop", 100 * share, "%", 85),
        note(
            "12-megapixel JPEG through upload, processing and storage", statistics.median(ours), "pictures/s"
        ),
        note("bare loop", statistics.median(plain), "pictures/s"),
        # Says the same where others want the core too: two processes get more of it than one.
        note("bare loop's processor time, of ours", 100 * bare_used / ours_used, "%"),
        note("bytes of the photo", len(photo), "bytes"),
        at_most("pictures, wrong answers", wrong, "answers", 0),
    ]


def _used(pid: int) -> float:
    """Seconds of the processor that a process and those it started had."""
    import psutil

    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def _start(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "bench.pictures", str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: servers.pin(servers.SERVER_CORE),
    )  # fmt: skip


def _bare(process: "subprocess.Popen[str]", count: int) -> float:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"{count}\n")
    process.stdin.flush()
    return float(process.stdout.readline())


if __name__ == "__main__":
    bare_loop(Path(sys.argv[1]))
