"""What every store of blobs must do."""

import asyncio
import hashlib
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from samovar.adapters.disk import DiskBlobs
from samovar.adapters.s3 import PARTIAL, S3Blobs
from samovar.kernel.blobs import Blobs, checked_key
from samovar.kernel.errors import Conflict, NotFound, Unavailable
from tests.adapters.stores import bucket

MIB = 1 << 20


@pytest.fixture(params=["disk", "s3"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Blobs]:
    if request.param == "disk":
        yield DiskBlobs(tmp_path / "blobs")
    else:
        async with bucket() as store:
            yield store


async def flow(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def film(mib: int, seed: int = 0) -> AsyncIterator[bytes]:
    """Many bytes, of which no two MiB are alike, in odd pieces."""
    for number in range(mib):
        whole = hashlib.shake_128(b"%d %d" % (seed, number)).digest(MIB)
        for start in range(0, MIB, 300_001):
            yield whole[start : start + 300_001]


class BreaksOff(Exception):
    """What the source of a blob says when it ends in the midst."""


async def broken(mib: int) -> AsyncIterator[bytes]:
    async for chunk in film(mib):
        yield chunk
    raise BreaksOff


async def all_of(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def put(blobs: Blobs, key: str, *chunks: bytes, if_absent: bool = False) -> int:
    return await blobs.put(key, flow(*chunks), content_type="text/plain", if_absent=if_absent)


async def test_a_blob_comes_back(blobs: Blobs) -> None:
    assert await blobs.size("media/1") is None
    assert await put(blobs, "media/1", b"ab", b"", b"cd") == 4
    assert await all_of(blobs.get("media/1")) == b"abcd"
    assert await blobs.size("media/1") == 4
    assert await put(blobs, "media/1", b"e") == 1
    assert await all_of(blobs.get("media/1")) == b"e", "in place of what was there"
    assert await put(blobs, "media/none") == 0
    assert await all_of(blobs.get("media/none")) == b""
    assert await blobs.size("media/none") == 0


@pytest.mark.parametrize("if_absent", [False, True])
async def test_a_large_blob_goes_through_in_pieces(blobs: Blobs, if_absent: bool) -> None:
    size = 12 * MIB
    assert await blobs.put("film", film(12), content_type="video/mp4", if_absent=if_absent) == size
    whole = await all_of(film(12))
    pieces = [piece async for piece in blobs.get("film")]
    assert max(map(len, pieces)) <= MIB
    assert b"".join(pieces) == whole
    assert await blobs.size("film") == size
    for start, end in ((0, 1), (MIB - 1, 3 * MIB + 1), (7 * MIB, None), (size - 3, size + 9)):
        assert await all_of(blobs.get("film", start, end)) == whole[start:end]
    assert list(await blobs.list("", 10)) == ["film"]


@pytest.mark.parametrize(
    ("start", "end"), [(0, None), (0, 0), (1, 3), (3, 3), (2, 99), (4, 5), (4, None), (9, 9), (50, 60)]
)
async def test_a_range_is_as_of_a_list(blobs: Blobs, start: int, end: int | None) -> None:
    await put(blobs, "k", b"0123")
    await put(blobs, "empty")
    assert await all_of(blobs.get("k", start, end)) == b"0123"[start:end]
    assert await all_of(blobs.get("empty", start, end)) == b""


async def test_what_is_not_there_is_not_found(blobs: Blobs) -> None:
    for start, end in ((0, None), (0, 0), (5, 9)):
        with pytest.raises(NotFound):
            await all_of(blobs.get("nothing", start, end))
    for start, end in ((-1, None), (3, 2)):
        with pytest.raises(ValueError, match="not a range"):
            await all_of(blobs.get("nothing", start, end))


@pytest.mark.parametrize("mib", [0, 1, 7])
async def test_what_breaks_off_leaves_what_was_there(blobs: Blobs, mib: int) -> None:
    with pytest.raises(BreaksOff):
        await blobs.put("k", broken(mib), content_type="text/plain")
    assert await blobs.size("k") is None
    await put(blobs, "k", b"old")
    with pytest.raises(BreaksOff):
        await blobs.put("k", broken(mib), content_type="text/plain")
    assert await all_of(blobs.get("k")) == b"old"
    assert list(await blobs.list("", 10)) == ["k"]


async def test_who_is_cancelled_leaves_what_was_there(blobs: Blobs) -> None:
    reached = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        async for chunk in film(7):
            yield chunk
        reached.set()
        await asyncio.sleep(60)

    await put(blobs, "k", b"old")
    task = asyncio.create_task(blobs.put("k", slow(), content_type="text/plain"))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await all_of(blobs.get("k")) == b"old"
    assert list(await blobs.list("", 10)) == ["k"]


@pytest.mark.parametrize("mib", [0, 6])
async def test_a_blob_may_be_put_only_if_there_is_none(blobs: Blobs, mib: int) -> None:
    async def one(number: int) -> int | Conflict:
        try:
            await blobs.put("k", film(mib or 1, number), content_type="text/plain", if_absent=True)
        except Conflict as error:
            return error
        return number

    outcomes = await asyncio.gather(*map(one, range(3)))
    (winner,) = [each for each in outcomes if isinstance(each, int)]
    assert await all_of(blobs.get("k")) == await all_of(film(mib or 1, winner))
    assert isinstance(await one(7), Conflict)
    assert list(await blobs.list("", 10)) == ["k"]


async def test_nobody_reads_a_mixture(blobs: Blobs) -> None:
    await blobs.put("k", film(7, 1), content_type="text/plain")
    whole = [await all_of(film(7, seed)) for seed in (1, 2)]
    async with aclosing(blobs.get("k")) as reading:  # type: ignore[type-var]
        read = await anext(reading)
        await blobs.put("k", film(7, 2), content_type="text/plain")
        try:
            read += await all_of(reading)
        except Unavailable:
            read = whole[0]
    assert read == whole[0]
    assert await all_of(blobs.get("k")) == whole[1]

    async def write(seed: int) -> None:
        await blobs.put("k", film(6, seed), content_type="text/plain")

    await asyncio.gather(*map(write, range(3)))
    assert await all_of(blobs.get("k")) in [await all_of(film(6, seed)) for seed in range(3)]


async def test_deleting_is_not_choosy(blobs: Blobs) -> None:
    keys = [f"k/{number}" for number in range(30)]
    for key in keys:
        await put(blobs, key, b"x")
    await blobs.delete([*keys[:29], "never/there"])
    assert list(await blobs.list("", 100)) == keys[29:]
    await blobs.delete(iter(keys))
    await blobs.delete([])
    assert list(await blobs.list("", 100)) == []


async def test_a_list_goes_on_where_it_ended(blobs: Blobs) -> None:
    keys = sorted(["a", "a-1", "a.b", "a/x", "a/y/z", "a_b", "ab/x", "b", "b/c"])
    for key in keys:
        await put(blobs, key, key.encode())
    assert list(await blobs.list("", 100)) == keys
    assert list(await blobs.list("a", 100)) == ["a/x", "a/y/z"]
    assert list(await blobs.list("a", 1, after="a/x")) == ["a/y/z"]
    assert list(await blobs.list("", 0)) == []
    assert list(await blobs.list("nowhere", 5)) == []
    found: list[str] = []
    while page := await blobs.list("", 2, after=found[-1] if found else ""):
        found += page
    assert found == keys
    assert await all_of(blobs.get("a")) == b"a" and await all_of(blobs.get("a/x")) == b"a/x"


@pytest.mark.parametrize(
    "key",
    ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "../a", ".a", "a/.b", "A", "чай", "a b", "a\\b", "a\0",
     "a\n", "a=b", "~partial/x", "a%2fb", "a" * 201],
)  # fmt: skip
async def test_what_is_no_key_is_refused(blobs: Blobs, key: str) -> None:
    for attempt in (
        put(blobs, key, b"x"), all_of(blobs.get(key)), blobs.size(key), blobs.delete([key]),
        blobs.url(key, 60),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="not a key"):
            await attempt
    if key:
        with pytest.raises(ValueError, match="not a key"):
            await blobs.list(key, 5)


def test_keys() -> None:
    for key in ("a", "media/1/2.jpg", "a..b", "_", "-", "0/-", "a" * 200):
        assert checked_key(key) == key


def test_disk_shows_its_blobs_to_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "blobs"
    asyncio.run(put(DiskBlobs(folder), "media/1", b"x"))
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["media=1"]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in files}
    assert modes == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, files[0].parent)} == {0o700}


