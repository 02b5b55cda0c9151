"""Bots against a real server, for a few seconds; and the parts of their engine."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree

import httpx
import msgspec
import pytest

from samovar.app.bots import run as running
from samovar.app.bots.driver import drive
from samovar.app.bots.members import MIX, Bot, Crowd, Town
from samovar.app.bots.report import svg, table
from samovar.app.bots.run import Options, checked, picture, self_test
from samovar.app.bots.speech import Speech
from samovar.app.bots.tally import Tally
from samovar.app.bots.wire import Answer, Client
from samovar.kernel.settings import SettingsError
from tests.outside.web import Reply, WebServer, web_server
from tests.serving import Server


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as server:
        yield server


@pytest.fixture(scope="module")
def speech() -> Speech:
    return Speech()


async def test_bots_live_at_a_real_server(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", {"SAMOVAR_IDENTITY__REGISTER_BURST": "100"})
    try:
        await server.start(90)
        said: list[str] = []
        options = Options(
            url=server.url, count=16, rate=40, seconds=4, register=True, out=tmp_path / "out", seed=3
        )
        tally = await running.run(options, said.append, lambda _: None, asyncio.Event())
        assert tally.good > 20 and not tally.wrong, tally.told()
        assert {"feed", "thread"} <= tally.kinds.keys()
        told = msgspec.json.decode((tmp_path / "out" / "bots.json").read_bytes())
        assert told["good"] == tally.good and told["about"] == {"bots": 16, "rate": 40.0, "seconds": 4.0}
        assert told["kinds"]["feed"]["p50"] > 0
        ElementTree.fromstring((tmp_path / "out" / "bots.svg").read_text())
        assert any("acts in" in text for text in said)
        async with httpx.AsyncClient() as http:
            shown = (await http.get(f"{server.url}/api/timelines/public?limit=100")).json()["items"]
        assert all(item["author"]["username"].startswith("bot_") for item in shown)
    finally:
        server.end()


async def test_every_kind_of_act_works(tmp_path: Path, speech: Speech) -> None:
    server = Server(tmp_path / "data", {"SAMOVAR_IDENTITY__REGISTER_BURST": "100"})
    client = Client(server.url, 8)
    try:
        await server.start(90)
        town = Town(client, speech, picture())
        options = Options(url=server.url, count=2, register=True)
        first, second = await running.enter(town, options, lambda _: None, asyncio.Event())
        assert (await first.post()).status == 201 and len(town.acknowledged) == 1
        for kind in MIX:
            answer = await getattr(second, kind)()
            assert answer.status in ((200, 404) if kind == "search" else (200, 201)), (kind, answer)
        assert len(town.acknowledged) == 3
    finally:
        await client.close()
        server.end()


async def test_they_share_what_accounts_they_get_and_stay_signed_in(tmp_path: Path, speech: Speech) -> None:
    server = Server(tmp_path / "data", {"SAMOVAR_IDENTITY__REGISTER_BURST": "3"})
    client = Client(server.url, 8)
    try:
        await server.start(90)
        town = Town(client, speech, picture())
        options = Options(url=server.url, count=8)
        bots = await running.enter(town, options, lambda _: None, asyncio.Event())
        assert len(bots) == 8 and len({bot.user_id for bot in bots}) == 3
        before = {bot.token for bot in bots}
        renewing = asyncio.create_task(running.keep_signed_in(town, bots, every=0.01))
        for _ in range(600):
            if before & {bot.token for bot in bots}:
                await asyncio.sleep(0.05)
        renewing.cancel()
        assert {(await bot.feed()).status for bot in bots} == {200}
        # Nobody may sign up any more, and there is no guide here.
        with pytest.raises(SettingsError, match="Nobody may sign up"):
            await running.enter(town, options, lambda _: None, asyncio.Event())
    finally:
        await client.close()
        server.end()


async def test_ctrl_c_ends_them_cleanly(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", {"SAMOVAR_IDENTITY__REGISTER_BURST": "100"})
    try:
        await server.start(90)
        bots = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "samovar.app.cli", "bots", server.url, "--register", "--count", "4",
            "--for", "10m", stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert bots.stdout is not None
        async with asyncio.timeout(30):
            while b"bots are in" not in await bots.stdout.readline():
                pass
            bots.send_signal(signal.SIGINT)
            rest = await bots.stdout.read()
            assert await bots.wait() == 0
        assert b"acts in" in rest
    finally:
        server.end()


def test_bounds_and_whose_server_it_is() -> None:
    for url in ("http://127.0.0.1:8000", "http://localhost:1", "http://[::1]:80"):
        checked(Options(url=url))
    for wrong in (
        Options(url="http://example.org"), Options(url="http://192.0.2.1:80"), Options(url="localhost"),
        Options(url="ftp://127.0.0.1"), Options(url="http://127.0.0.1", count=2001),
        Options(url="http://127.0.0.1", rate=0), Options(url="http://127.0.0.1", seconds=3601),
    ):  # fmt: skip
        with pytest.raises(SettingsError):
            checked(wrong)
    checked(Options(url="https://example.org", own=True))


async def test_who_is_told_to_wait_waits(web: WebServer, speech: Speech) -> None:
    web.answer = lambda _: Reply(429, headers=(("retry-after", "60"),))
    client = Client(web.url, 8)
    town = Town(client, speech, b"")
    crowd = Crowd(town, [Bot(town, name, "t", "1") for name in ("a", "b")], {"feed": 1}, thinks=0)
    found = [await crowd.act() for _ in range(4)]
    assert [one and one[1].status for one in found] == [429, 429, None, None]
    impatient = Crowd(town, [Bot(town, "c", "t", "1")], {"feed": 1}, patient=False)
    assert [(await impatient.act() or ("", Answer(0)))[1].status for _ in range(3)] == [429] * 3
    await client.close()


async def test_a_connection_that_was_let_go_is_made_anew(web: WebServer) -> None:
    web.answer = lambda _: Reply(200, b"{}", (("connection", "close"),))
    client = Client(web.url, 1)
    assert [(await client.send(client.request("GET", "/"))).status for _ in range(3)] == [200] * 3
    await client.close()
    nobody = Client("http://127.0.0.1:9", 1)
    assert (await nobody.send(nobody.request("GET", "/"))).trouble == "ConnectionRefusedError"


async def test_late_answers_count_from_when_they_were_due(web: WebServer) -> None:
    """A server that stops for a while makes all those wait whose time came meanwhile."""
    tally, client = Tally(), Client(web.url, 1)
    web.answer = lambda _: Reply(200)

    async def act() -> tuple[str, Answer]:
        answer = await client.send(client.request("GET", "/"))
        await asyncio.sleep(0.05)
        return "slow", answer

    took = await drive(act, rate=100, seconds=1, stop=asyncio.Event(), tally=tally, most=1000)
    assert 0.8 < took < 3 and 60 < tally.count < 150 and not tally.wrong
    assert tally.figures()["slow"].p50 >= 50
    await client.close()


async def test_no_more_are_under_way_than_allowed() -> None:
    tally = Tally()

    async def act() -> tuple[str, Answer]:
        await asyncio.sleep(0.2)
        return "slow", Answer(200)

    await drive(act, rate=200, seconds=0.5, stop=asyncio.Event(), tally=tally, most=5)
    assert tally.count <= 15 and tally.held_back > 30


async def test_the_engine_measures_itself() -> None:
    assert await self_test(0.5, 16) > 300


def test_the_report_says_what_went_wrong() -> None:
    tally = Tally()
    for number, (kind, status, trouble) in enumerate(
        [("feed", 200, ""), ("feed", 503, ""), ("post", 500, ""), ("search", 404, ""), ("post", 0, "closed")]
    ):
        tally.note(kind, status, trouble, number * 0.5, 0.01 * (number + 1))
    assert (tally.count, tally.good, tally.refused, tally.wrong) == (5, 1, 1, 2)
    text = table(tally, 2.5)
    for line in ("search: the server has no such route (404)", "post: closed: 1 times", "2.0 a second"):
        assert line in text
    ElementTree.fromstring(svg(tally, {"<b>": "&"}))


def test_bots_speak_two_languages(speech: Speech) -> None:
    said = {speech.post()[1] for _ in range(200)} | {speech.reply()[1] for _ in range(200)}
    assert said == {"en", "ru"}
    assert all("{" not in speech.post()[0] and " " not in speech.word() for _ in range(50))


def test_a_request_as_it_goes_over_the_line() -> None:
    client = Client("http://127.0.0.1:8000", 1)
    assert client.request("GET", "/x") == b"GET /x HTTP/1.1\r\nhost: 127.0.0.1:8000\r\n\r\n"
    assert b"content-length: 0" in client.request("POST", "/x")
    assert b"authorization: Bearer t\r\n" in client.request("GET", "/x", token="t")
