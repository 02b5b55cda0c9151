"""`samovar search rebuild` beside a running server and without one; what a restore leaves of the index."""

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx

from tests.serving import EASY, Server

PASSWORD = "a quiet kettle hums"


def samovar(*arguments: str) -> str:
    """What the command says."""
    command = [sys.executable, "-m", "samovar.app.cli", *arguments]
    done = subprocess.run(command, env=EASY, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def found(server: Server, word: str) -> int:
    async with httpx.AsyncClient(base_url=server.url, timeout=10) as http:
        return len((await http.get("/api/search/posts", params={"q": word})).json()["items"])


async def until_found(server: Server, word: str, number: int) -> None:
    async with asyncio.timeout(20):
        while await found(server, word) != number:  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.1)


async def write(server: Server, text: str, token: str = "") -> str:
    """Publish as anna; answers her token."""
    async with httpx.AsyncClient(base_url=server.url, timeout=10) as http:
        if not token:
            body = {"username": "anna", "email": "anna@example.org", "password": PASSWORD}
            token = (await http.post("/api/auth/register", json=body)).json()["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        assert (await http.post("/api/posts", json={"text": text}, headers=headers)).status_code == 201
    return token


async def test_made_anew_beside_a_server_and_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    server = Server(data)
    try:
        await server.start()
        await write(server, "A marmalade morning")
        await until_found(server, "marmalade", 1)
        [before] = [path.name for path in (data / "search").iterdir() if path.is_dir()]
        assert "2 documents" in await asyncio.to_thread(samovar, "search", "rebuild", "--data", str(data))
        [after] = [path.name for path in (data / "search").iterdir() if path.is_dir()]
        assert after != before and await found(server, "marmalade") == 1
        server.stop()
        assert "2 documents" in samovar("search", "rebuild", "--data", str(data))
        [alone] = [path.name for path in (data / "search").iterdir() if path.is_dir()]
        assert alone != after
        await server.start()
        assert await found(server, "marmalade") == 1
    finally:
        server.end()


async def test_a_restore_brings_an_index_of_what_was_restored(tmp_path: Path) -> None:
    data, archive = tmp_path / "data", tmp_path / "backup.tar"
    server = Server(data)
    try:
        await server.start()
        token = await write(server, "A marmalade morning")
        await asyncio.to_thread(samovar, "backup", "--data", str(data), str(archive))
        await write(server, "A marmalade evening", token)
        await until_found(server, "marmalade", 2)
        server.stop()
        samovar("restore", "--data", str(data), str(archive))
        await server.start()
        await until_found(server, "marmalade", 1)
        assert await found(server, "evening") == 0
    finally:
        server.end()
