"""What is not heard but said: messages of other services, ends of polls, reminders."""

import json
from collections.abc import Sequence
from typing import Any, Final

from samovar.kernel.authz import may, signed_in
from samovar.kernel.clock import DAY
from samovar.kernel.context import Call
from samovar.kernel.errors import Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.notifications.clients import Items, Voters
from samovar.services.notifications.domain import TYPES, Act, Seen, Undone, Wish, act, is_id
from samovar.services.notifications.service.making import Making, Told

REMIND: Final = "remind"
POLL: Final = "poll"
#: Furthest that a reminder may lie ahead.
AHEAD: Final = 5 * 366 * DAY
RECIPIENTS: Final = 1000
_TITLE, _TEXT, _URL, _KEY = 200, 2000, 500, 100


class Sending:
    """Says things to people."""

    def __init__(self, kit: Kit, items: Items, voters: Voters, making: Making) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._batch: int = kit.settings.batch
        self._items = items
        self._voters = voters
        self._making = making

    async def send(
        self,
        call: Call,
        key: str,
        user_ids: Sequence[int],
        type: str,
        item: tuple[str, int] | None,
        actor_id: int,
        data: dict[str, Any],
    ) -> None:
        """Tell people something, each once for a key. For services and admins; others find nothing here."""
        if not (call.system or may(call, "accounts.roles")):
            raise NotFound
        type = type or "system"
        wrong = _wrong_key(key) | _wrong_data(data)
        if not 0 < len(user_ids) <= RECIPIENTS or not all(map(is_id, user_ids)):
            wrong["user_ids"] = "Name between 1 and 1000 people."
        if type not in TYPES:
            wrong["type"] = "There is no such type of notification."
        if wrong:
            raise Invalid(fields=wrong)
        await self._say(f"sent:{key}", user_ids, type, item, actor_id, data)

    async def _say(
        self,
        subject: str,
        user_ids: Sequence[int],
        type: str,
        item: tuple[str, int] | None,
        actor_id: int,
        data: dict[str, Any],
    ) -> None:
        kind, item_id = item or ("", 0)
        seen = None
        if item is not None and kind in self._items.kinds:
            card = (await self._items.cards(kind, [item_id])).get(item_id)
            if card is None:
                return
            audience = card.audience
            if audience is not None:
                seen = Seen(str(audience.scope), audience.owner_id, tuple(audience.people))
        wishes = [
            Wish(Act(user_id, type, kind, item_id, actor_id, subject, data or None), seen)
            for user_id in dict.fromkeys(user_ids)
            if user_id != actor_id
        ]
        await self._write(wishes)

    async def _write(self, wishes: Sequence[Wish]) -> None:
        for start in range(0, len(wishes), self._batch):
            allowed = await self._making.allowed(wishes[start : start + self._batch])
            changes: list[Told | Undone] = [told for told in allowed if told is not None]

            async def write(tx: Tx, changes: Sequence[Told | Undone] = tuple(changes)) -> None:
                await self._making.write(tx, changes)

            if changes:
                await self._db.write(write)

    async def poll_ended(self, tx: Tx, post_id: int, author_id: int) -> None:
        """A poll is over: its author and its voters are told by a job."""
        await tx.schedule(POLL, str(post_id), self._clock.now(), [author_id, ""])

    async def tell_of_poll(self, post_id: int, author_id: int, cursor: str) -> None:
        """Tell the next few of them; the job goes on from where it was when it is run again."""
        if not cursor:
            await self._write([Wish(act(author_id, "poll_ended", 0, "post", post_id))])
        cards = await self._items.cards("post", [post_id])
        card = cards.get(post_id)
        if card is None or card.audience is None:
            return
        seen = Seen(str(card.audience.scope), author_id, tuple(card.audience.people))
        while True:
            voters, cursor = await self._voters.some(post_id, cursor)
            await self._write(
                [
                    Wish(act(user_id, "poll_ended", author_id, "post", post_id), seen)
                    for user_id in voters
                    if user_id != author_id
                ]
            )
            if not cursor:
                return await self._end(post_id)
            await self._go_on(post_id, author_id, cursor)

    async def _go_on(self, post_id: int, author_id: int, cursor: str) -> None:
        """Note how far it came, for when the process ends before the job does."""

        async def write(tx: Tx) -> None:
            await tx.schedule(POLL, str(post_id), self._clock.now() + DAY // 24, [author_id, cursor])

        await self._db.write(write)

    async def _end(self, post_id: int) -> None:
        """All are told: nothing is left to go on with."""

        async def write(tx: Tx) -> None:
            await tx.cancel(POLL, str(post_id))

        await self._db.write(write)

    async def remind(
        self,
        call: Call,
        key: str,
        user_id: int,
        at: int,
        type: str,
        item: tuple[str, int] | None,
        data: str,
    ) -> None:
        """Tell somebody something at a time. The same key again moves it and changes what is said."""
        _own(call, user_id)
        wrong = _wrong_key(key)
        said = _data(data)
        wrong |= {"data": "Give a title, a text and an address."} if said is None else _wrong_data(said)
        if not is_id(user_id):
            wrong["user_id"] = "There is no such person."
        if type not in ("", "reminder") and not (call.system and type in TYPES):
            wrong["type"] = "There is no such type of notification."
        now = self._clock.now()
        if not 0 < at <= now + AHEAD:
            wrong["at"] = "This is too far ahead."
        if wrong:
            raise Invalid(fields=wrong)
        if item is not None and not await self._items.cards(*_asked(item)):
            raise NotFound
        payload = [type or "reminder", *(item or ("", 0)), said, at]

        async def write(tx: Tx) -> None:
            await tx.schedule(REMIND, _job_key(user_id, key), at, payload)

        await self._db.write(write)

    async def move(self, call: Call, key: str, user_id: int, at: int) -> None:
        """Have a reminder come at another time. Raises NotFound when there is none."""
        _own(call, user_id)
        if not 0 < at <= self._clock.now() + AHEAD:
            raise Invalid(fields={"at": "This is too far ahead."})

        async def write(tx: Tx) -> None:
            payload = await tx.planned(REMIND, _job_key(user_id, key))
            if payload is None:
                raise NotFound
            await tx.schedule(REMIND, _job_key(user_id, key), at, [*payload[:4], at])

        await self._db.write(write)

    async def cancel(self, call: Call, key: str, user_id: int) -> None:
        """Take a reminder back. Harmless when there is none."""
        _own(call, user_id)

        async def write(tx: Tx) -> None:
            await tx.cancel(REMIND, _job_key(user_id, key))

        await self._db.write(write)

    async def remind_now(self, key: str, payload: Sequence[Any]) -> None:
        """A reminder's time has come. Run again it changes nothing: the line is known by key and time."""
        user_id, _, name = key.partition(":")
        type, kind, item_id, data, at = payload
        item = (kind, item_id) if kind else None
        await self._say(f"remind:{name}:{at}", [int(user_id)], type, item, 0, data)


def _asked(item: tuple[str, int]) -> tuple[str, Sequence[int]]:
    return item[0], [item[1]] if is_id(item[1]) else []


def _own(call: Call, user_id: int) -> None:
    """Reminders are one's own business, and the system's."""
    if not call.system and signed_in(call) != user_id:
        raise NotFound


def _job_key(user_id: int, key: str) -> str:
    return f"{user_id}:{key}"


def _data(text: str) -> dict[str, Any] | None:
    if not text:
        return {}
    if len(text) > 2 * (_TITLE + _TEXT + _URL):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _wrong_key(key: str) -> dict[str, str]:
    good = 0 < len(key) <= _KEY and key.isprintable()
    return {} if good else {"key": "Give a name of 1 to 100 characters."}


def _wrong_data(data: dict[str, Any]) -> dict[str, str]:
    wrong = {}
    for name, most in (("title", _TITLE), ("text", _TEXT), ("url", _URL)):
        value = data.get(name, "")
        if not isinstance(value, str) or len(value) > most or "\0" in value:
            wrong[name] = f"This can't be longer than {most} characters."
    url = data.get("url", "")
    if isinstance(url, str) and url and (not url.startswith("/") or url.startswith(("//", "/\\"))):
        wrong["url"] = "Give an address within this site."
    if data.keys() - {"title", "text", "url"}:
        wrong["data"] = "Give a title, a text and an address."
    return wrong
