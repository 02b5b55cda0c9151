"""The story lived through: every act goes through the services' contracts, as its author, at its time."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from functools import singledispatchmethod
from typing import Final

from samovar.app.demo.acts import (
    Accept,
    Act,
    Bookmark,
    Edit,
    Follow,
    Join,
    OnPost,
    Pin,
    React,
    Repost,
    Vote,
    Write,
)
from samovar.app.demo.album import Picture, album
from samovar.app.demo.clock import DemoClock
from samovar.app.demo.corpus import Person
from samovar.app.demo.desk import open_desk
from samovar.app.demo.looks import Looks
from samovar.app.demo.plan import planned
from samovar.app.demo.society import GUIDE
from samovar.app.house import House
from samovar.contracts.common import ItemRef, Scope
from samovar.contracts.graph import GRAPH
from samovar.contracts.identity import IDENTITY, Grant
from samovar.contracts.media import MEDIA
from samovar.contracts.notifications import NOTIFICATIONS
from samovar.contracts.posts import POSTS, PollDraft
from samovar.contracts.profiles import PROFILES, Field, FieldList
from samovar.contracts.reactions import REACTIONS
from samovar.kernel.clock import DAY, HOUR
from samovar.kernel.context import Call, calling
from samovar.kernel.errors import Unauthenticated
from samovar.kernel.ids import first_id_at
from samovar.kernel.limits import Decision, Rule
from samovar.kernel.mail import Letter

#: Of the member whom visitors may sign in as. Nobody knows the passwords of the others.
PASSWORD: Final = "samovar-demo"
#: So many acts are under way at once, so that one commit serves them.
AT_ONCE: Final = 64
#: After that much of the story's time, events and jobs are caught up with.
_CATCH_UP: Final = 4 * HOUR
_VERIFY: Final = re.compile(r"/verify/(\S+)")

#: Told the acts done, the acts in all, and how far the story is: its time in microseconds.
Progress = Callable[[int, int, int], None]


class DemoMail:
    """Keeps letters instead of sending them: nobody is behind these addresses."""

    name = "demo"

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def send(self, letter: Letter) -> str:
        self.letters.append(letter)
        return ""

    async def close(self) -> None:
        """There is nothing to close."""


class Unlimited:
    """Nobody is too quick: whatever an installation allows, the story takes place."""

    async def take(self, key: str, rule: Rule, cost: int = 1) -> Decision:
        return Decision(True, rule.burst, 0.0, 0.0)

    async def clear(self, key: str) -> None:
        """There is nothing to clear."""


async def is_empty(house: House) -> bool:
    """Whether nobody is a member yet."""
    await house.drain()  # Somebody may have joined in the last moment before a stop.
    with calling(Call(system=True, caller="demo")):
        return not (await house.peers.get(PROFILES).newest(before=0, limit=1)).items


async def fill_if_empty(house: House, *, members: int = 100, posts: int = 2500, seed: int = 7) -> bool:
    """Fill unless somebody is there. Answers whether it did."""
    if not await is_empty(house):
        return False
    await fill(house, members=members, posts=posts, seed=seed)
    return True


async def fill(
    house: House, *, members: int = 100, posts: int = 2500, seed: int = 7, progress: Progress | None = None
) -> None:
    """Fill an empty community. The house's clock is a DemoClock, and its background work does not run.

    The same numbers and seed make the same community but for ids and times.
    """
    clock = house.backends.clock
    if not isinstance(clock, DemoClock):
        raise TypeError("the sample community needs a house with a DemoClock")
    acts = planned(members, posts, seed)
    await _Story(house, clock).live(acts, progress or (lambda done, total, at: None))


class _Story:
    """What is there so far, by the names that the plan gave."""

    def __init__(self, house: House, clock: DemoClock) -> None:
        self._house = house
        self._clock = clock
        self._ids: dict[str, int] = {}
        self._locales: dict[str, str] = {}
        self._posts: dict[int, int] = {}
        self._types: set[str] = set()
        self._album: Mapping[int, Picture] = {}
        #: Pictures that are here, by the key of their post.
        self._sent: dict[int, tuple[int, ...]] = {}
        self._looks = Looks(house)
        self._media = house.peers.get(MEDIA)
        peers = house.peers
        self._identity, self._profiles = peers.get(IDENTITY), peers.get(PROFILES)
        self._graph, self._post, self._react = peers.get(GRAPH), peers.get(POSTS), peers.get(REACTIONS)

    async def live(self, acts: Sequence[Act], progress: Progress) -> None:
        """All of it, in batches of acts that do not rest on each other."""
        self._types = {kind.type for kind in (await self._react.types()).items}
        self._album = await album(acts)
        caught_up = self._clock.now()
        done = 0
        while done < len(acts):
            batch = _next_batch(acts, done)
            # A post with a picture comes by itself: it takes a while, and ids follow the order of acts.
            place = next((at for at, act in enumerate(batch) if self._has_picture(act)), len(batch))
            batch = batch[: max(1, place)]
            if place == 0:
                await self._send_picture(batch[0])
            await asyncio.gather(*(self._play(act) for act in batch))
            done += len(batch)
            now = self._clock.at(batch[-1].day)
            self._clock.set(now)
            if now - caught_up > _CATCH_UP or any(isinstance(act, Join) for act in batch):
                await self._catch_up()
                caught_up = now
            progress(done, len(acts), now)
        await self._catch_up()
        self._clock.set(self._clock.end)
        await self._catch_up()
        await self._read_inboxes()
        if GUIDE in self._ids:
            await open_desk(self._house, self._ids[GUIDE], [*self._ids.values()])
        await self._catch_up()

    async def _read_inboxes(self) -> None:
        """Everybody has looked into their inbox until the day before yesterday."""
        until = first_id_at(self._clock.end - 2 * DAY)
        inbox = self._house.peers.get(NOTIFICATIONS)
        for name in self._ids:
            with calling(self._call(name)), suppress(Unauthenticated):
                await inbox.mark_read(up_to=until, all=False)

    async def _catch_up(self) -> None:
        """Let events and jobs have their effect, and let new members prove their addresses."""
        await self._looks.tell()
        await self._house.drain()
        mail = self._house.backends.mail
        if isinstance(mail, DemoMail) and mail.letters:
            letters, mail.letters = mail.letters, []
            for number, letter in enumerate(letters):
                link = _VERIFY.search(letter.text)
                if link:
                    with calling(Call(address=f"198.18.1.{number % 250}")):
                        await self._identity.verify_email(token=link[1])
            await self._house.drain()

    async def _play(self, act: Act) -> None:
        # A task of its own: the time set here is nobody else's.
        self._clock.here(self._clock.at(act.day))
        with calling(self._call(act.who)):
            await self._do(act)
        self._looks.note(act, self._clock.at(act.day), self._ids, self._posts)

    def _call(self, who: str, session: int | None = None) -> Call:
        if who not in self._ids:
            number = len(self._locales)
            return Call(address=f"198.18.0.{number % 250}")
        return Call(actor=self._ids[who], roles=("user",), locale=self._locales[who], session=session)

    @singledispatchmethod
    async def _do(self, act: Act) -> None:
        raise TypeError(f"nobody knows how to do {act}")

    @_do.register
    async def _join(self, act: Join) -> None:
        person = act.person
        self._locales[act.who] = locale = "ru" if "ru" in person.languages and act.who != GUIDE else "en"
        grant = await self._identity.register(
            username=act.who,
            email=f"{act.who}@example.org",
            password=PASSWORD if act.who == GUIDE else secrets.token_urlsafe(18),
            locale=locale,
            device="",
            browser=False,
        )
        await self._settle(person, grant, locale)

    async def _settle(self, person: Person, grant: Grant, locale: str) -> None:
        """Make the account a person: profile, privacy; nobody stays signed in."""
        who = person.username
        self._ids[who] = grant.account.id
        with calling(self._call(who, grant.session_id)):
            await self._profiles.update(
                display_name=person.name,
                bio=person.bio,
                fields=FieldList(items=tuple(Field(name=name, value=value) for name, value in person.fields)),
                locale=locale,
            )
            if person.private or person.hidden:
                await self._graph.set_privacy(private=person.private, hide_followers=person.hidden)
            await self._identity.logout()

    @_do.register
    async def _follow(self, act: Follow) -> None:
        await self._graph.follow(user_id=self._ids[act.whom])

    @_do.register
    async def _accept(self, act: Accept) -> None:
        await self._graph.accept(user_id=self._ids[act.whom])

    @_do.register
    async def _write(self, act: Write) -> None:
        poll = None
        if act.options:
            poll = PollDraft(options=act.options, expires_in=act.poll_days * 24 * 3600, multiple=act.multiple)
        post = await self._post.create(
            text=act.text,
            visibility=Scope(act.visibility),
            in_reply_to_id=None if act.parent is None else self._posts[act.parent],
            quote_of_id=None if act.quote is None else self._posts[act.quote],
            content_warning=act.warning or None,
            language=act.language,
            poll=poll,
            media_ids=self._sent.pop(act.key, ()),
        )
        self._posts[act.key] = post.id

    def _has_picture(self, act: Act) -> bool:
        return isinstance(act, Write) and act.key in self._album

    async def _send_picture(self, act: Act) -> None:
        """The picture that belongs to a post, sent as anybody would send it."""
        assert isinstance(act, Write)
        picture = self._album[act.key]

        async def chunks() -> AsyncIterator[bytes]:
            yield picture.data

        with calling(self._call(act.who)):
            ticket = await self._media.begin(bytes=len(picture.data), alt=picture.alt, purpose="")
            await self._house.backends.blobs.put(ticket.key, chunks(), content_type="image/jpeg")
            digest = hashlib.sha256(picture.data).hexdigest()
            await self._media.finish(id=ticket.id, bytes=len(picture.data), sha256=digest)
        self._sent[act.key] = (ticket.id,)

    @_do.register
    async def _edit(self, act: Edit) -> None:
        await self._post.edit(id=self._posts[act.key], text=act.text)

    @_do.register
    async def _vote(self, act: Vote) -> None:
        await self._post.vote(id=self._posts[act.key], choices=act.choices)

    @_do.register
    async def _reaction(self, act: React) -> None:
        kind = act.type if act.type in self._types else next(iter(sorted(self._types)), "")
        if kind:
            await self._react.react(item=ItemRef(kind="post", id=self._posts[act.key]), type=kind)

    @_do.register
    async def _repost(self, act: Repost) -> None:
        await self._post.repost(id=self._posts[act.key])

    @_do.register
    async def _bookmark(self, act: Bookmark) -> None:
        await self._post.bookmark(id=self._posts[act.key])

    @_do.register
    async def _pin(self, act: Pin) -> None:
        await self._post.pin(id=self._posts[act.key])


def _next_batch(acts: Sequence[Act], start: int) -> list[Act]:
    """The longest run of acts from there of which none needs another one of it."""
    batch: list[Act] = []
    fresh: set[str] = set()
    touched: set[int] = set()
    for act in acts[start : start + AT_ONCE]:
        changes = act.key if isinstance(act, Edit | Pin | Repost) else None
        if any(need in fresh for need in act.needs) or changes in touched:
            break
        if act.makes:
            fresh.add(act.makes)
        if isinstance(act, OnPost):
            touched.add(act.key)
        batch.append(act)
    return batch
