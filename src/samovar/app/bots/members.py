"""Members that are none: each has a session, remembers what it saw, and does one thing at a time."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from samovar.app.bots.speech import Speech
from samovar.app.bots.wire import Answer, Client

#: What members do, and how often of a thousand times.
MIX: Final[Mapping[str, int]] = {
    "feed": 380, "thread": 190, "profile": 60, "public": 60, "inbox": 70, "search": 30, "react": 90,
    "post": 50, "reply": 30, "follow": 15, "upload": 5, "socket": 20,
}  # fmt: skip
#: Seconds that somebody takes to think before the next thing, on average.
THINKS: Final = 2.0
#: Posts that the bots know of together.
KNOWN: Final = 500
#: Longest pause that a server may ask for.
LONGEST: Final = 60.0
PASSWORD: Final = "a quiet kettle hums"


class Seen(NamedTuple):
    """A post that somebody saw."""

    id: str
    author: str


class Town:
    """What the bots share: the server, what was said lately, who is there."""

    def __init__(self, client: Client, speech: Speech, picture: bytes, seed: int = 7) -> None:
        self.client = client
        self.speech = speech
        self.picture = picture
        self.dice = random.Random(seed)
        self.posts: deque[Seen] = deque(maxlen=KNOWN)
        #: Ids of posts that the server has acknowledged.
        self.acknowledged: list[str] = []


class Bot:
    """One member."""

    def __init__(self, town: Town, username: str, token: str, user_id: str, refresh: str = "") -> None:
        self.town = town
        self.username = username
        self.token = token
        self.user_id = user_id
        #: What a new token is given for.
        self.refresh = refresh
        self.busy = False
        #: The loop's time from which it acts again.
        self.free_at = 0.0
        self._cursor = ""

    async def get(self, path: str) -> Answer:
        """Read."""
        client = self.town.client
        return await client.send(client.request("GET", path, token=self.token))

    async def send(self, method: str, path: str, body: Any = None) -> Answer:
        """Change something."""
        client = self.town.client
        data = b"" if body is None else msgspec.json.encode(body)
        return await client.send(client.request(method, path, token=self.token, body=data))

    def look_at(self, answer: Answer) -> None:
        """Remember the posts of a list."""
        found = answer.json()
        if isinstance(found, dict):
            for item in found.get("items") or ():
                if isinstance(item, dict) and "author" in item and "id" in item:
                    self.town.posts.append(Seen(str(item["id"]), str((item["author"] or {}).get("id", ""))))
            self._cursor = str(found.get("next") or "")

    def any_post(self) -> Seen | None:
        """One of those that were seen lately."""
        posts = self.town.posts
        return posts[self.town.dice.randrange(len(posts))] if posts else None

    # What it does.

    async def feed(self) -> Answer:
        """Scroll: the top of the feed, or further down."""
        further = self._cursor and self.town.dice.random() < 0.5
        answer = await self.get(f"/api/feed?limit=20{f'&cursor={self._cursor}' if further else ''}")
        if answer.status == 200 and (not further or self.town.dice.random() < 0.2):
            self.look_at(answer)
        return answer

    async def public(self) -> Answer:
        """Look at what everybody wrote."""
        answer = await self.get("/api/timelines/public?limit=20")
        if answer.status == 200:
            self.look_at(answer)
        return answer

    async def thread(self) -> Answer:
        """Read a conversation."""
        post = self.any_post()
        return await (self.get(f"/api/posts/{post.id}/thread") if post else self.public())

    async def profile(self) -> Answer:
        """See who somebody is."""
        post = self.any_post()
        return await (self.get(f"/api/users/{post.author}") if post and post.author else self.public())

    async def inbox(self) -> Answer:
        """See what happened."""
        return await self.get(f"/api/notifications/{self.user_id}?limit=20")

    async def search(self) -> Answer:
        """Look for a word."""
        return await self.get(f"/api/search?q={self.town.speech.word()}")

    async def post(self) -> Answer:
        """Write something."""
        text, language = self.town.speech.post()
        return await self._publish({"text": text, "language": language})

    async def reply(self) -> Answer:
        """Answer somebody."""
        post = self.any_post()
        text, language = self.town.speech.reply()
        body = {"text": text, "language": language}
        return await self._publish(body | {"in_reply_to_id": post.id} if post else body)

    async def _publish(self, body: dict[str, Any]) -> Answer:
        answer = await self.send("POST", "/api/posts", body)
        if answer.status == 201:
            made = answer.json()
            self.town.acknowledged.append(made["id"])
            self.town.posts.append(Seen(made["id"], self.user_id))
        return answer

    async def react(self) -> Answer:
        """Like something."""
        post = self.any_post()
        return await (self.send("PUT", f"/api/posts/{post.id}/reactions/like") if post else self.public())

    async def follow(self) -> Answer:
        """Follow somebody."""
        post = self.any_post()
        if post is None or post.author in ("", self.user_id):
            return await self.public()
        return await self.send("POST", f"/api/users/{post.author}/follow")

    async def upload(self) -> Answer:
        """Send a picture."""
        client, edge = self.town.client, b"samovar-bots-line"
        body = b"".join((
            b"--", edge, b'\r\ncontent-disposition: form-data; name="file"; filename="tea.png"\r\n',
            b"content-type: image/png\r\n\r\n", self.town.picture, b"\r\n--", edge, b"--\r\n",
        ))  # fmt: skip
        kind = f"multipart/form-data; boundary={edge.decode()}"
        return await client.send(
            client.request("POST", "/api/media/upload", token=self.token, body=body, kind=kind)
        )

    async def socket(self) -> Answer:
        """Open a live connection, hear that it is there, listen for a moment, and close it."""
        from websockets.asyncio.client import connect
        from websockets.exceptions import InvalidStatus, WebSocketException
        from websockets.typing import Subprotocol

        client = self.town.client
        url = f"{'wss' if client.secure else 'ws'}://{client.host}:{client.port}/ws"
        try:
            async with (
                asyncio.timeout(15),
                connect(
                    url, compression=None, ping_interval=None, proxy=None,
                    subprotocols=[Subprotocol("samovar"), Subprotocol(f"bearer.{self.token}")],
                ) as socket,
            ):  # fmt: skip
                await socket.recv()
            return Answer(200)
        except InvalidStatus as error:
            return Answer(error.response.status_code)
        except (WebSocketException, OSError, TimeoutError) as error:
            return Answer(0, trouble=type(error).__name__)


class Crowd:
    """Bots, one of whom acts at a time that has come."""

    def __init__(
        self, town: Town, bots: list[Bot], mix: Mapping[str, int] = MIX, *, patient: bool = True,
        thinks: float = THINKS,
    ) -> None:  # fmt: skip
        """Without patience they ask again however they were answered, as strangers of each other would."""
        self._town = town
        self._bots = bots
        self._kinds, self._weights = list(mix), list(mix.values())
        self._patient = patient
        self._thinks = thinks
        self._turn = 0

    async def act(self) -> tuple[str, Answer] | None:
        """The next that is free does something; None when nobody is."""
        bot = self._next()
        if bot is None:
            return None
        kind = self._town.dice.choices(self._kinds, self._weights)[0]
        do: Callable[[], Awaitable[Answer]] = getattr(bot, kind)
        bot.busy = True
        try:
            answer = await do()
        finally:
            bot.busy = False
        loop = asyncio.get_running_loop()
        if self._patient:
            pause = self._town.dice.expovariate(1 / self._thinks) if self._thinks else 0.0
            if answer.status in (429, 503):
                pause = max(pause, min(LONGEST, answer.retry_after or 1.0))
            bot.free_at = loop.time() + pause
        return kind, answer

    def _next(self) -> Bot | None:
        now = asyncio.get_running_loop().time()
        for _ in range(len(self._bots)):
            self._turn = (self._turn + 1) % len(self._bots)
            bot = self._bots[self._turn]
            if not self._patient or not (bot.busy or bot.free_at > now):
                return bot
        return None
