"""Random frames at `/ws`: the server closes what it does not understand, logs no traceback, and lives on."""

import asyncio
import base64
import os
import random
from pathlib import Path

import httpx

from tests.serving import Server
from tests.world import PASSWORD

SEED = int(os.environ.get("FUZZ_SEED", "20261121"))
SOCKETS = int(os.environ.get("FUZZ_SOCKETS", "300"))
TEXTS = (
    b'{"do":"ping"}', b'{"do":"hear","channels":["public","item:post:1"]}', b"[]", b"null", b'{"do":1}', b"",
    b'{"do":"who","channel":"item:post:1"}', b'{"do":"leave","channels":[""]}', b"\xff\xfe", b"{" * 500,
    b'{"do":"here","channel":"item:\xff:1"}', b'{"do":"hear","now":"x"}',
    b'{"do":"hear","channels":["item:post:99999999999999999999"],"now":true}',
    b'{"do":"hear","channels":["item:post:-1","item::","::"]}',
    '{"do":"hear","channels":["item:пост:١"]}'.encode(),
)  # fmt: skip
SIZES = (0, 1, 2, 60, 126, 3000, 5000)
QUERIES = ("", "", "?after=0", "?after=-1", "?after=99999999999999999999", "?after=%00&after=1")


def frame(dice: random.Random) -> bytes:
    """Something like a frame: mostly well made, seldom sensible."""
    opcode = dice.choice((1, 1, 1, 1, 1, 2, 0, 8, 9, 10, 3, 11))
    final = dice.random() < 0.85
    body = dice.choice(TEXTS) if dice.random() < 0.7 else dice.randbytes(dice.choice(SIZES))
    if opcode >= 8 and dice.random() < 0.8:
        body = body[:120]
    masked = dice.random() < 0.95
    first = (0x80 if final else 0) | opcode | (dice.choice((0, 0, 0, 0, 0x40, 0x10)))
    length = len(body) if dice.random() < 0.95 else dice.randrange(2**20)
    mask = 0x80 if masked else 0
    if length < 126:
        head = bytes((first, mask | length))
    elif length < 65_536:
        head = bytes((first, mask | 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((first, mask | 127)) + length.to_bytes(8, "big")
    key = dice.randbytes(4) if masked else b""
    mixed = bytes(byte ^ key[index % 4] for index, byte in enumerate(body)) if masked else body
    return head + key + mixed


async def one(port: int, token: str, dice: random.Random) -> bytes:
    """One socket that is sent some frames, whole or in pieces; answers what it was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    key = base64.b64encode(dice.randbytes(16)).decode()
    shown = f"bearer.{token}" if dice.random() < 0.9 else "bearer.\x7fx"
    query = dice.choice(
        ("", "", "?after=0", "?after=-1", "?after=99999999999999999999", "?after=%00&after=1")
    )
    head = (
        f"GET /ws{query} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Protocol: samovar, {shown}",
    )  # fmt: skip
    writer.write("\r\n".join((*head, "", "")).encode("latin-1"))
    got = b""
    try:
        async with asyncio.timeout(10):
            if dice.random() < 0.8:
                got += await reader.read(65_536)
            data = b"".join(frame(dice) for _ in range(dice.randint(1, 6)))
            cut = dice.randrange(len(data) + 1)
            writer.write(data[:cut])
            await asyncio.sleep(0.01)
            writer.write(data[cut:])
            if dice.random() < 0.5:
                writer.write_eof()
            async with asyncio.timeout(0.5):
                while piece := await reader.read(65_536):
                    got += piece
    except (TimeoutError, OSError):
        pass
    writer.close()
    return got


async def test_random_frames_are_closed_and_harm_nobody(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", {"SAMOVAR_EDGE__SOCKETS_PER_PERSON": "1000"})
    try:
        await server.start()
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
            answer = await http.post(
                "/api/auth/register",
                json={"username": "member", "email": "member@example.org", "password": PASSWORD},
            )
            token = answer.raise_for_status().json()["access_token"]
            got = []
            for start in range(0, SOCKETS, 20):
                dice = [random.Random(SEED + start + n) for n in range(20)]
                got += await asyncio.gather(*(one(server.port, token, each) for each in dice))
            assert sum(b"101 Switching" in data for data in got) > SOCKETS / 2
            assert sum(b'"hello"' in data for data in got) > SOCKETS / 2
            assert any(b"\x88" in data for data in got), "nothing was ever closed"
            assert (await http.get("/readyz")).status_code == 200
        server.stop()
        log = (tmp_path / "data" / "server.log").read_text()
        assert "Traceback" not in log, log[-3000:]
        assert "live connections failed" not in log
    finally:
        server.end()
