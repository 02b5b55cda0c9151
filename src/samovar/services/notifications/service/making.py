"""Making lines of what happened, many at a time: who is told is decided before the transaction, by
asking others once for a batch; the lines are written in it, with few statements for all of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from samovar.contracts.graph import Relationship
from samovar.contracts.notifications import InboxChanged
from samovar.kernel.audience import may_see
from samovar.kernel.clock import SECOND
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.notifications.clients import Graph
from samovar.services.notifications.domain import GATHERED, NAMED, Act, Note, Undone, Wish, still_open
from samovar.services.notifications.domain.preferences import DEFAULTS, Preferences, stored
from samovar.services.notifications.repository import notes, people

TELL: Final = "tell"
#: What is due within that time of each other is told of by one job.
GATHER: Final = 5 * SECOND
Pair = tuple[int, int]


class Told(NamedTuple):
    """An act whose recipient is told of it; `outside` when also by other ways than the inbox."""

    act: Act
    outside: bool


class Draft:
    """Lines as they become in the course of a batch."""

    def __init__(self, found: Iterable[Note]) -> None:
        self.before: dict[int, Note] = {note.id: note for note in found}
        self.now: dict[int, Note] = dict(self.before)
        self.came: dict[Pair, int] = {}
        self.went: set[Pair] = set()
        self.due: dict[Pair, None] = {}
        self.newest: dict[int, Note] = {}
        self._by_subject: dict[tuple[int, str], list[int]] = {}
        for note in self.before.values():
            self._by_subject.setdefault((note.user_id, note.subject), []).append(note.id)

    def alike(self, user_id: int, subject: str) -> list[Note]:
        """Lines that are still there."""
        ids = self._by_subject.get((user_id, subject), ())
        return [self.now[id] for id in ids if id in self.now]

    def put(self, note: Note) -> None:
        """Add a line or change it."""
        if note.id not in self.now:
            self._by_subject.setdefault((note.user_id, note.subject), []).append(note.id)
        self.now[note.id] = note


class Making:
    """Writes what people are told."""

    def __init__(self, kit: Kit, graph: Graph) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._ids = kit.ids
        self._delay = kit.settings.tell_after * SECOND
        self._graph = graph

    async def allowed(self, wishes: Sequence[Wish]) -> list[Told | None]:
        """Whom to tell, for each wish: not of people whom they block or mute, nor of what they may not
        see, silenced or don't want to know. To be asked outside any transaction."""
        if not wishes:
            return []
        pairs = {(wish.act.user_id, wish.act.actor_id) for wish in wishes if wish.act.actor_id}
        pairs |= {(wish.act.user_id, wish.seen.owner_id) for wish in wishes if wish.seen is not None}
        stands = await self._graph.stands(pairs)
        chosen = await people.chosen(self._db, {wish.act.user_id for wish in wishes})
        about = {(wish.act.user_id, *item) for wish in wishes for item in wish.about}
        silenced = await people.silenced(self._db, about)
        preferences = {user_id: stored(value) for user_id, value in chosen.items()}
        return [
            _told(
                wish,
                stands,
                preferences.get(wish.act.user_id, DEFAULTS),
            )
            if not any((wish.act.user_id, *item) in silenced for item in wish.about)
            else None
            for wish in wishes
        ]

    async def write(self, tx: Tx, changes: Sequence[Told | Undone]) -> None:
        """Have a batch take effect, in its order."""
        counts = await people.counts(tx, {c.act.user_id for c in changes if isinstance(c, Told)})
        gone = await notes.removed(
            tx,
            {(c.act.kind, c.act.item_id) for c in changes if isinstance(c, Told) and c.act.item_id},
        )
        live = [
            change
            for change in changes
            if isinstance(change, Undone)
            or (
                not (counts.get(change.act.user_id, (0, False))[1])
                and (change.act.kind, change.act.item_id) not in gone
            )
        ]
        draft = Draft(await self._alike(tx, live))
        acted = await notes.acts(tx, _pairs(draft, live))
        answered: set[Pair] = set()
        for change in live:
            if isinstance(change, Undone):
                if self._undo(draft, acted, change) and change.subject.startswith("follow_requested:"):
                    answered.add((change.user_id, change.actor_id))
            elif change.act.type != "followed" or ((change.act.user_id, change.act.actor_id) not in answered):
                self._do(draft, acted, change)
        await self.finish(tx, draft)

    async def _alike(self, tx: Tx, changes: Sequence[Told | Undone]) -> list[Note]:
        subjects = {
            (change.act.user_id, change.act.subject)
            if isinstance(change, Told)
            else (change.user_id, change.subject)
            for change in changes
            if isinstance(change, Told) or change.user_id
        }
        known = {
            (change.item_id, change.kind, change.subject)
            for change in changes
            if isinstance(change, Undone) and not change.user_id
        }
        return [*await notes.alike(tx, subjects), *await notes.alike_about(tx, known)]

    def _do(self, draft: Draft, acted: set[Pair], told: Told) -> None:
        act, now = told.act, self._clock.now()
        alike = draft.alike(act.user_id, act.subject)
        if alike and (act.type not in GATHERED or not act.actor_id):
            return
        note = next((one for one in alike if not one.slot), None)
        if note is not None and not still_open(note, now):
            draft.put(note._replace(slot=note.id))
            note = None
        if note is not None and (note.id, act.actor_id) in acted:
            return
        position = self._ids()
        if note is None:
            actors = [act.actor_id] if act.actor_id else []
            note = Note(
                position, act.user_id, position, act.type, act.kind, act.item_id, act.subject, 0,
                actors, len(actors), False, now, now, act.data,
            )  # fmt: skip
        else:
            note = note._replace(
                position=position,
                actors=[act.actor_id, *(one for one in note.actors if one != act.actor_id)][:NAMED],
                number=note.number + 1,
                read=False,
                updated_at=now,
                # Of several who reacted differently, no one reaction is told.
                data=act.data if act.data == note.data else None,
            )
        draft.put(note)
        if act.actor_id:
            pair = (note.id, act.actor_id)
            acted.add(pair)
            draft.came[pair] = position
            draft.went.discard(pair)
        if told.outside:
            draft.due[act.user_id, note.id] = None
        draft.newest[act.user_id] = note

    def _undo(self, draft: Draft, acted: set[Pair], undone: Undone) -> bool:
        done = False
        found = (
            draft.alike(undone.user_id, undone.subject)
            if undone.user_id
            else [note for note in draft.now.values() if note.subject == undone.subject]
        )
        for note in found:
            pair = (note.id, undone.actor_id)
            if pair in acted:
                acted.discard(pair)
                draft.came.pop(pair, None)
                draft.went.add(pair)
                self.take_actor(draft, note, undone.actor_id)
                done = True
        return done

    def take_actor(self, draft: Draft, note: Note, actor_id: int) -> None:
        """Take somebody out of a line; the line goes with the last of them."""
        if note.number <= 1:
            del draft.now[note.id]
            return
        actors = [one for one in note.actors if one != actor_id]
        draft.put(note._replace(actors=actors, number=note.number - 1))

    async def finish(self, tx: Tx, draft: Draft) -> None:
        """Write what became of the lines, correct the numbers of unread ones and tell of it."""
        added = [note for note in draft.now.values() if note.id not in draft.before]
        changed = [
            note
            for note in draft.now.values()
            if note.id in draft.before and note is not draft.before[note.id]
        ]
        dropped = [note for note in draft.before.values() if note.id not in draft.now]
        if not (added or changed or dropped):
            return
        # Closed lines make room for new ones of the same subject first.
        await notes.drop(tx, [note.id for note in dropped])
        await notes.drop_acts(tx, draft.went)
        await notes.change(tx, [await self._named(tx, note) for note in changed])
        await notes.add(tx, added)
        await notes.add_acts(
            tx,
            [
                (note_id, actor_id, draft.now[note_id].user_id, position)
                for (note_id, actor_id), position in draft.came.items()
                if note_id in draft.now
            ],
        )
        await self._due(tx, [pair for pair in draft.due if pair[1] in draft.now])
        difference: dict[int, int] = dict.fromkeys({note.user_id for note in (*added, *changed, *dropped)}, 0)
        for note in added:
            difference[note.user_id] += not note.read
        for note in changed:
            difference[note.user_id] += int(draft.before[note.id].read) - int(note.read)
        for note in dropped:
            difference[note.user_id] -= not note.read
        newest = {user: note for user, note in draft.newest.items() if note.id in draft.now}
        await self.tell(tx, difference, newest)

    async def _named(self, tx: Tx, note: Note) -> Note:
        """The same line, with somebody to name: those who were named took it back."""
        if note.actors or not note.number:
            return note
        return note._replace(actors=await notes.latest_actors(tx, note.id, NAMED))

    async def _due(self, tx: Tx, due: Collection[Pair]) -> None:
        """Have other ways tell of lines a little later, so that a burst becomes one message."""
        if not due:
            return
        at = self._clock.now() + self._delay
        await people.add_due(tx, [(user_id, note_id, at) for user_id, note_id in due])
        await self.tell_at(tx, at)

    async def tell_at(self, tx: Tx, at: int) -> None:
        """Make sure that what is due then is told of. Many calls for about the same time are one job."""
        rounded = -(-at // GATHER) * GATHER
        await tx.schedule(TELL, str(rounded), rounded)

    async def tell(self, tx: Tx, difference: dict[int, int], newest: dict[int, Note]) -> None:
        """Correct people's numbers of unread lines, and say that their inboxes changed."""
        counts = await people.counts(tx, difference)
        unread = {
            user_id: max(0, counts.get(user_id, (0, False))[0] + change)
            for user_id, change in difference.items()
        }
        await people.set_unread(tx, unread)
        await tx.publish_all([_changed(user_id, unread[user_id], newest.get(user_id)) for user_id in unread])


def _changed(user_id: int, unread: int, note: Note | None) -> InboxChanged:
    return InboxChanged(
        user_id=user_id,
        unread=unread,
        notification_id=note.id if note else 0,
        type=note.type if note else "",
    )


def _told(wish: Wish, stands: Mapping[Pair, Relationship], preferences: Preferences) -> Told | None:
    act, seen = wish.act, wish.seen
    relation = stands.get((act.user_id, act.actor_id))
    choice = preferences.types.get(act.type)
    if choice is None or not choice.inbox:
        return None
    if act.actor_id:
        if relation is None or relation.blocking or relation.blocked_by or relation.muting:
            return None
        if choice.people == "nobody" or (choice.people == "following" and not relation.following):
            return None
    if seen is not None:
        owner = stands.get((act.user_id, seen.owner_id))
        if not may_see(seen.scope, seen.owner_id, seen.people, act.user_id, owner):
            return None
    return Told(act, choice.email or choice.push or choice.other)


def _pairs(draft: Draft, changes: Sequence[Told | Undone]) -> set[Pair]:
    """Lines and people of whom it matters whether they are in them already."""
    found: set[Pair] = set()
    for change in changes:
        if isinstance(change, Told):
            act = change.act
            found.update((note.id, act.actor_id) for note in draft.alike(act.user_id, act.subject))
        elif change.user_id:
            found.update((note.id, change.actor_id) for note in draft.alike(change.user_id, change.subject))
        else:
            found.update(
                (note.id, change.actor_id) for note in draft.before.values() if note.subject == change.subject
            )
    return found