async def test_disk_clears_away_what_a_crash_left(tmp_path: Path) -> None:
    import os

    left, young = tmp_path / "partial" / "left", tmp_path / "partial" / "young"
    left.parent.mkdir()
    left.touch()
    young.touch()
    os.utime(left, (1, 1))
    await put(DiskBlobs(tmp_path), "k", b"x")
    assert (left.exists(), young.exists()) == (False, True)


async def test_a_disk_that_refuses_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable):
        await put(DiskBlobs(tmp_path / "file"), "k", b"x")


async def test_disk_has_no_addresses(tmp_path: Path) -> None:
    assert await DiskBlobs(tmp_path).url("k", 60) is None


async def test_an_address_of_s3_is_good_for_a_while() -> None:
    def fetch(url: str) -> tuple[str, bytes]:
        with urlopen(url, timeout=10) as answer:
            return answer.headers["content-type"], answer.read()

    async with bucket() as blobs:
        for key, if_absent in (("k", False), ("k2", True)):
            await blobs.put(key, film(6), content_type="video/mp4", if_absent=if_absent)
            url = await blobs.url(key, 60)
            assert url is not None
            assert await asyncio.to_thread(fetch, url) == ("video/mp4", await all_of(film(6)))
        short = await blobs.url("k", 1)
        assert short is not None
        await asyncio.sleep(2.1)
        with pytest.raises(HTTPError):
            await asyncio.to_thread(fetch, short)


