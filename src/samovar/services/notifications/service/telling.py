"""Telling by other ways: what is due becomes letters and pushes, a digest sums up. What is decided here
is handed to delivery under stable names, so that doing it again sends nothing twice."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

import msgspec
import structlog

from samovar.contracts.delivery import Outgoing
from samovar.contracts.graph import Relationship
from samovar.contracts.items import Card
from samovar.kernel.audience import PUBLIC, UNLISTED, may_see
from samovar.kernel.clock import DAY
from samovar.kernel.context import Call, calling
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.notifications.clients import Delivery, Graph, Items, People
from samovar.services.notifications.domain import PERSON, Device, Note
from samovar.services.notifications.domain.preferences import (
    DEFAULTS,
    URGENT,
    Preferences,
    next_digest,
    quiet_until,
    stored,
)
from samovar.services.notifications.letters import headline, several, summary
from samovar.services.notifications.repository import notes, people
from samovar.services.notifications.service.choosing import DIGEST, Choosing
from samovar.services.notifications.service.inbox import Inbox, Line
from samovar.services.notifications.service.making import Making

log = structlog.get_logger(__name__)

#: Lines that are told of in one round, and pushes for one person in it.
ROUND, PUSHES = 300, 3
#: Lines of one letter.
LINES: Final = 20
_HIGH: Final = frozenset({"mentioned", "replied", "quoted", "follow_requested", "reminder", "system"})
_EXCERPT: Final = 200
_WAY: Final = {"push": "push", "fcm": "other", "apns": "other", "telegram": "other"}


class _Known(NamedTuple):
    """What a round asked others for."""

    relations: Mapping[tuple[int, int], Relationship]
    cards: Mapping[tuple[str, int], Card]
    names: Mapping[int, str]
    locales: Mapping[int, str]
    devices: Mapping[int, Sequence[Device]]


class Telling:
    """Decides what goes out by which way, and hands it to delivery."""

    def __init__(
        self,
        kit: Kit,
        graph: Graph,
        items: Items,
        delivery: Delivery,
        persons: People,
        inbox: Inbox,
        making: Making,
        choosing: Choosing,
    ) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._site = kit.site
        self._lines: int = kit.settings.digest_lines
        self._graph = graph
        self._items = items
        self._delivery = delivery
        self._persons = persons
        self._inbox = inbox
        self._making = making
        self._choosing = choosing

    async def tell(self) -> None:
        """Tell of all that is due. What was read meanwhile is left out, what is quiet waits."""
        while due := await people.due(self._db, self._clock.now(), ROUND):
            await self._round(due)

    async def _round(self, due: Sequence[tuple[int, int]]) -> None:
        now = self._clock.now()
        found = {note.id: note for note in await notes.many(self._db, [id for _, id in due])}
        users = {user_id for user_id, _ in due}
        chosen = await people.chosen(self._db, users)
        preferences = {user: stored(chosen.get(user)) for user in users}
        quiet = {user: quiet_until(wanted, now) for user, wanted in preferences.items()}
        tellable, waiting = [], []
        for user_id, note_id in due:
            note = found.get(note_id)
            if note is None or note.read:
                continue
            if quiet[user_id] > now and note.type not in URGENT:
                waiting.append((user_id, note_id))
            else:
                tellable.append(note)
        known = await self._ask(tellable)
        messages: list[Outgoing] = []
        tellable.sort(key=lambda note: (note.user_id, -note.position))
        for user_id, own in groupby(tellable, key=lambda note: note.user_id):
            lines = [line for note in own if (line := _line(note, known)) is not None]
            messages += self._messages(user_id, lines, preferences[user_id], known, now)
        refused = await self._delivery.send(messages)
        if refused:
            log.error("delivery does not take messages", ids=refused[:10], number=len(refused))
        done = [pair for pair in due if pair not in set(waiting)]

        async def write(tx: Tx) -> None:
            await people.drop_due(tx, done)
            for user_id, note_id in waiting:
                await people.postpone(tx, [(user_id, note_id)], quiet[user_id])
            for until in {quiet[user_id] for user_id, _ in waiting}:
                await self._making.tell_at(tx, until)

        await self._db.write(write)

    async def _ask(self, tellable: Sequence[Note]) -> _Known:
        """All that the messages of a round need to know; the number of calls does not grow with people."""
        actors = {actor for note in tellable for actor in note.actors[:2]}
        users = {note.user_id for note in tellable}
        about = {(note.kind, note.item_id) for note in tellable if note.kind and note.kind != PERSON}
        cards = await self._items.of_kinds(about)
        pairs = {(note.user_id, actor) for note in tellable for actor in note.actors[:2]}
        pairs |= {
            (note.user_id, card.author_id)
            for note in tellable
            if (card := cards.get((note.kind, note.item_id))) is not None and card.author_id != note.user_id
        }
        return _Known(
            await self._graph.stands(pairs),
            cards,
            await self._persons.names(actors),
            await self._persons.locales(users),
            await people.devices_of(self._db, users) if users else {},
        )

    def _messages(
        self, user_id: int, lines: Sequence["_Told"], wanted: Preferences, known: _Known, now: int
    ) -> Iterable[Outgoing]:
        locale = known.locales.get(user_id, self._site.locale)
        by_letter: dict[str, list[_Told]] = {}
        for line in lines:
            if wanted.types.get(line.note.type, DEFAULTS.types["system"]).email:
                by_letter.setdefault(line.note.type, []).append(line)
        for type, some in by_letter.items():
            yield _letter(user_id, type, some, locale)
        for device in known.devices.get(user_id, ()):
            way = _WAY[device.channel]
            pushed = [line for line in lines if getattr(wanted.types[line.note.type], way)]
            for line in pushed[:PUSHES]:
                yield _push(device, line, locale, now)

    async def digest(self, user_id: int) -> None:
        """Sum up what a person has not read since the last time; nothing when there is nothing."""
        chosen = (await people.chosen(self._db, [user_id])).get(user_id)
        preferences = stored(chosen)
        now = self._clock.now()
        since = await people.digest_at(self._db, user_id)
        if since is None or next_digest(preferences, now) is None:
            return
        with calling(Call(actor=user_id, caller="notifications")):
            found = await notes.unread_since(self._db, user_id, since, self._lines)
            lines = await self._inbox.shown(found)
        if lines:
            await self._delivery.send([await self._digest(user_id, lines, since)])

        async def write(tx: Tx) -> None:
            await people.digested(tx, user_id, now)
            await self._choosing.plan_digest(tx, user_id, preferences)

        await self._db.write(write)

    async def _digest(self, user_id: int, lines: Sequence[Line], since: int) -> Outgoing:
        names = await self._persons.names({actor for line in lines for actor in line.actors[:2]})
        locale = (await self._persons.locales([user_id])).get(user_id, self._site.locale)
        items = [
            {
                "title": headline(
                    line.note.type, locale, _names(line.actors, names), line.number, line.note.data
                ),
                "text": _excerpt(line.card),
                "url": url_of(line.note),
            }
            for line in lines
        ]
        data = {"title": summary(locale), "items": items, "url": "/inbox"}
        return Outgoing(
            id=f"notifications:{user_id}:digest:{since}", user_id=user_id, channel="email",
            template=DIGEST, data=_json(data), locale=locale, category=DIGEST, priority="low",
        )  # fmt: skip


class _Told(NamedTuple):
    """A line as it is told of outside."""

    note: Note
    names: Sequence[str]
    number: int
    excerpt: str


def _line(note: Note, known: _Known) -> _Told | None:
    """What may be said of a line; None when nothing may: its item or all its people are hidden by now."""
    card = None
    if note.kind and note.kind != PERSON:
        card = known.cards.get((note.kind, note.item_id))
        if card is None:
            return None
        audience = card.audience
        own = card.author_id == note.user_id
        relation = known.relations.get((note.user_id, card.author_id))
        if not own and not may_see(
            str(audience.scope), card.author_id, audience.people, note.user_id, relation
        ):
            return None
    actors = [actor for actor in note.actors[:2] if _welcome(known.relations.get((note.user_id, actor)))]
    if note.actors and not actors:
        return None
    count = note.number - (len(note.actors[:2]) - len(actors))
    return _Told(note, _names(actors, known.names), count, _excerpt(card))


def _welcome(relation: Relationship | None) -> bool:
    return relation is not None and not (relation.blocking or relation.blocked_by or relation.muting)


def _names(actors: Iterable[int], names: Mapping[int, str]) -> list[str]:
    return [names[actor] for actor in actors if actor in names]


def _excerpt(card: Card | None) -> str:
    """The words of an item, as far as they may leave the house: those of public ones without a warning."""
    if card is None or card.sensitive:
        return ""
    if str(card.audience.scope) not in (PUBLIC, UNLISTED):
        return ""
    text = card.title or card.summary
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"


def url_of(note: Note) -> str:
    """Where a line leads, within the site."""
    if note.data and note.data.get("url"):
        return str(note.data["url"])
    return f"/inbox/{note.id}"


def _text(line: _Told) -> str:
    return str((line.note.data or {}).get("text", line.excerpt))


def _letter(user_id: int, type: str, lines: Sequence[_Told], locale: str) -> Outgoing:
    newest = max(line.note.position for line in lines)
    said = [headline(type, locale, line.names, line.number, line.note.data) for line in lines]
    if len(lines) == 1:
        data: dict[str, Any] = {"title": said[0], "text": _text(lines[0]), "url": url_of(lines[0].note)}
    else:
        data = {
            "title": several(locale, len(lines)),
            "text": "",
            "url": "/inbox",
            "items": [
                {"title": title, "text": _text(line)[:_EXCERPT], "url": url_of(line.note)}
                for title, line in zip(said[:LINES], lines[:LINES], strict=True)
            ],
        }
    return Outgoing(
        id=f"notifications:{user_id}:{newest}:email", user_id=user_id, channel="email",
        template="notification", data=_json(data), locale=locale, category=type,
        priority="high" if type in _HIGH else "normal",
    )  # fmt: skip


def _push(device: Device, line: _Told, locale: str, now: int) -> Outgoing:
    note = line.note
    data = {
        "title": headline(note.type, locale, line.names, line.number, note.data),
        "text": _text(line),
        "url": url_of(note),
        "tag": str(note.id),
    }
    return Outgoing(
        id=f"notifications:{note.id}:{note.position}:{device.id}", user_id=note.user_id,
        channel=device.channel, address=device.address, template="notification", data=_json(data),
        locale=locale, category=note.type, priority="high" if note.type in _HIGH else "normal",
        expires_at=now + DAY,
    )  # fmt: skip


def _json(data: Mapping[str, Any]) -> str:
    return msgspec.json.encode(data).decode()
