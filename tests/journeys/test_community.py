"""Three people live through everything the house offers, over HTTP, as any client would."""

import re
from typing import Any

import httpx
import pyotp

from tests.world import PASSWORD, World


class Member:
    """An app in somebody's hand."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.id = ""
        self.refresh_token = ""
        self.http = world.http()

    def keep(self, answer: httpx.Response) -> dict[str, Any]:
        body: dict[str, Any] = answer.json()
        self.id = body["user"]["id"]
        self.refresh_token = body["refresh_token"]
        self.http.headers["authorization"] = f"Bearer {body['access_token']}"
        return body

    async def register(self) -> None:
        answer = await self.http.post(
            "/api/auth/register",
            json={"username": self.name, "email": f"{self.name}@example.org", "password": PASSWORD},
        )
        assert answer.status_code == 201, answer.text
        self.keep(answer)
        await self.world.drain()

    async def login(self, **more: str) -> httpx.Response:
        return await self.world.http().post(
            "/api/auth/login", json={"username": self.name, "password": PASSWORD, **more}
        )

    async def do(self, method: str, path: str, expect: int = 200, **body: Any) -> Any:
        answer = await self.http.request(method, f"/api{path}", json=body or None)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        await self.world.drain()
        return answer.json()

    async def post(self, text: str, **more: Any) -> dict[str, Any]:
        made: dict[str, Any] = await self.do("POST", "/posts", 201, text=text, **more)
        return made

    async def feed(self) -> list[str]:
        return [item["text"] for item in (await self.do("GET", "/feed"))["items"]]


def letter_token(world: World, to: str, kind: str) -> str:
    """The token of the newest letter of that kind."""
    found = []
    for path in sorted((world.folder / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns):
        text = path.read_bytes().decode("utf-8", "replace").replace("=\n", "").replace("=\r\n", "")
        if f"To: {to}" in text and (match := re.search(rf"/{kind}/([\w.~-]+)", text)):
            found.append(match[1])
    assert found, f"no {kind} letter for {to}"
    return found[-1]


async def test_three_people(world: World) -> None:
    anna, boris, vera = (Member(world, name) for name in ("anna", "boris", "vera"))
    for member in (anna, boris, vera):
        await member.register()

    # Verification by the letter that was sent.
    token = letter_token(world, "anna@example.org", "verify")
    await anna.do("POST", "/auth/verify", token=token)
    assert (await anna.do("GET", "/auth/me"))["email_verified"]
    await anna.do("POST", "/auth/verify", 400, token=token)

    # Following.
    relation = await boris.do("POST", f"/users/{anna.id}/follow")
    assert relation["following"] and not relation["followed_by"]
    assert (await anna.do("GET", f"/users/{boris.id}/relationship"))["followed_by"]
    assert [p["username"] for p in (await vera.do("GET", "/users/@anna/followers"))["items"]] == ["boris"]

    # A post reaches its author and followers, and nobody else's home.
    tea = await anna.post("Tea is ready #tea")
    assert tea["author"]["username"] == "anna" and tea["counts"]["reactions"] == {}
    assert tea["tags"] == ["tea"]
    assert await boris.feed() == ["Tea is ready #tea"] == await anna.feed()
    assert await vera.feed() == []
    public = await vera.do("GET", "/timelines/tags/tea")
    assert [item["id"] for item in public["items"]] == [tea["id"]]

    # Reply, quote, reaction.
    reply = await boris.post("@anna coming", in_reply_to_id=tea["id"])
    assert reply["mentions"][0]["username"] == "anna"
    quote = await vera.post("Look at this", quote_of_id=tea["id"])
    assert quote["quote"]["id"] == tea["id"]
    await boris.do("PUT", f"/posts/{tea['id']}/reactions/laugh")
    await vera.do("POST", f"/posts/{tea['id']}/like")
    seen = await boris.do("GET", f"/posts/{tea['id']}")
    assert seen["counts"] == {"replies": 1, "reposts": 0, "quotes": 1, "reactions": {"laugh": 1, "like": 1}}
    assert seen["viewer"]["reaction"] == "laugh"
    await vera.do("DELETE", f"/posts/{tea['id']}/like")
    assert (await anna.do("GET", f"/posts/{tea['id']}"))["counts"]["reactions"] == {"laugh": 1}

    # A repost shows the post to one's followers, once.
    await vera.do("POST", f"/users/{boris.id}/follow")
    await boris.do("POST", f"/posts/{tea['id']}/repost")
    shared = (await vera.do("GET", "/feed"))["items"]
    assert [(item["id"], item["reposted_by"] and item["reposted_by"]["username"]) for item in shared] == [
        (tea["id"], "boris"), (quote["id"], None),
    ]  # fmt: skip

    # Editing keeps the history; the thread holds together.
    await anna.do("PUT", f"/posts/{tea['id']}", text="Tea and jam are ready #tea")
    history = await boris.do("GET", f"/posts/{tea['id']}/history")
    assert [version["text"] for version in history["items"]] == [
        "Tea is ready #tea",
        "Tea and jam are ready #tea",
    ]
    thread = await vera.do("GET", f"/posts/{reply['id']}/thread")
    assert [item["id"] for item in thread["ancestors"]] == [tea["id"]]

    # Visibility: followers only, then blocked.
    secret = await anna.post("for followers", visibility="followers")
    await vera.do("GET", f"/posts/{secret['id']}", 404)
    assert (await boris.do("GET", f"/posts/{secret['id']}"))["text"] == "for followers"
    await anna.do("POST", f"/users/{boris.id}/block")
    await boris.do("GET", f"/posts/{secret['id']}", 404)
    await boris.do("GET", f"/posts/{tea['id']}", 404)
    assert all(text != "for followers" for text in await boris.feed())
    await boris.do("POST", f"/users/{anna.id}/follow", 403)
    await anna.do("POST", f"/users/{boris.id}/unblock")

    # Deleting takes a post out everywhere.
    await anna.do("DELETE", f"/posts/{tea['id']}")
    await vera.do("GET", f"/posts/{tea['id']}", 404)
    assert (await vera.do("GET", f"/posts/{quote['id']}"))["quote"] == {"unavailable": True}
    assert [item["id"] for item in (await vera.do("GET", "/feed"))["items"]] == [quote["id"]]


async def test_a_stolen_refresh_token_ends_the_session(world: World) -> None:
    anna = Member(world, "anna")
    await anna.register()
    stolen = anna.refresh_token
    first = await world.http().post("/api/auth/refresh", json={"refresh_token": stolen})
    assert first.status_code == 200
    # The answer was lost: the same trade again gives the same successor.
    again = await world.http().post("/api/auth/refresh", json={"refresh_token": stolen})
    assert again.status_code == 200 and again.json()["refresh_token"] == first.json()["refresh_token"]
    anna.keep(first)
    await anna.do("GET", "/auth/validate")
    world.clock.advance(11)
    thief = await world.http().post("/api/auth/refresh", json={"refresh_token": stolen})
    assert thief.status_code == 401
    refused = await world.http().post("/api/auth/refresh", json={"refresh_token": anna.refresh_token})
    assert refused.status_code == 401
    await anna.do("GET", "/auth/validate", 401)


async def test_a_second_factor_on_and_off(world: World) -> None:
    anna = Member(world, "anna")
    await anna.register()
    secret = (await anna.do("POST", "/auth/otp", password=PASSWORD))["secret"]
    totp = pyotp.TOTP(secret)

    def code() -> str:
        world.clock.advance(30)
        return totp.at(world.clock.now() // 1_000_000)

    codes = (await anna.do("POST", "/auth/otp/confirm", code=code()))["codes"]
    assert len(set(codes)) == 10
    missing = await anna.login()
    assert missing.status_code == 401 and missing.json()["code"] == "otp_required"
    right = code()
    assert (await anna.login(otp=right)).status_code == 200
    assert (await anna.login(otp=right)).status_code == 401, "a code works once"
    assert (await anna.login(otp=codes[0])).status_code == 200
    assert (await anna.login(otp=codes[0])).status_code == 401, "a recovery code works once"
    await anna.do("POST", "/auth/otp/disable", password=PASSWORD, code=code())
    assert (await anna.login()).status_code == 200


async def test_a_deleted_account_is_gone_everywhere(world: World) -> None:
    anna, boris = Member(world, "anna"), Member(world, "boris")
    await anna.register()
    await boris.register()
    await boris.do("POST", f"/users/{anna.id}/follow")
    post = await anna.post("I was here #trace")
    reply = await boris.post("so you were", in_reply_to_id=post["id"])
    await anna.do("POST", f"/posts/{reply['id']}/like")
    await anna.do("POST", "/auth/delete-account", password=PASSWORD)
    await boris.do("GET", "/users/@anna", 404)
    await boris.do("GET", f"/posts/{post['id']}", 404)
    assert (await boris.do("GET", "/timelines/tags/trace"))["items"] == []
    assert await boris.feed() == ["so you were"]
    assert (await boris.do("GET", f"/posts/{reply['id']}"))["counts"]["reactions"] == {}
    assert (await boris.do("GET", f"/users/{boris.id}"))["counts"]["following"] == 0
    assert (await anna.login()).status_code == 401
    await anna.do("GET", "/auth/validate", 401)
    for word in ("anna", "I was here", "trace"):
        assert await columns_holding(world, word) == [], f"{word!r} is still there"


async def columns_holding(world: World, word: str) -> list[str]:
    """Columns of all tables that hold a text anywhere."""

    def holds(value: object) -> bool:
        text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        return word.lower() in text.lower()

    stored = await world.stored()
    columns = {
        f"{table}.{name}"
        for table, rows in stored.items()
        for row in rows
        for name in row
        if holds(row[name])
    }
    return sorted(columns)
