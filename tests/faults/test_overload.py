"""Many more than can be answered, for some seconds: who is let in is answered, the others are told to come
back, nothing acknowledged is lost, and all is as before afterwards."""

import asyncio
from pathlib import Path

import apsw
import httpx
import pytest

from samovar.app.bots import run as running
from samovar.app.bots.driver import drive
from samovar.app.bots.members import Crowd, Town
from samovar.app.bots.run import Options, picture
from samovar.app.bots.speech import Speech
from samovar.app.bots.tally import Tally
from samovar.app.bots.wire import Client
from tests.serving import Server

MEMBERS, RATE, SECONDS = 40, 1500.0, 10.0
MIX = {"feed": 50, "public": 10, "thread": 10, "post": 25, "react": 5}
SETTINGS = {
    "SAMOVAR_EDGE__QUEUE_SECONDS": "0.3", "SAMOVAR_IDENTITY__REGISTER_BURST": "1000",
    "SAMOVAR_POSTS__CREATE_PER_MINUTE": "0", "SAMOVAR_REACTIONS__REACT_PER_MINUTE": "0",
}  # fmt: skip


@pytest.mark.timeout(180)
async def test_a_flood_is_survived(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", SETTINGS)
    client = Client(server.url, 2000)
    try:
        await server.start(90)
        town = Town(client, Speech(), picture())
        options = Options(url=server.url, count=MEMBERS, register=True)
        bots = await running.enter(town, options, lambda _: None, asyncio.Event())
        assert len(bots) == MEMBERS
        crowd, calm = Crowd(town, bots, MIX, patient=False), Tally()
        await drive(crowd.act, rate=20, seconds=2, stop=asyncio.Event(), tally=calm, most=100)
        assert calm.good == calm.count > 10, calm.told()

        flood = Tally()
        await drive(crowd.act, rate=RATE, seconds=SECONDS, stop=asyncio.Event(), tally=flood, most=2000)
        assert flood.good > 100 and not flood.wrong, flood.told()
        assert flood.refused > flood.count / 20, "more came than could be answered"

        after = Tally()
        await drive(crowd.act, rate=20, seconds=3, stop=asyncio.Event(), tally=after, most=100)
        assert after.good == after.count, after.told()
        async with httpx.AsyncClient() as http:
            metrics = (await http.get(f"{server.url}/metrics")).text
        assert 'samovar_http_shed_total{reason="late"}' in metrics
        assert server.stop() == 0
    finally:
        await client.close()
        server.end()
    db = apsw.Connection(str(tmp_path / "data" / "samovar.db"))
    there = {row[0] for row in db.execute("SELECT id FROM posts_post")}
    db.close()
    assert len(town.acknowledged) > 20
    assert {int(one) for one in town.acknowledged} <= there, "nothing that was acknowledged is lost"