async def test_s3_without_a_public_endpoint_gives_no_addresses() -> None:
    assert await S3Blobs("bucket", endpoint="http://127.0.0.1:9").url("k", 60) is None


async def test_what_waits_in_s3_is_no_blob() -> None:
    async with bucket() as blobs:
        await blobs._store.put_async(f"{PARTIAL}/x", b"x")
        assert list(await blobs.list("", 10)) == []
        await blobs._store.delete_async(f"{PARTIAL}/x")


async def test_s3_that_is_away_is_unavailable_soon() -> None:
    """Refused at once, and silent."""
    silent = socket.create_server(("127.0.0.1", 0))  # connects, and nobody is there to answer
    closed = socket.create_server(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in (silent, closed)]
    closed.close()
    for port in ports:
        endpoint = f"http://127.0.0.1:{port}"
        blobs = S3Blobs("b", endpoint=endpoint, access_key="a", secret_key="s", patience=0.2)
        for attempt in (
            put(blobs, "k", b"x"), all_of(blobs.get("k")), blobs.size("k"), blobs.delete(["k"]),
            blobs.list("", 1), blobs.put("k", film(6), content_type="video/mp4"),
        ):  # fmt: skip
            async with asyncio.timeout(5):
                with pytest.raises(Unavailable):
                    await attempt
        assert await blobs.trouble()
    silent.close()


async def test_s3_says_what_is_wrong() -> None:
    async with bucket() as blobs:
        assert await blobs.trouble() == ""
        config = {name: value for name, value in blobs._config.items() if name != "copy_if_not_exists"}
        wrong = S3Blobs(
            blobs._bucket, endpoint=blobs._endpoint, access_key=config["access_key_id"], secret_key="wrong"
        )
        assert "403" in await wrong.trouble()
        missing = S3Blobs(
            "no-such-bucket",
            endpoint=blobs._endpoint,
            access_key=config["access_key_id"],
            secret_key=config["secret_access_key"],
        )
        assert "404" in await missing.trouble()
