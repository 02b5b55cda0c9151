"""What moderation asks of other contexts, in its own words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import msgspec

from samovar.contracts.common import Audience, Scope
from samovar.contracts.delivery import DELIVERY, Outgoing
from samovar.contracts.identity import IDENTITY, Account, Standing
from samovar.contracts.items import ITEMS, Exhibit
from samovar.contracts.notifications import NOTIFICATIONS
from samovar.contracts.profiles import PROFILES, Profile
from samovar.kernel.authz import granted
from samovar.kernel.context import calling, current_call
from samovar.kernel.errors import NotFound
from samovar.kernel.peers import Peers, lazy
from samovar.services.moderation.domain import PERSON, Subject


@contextmanager
def by_the_house() -> Iterator[None]:
    """What is asked inside is asked by the house itself: whoever began it was found to be allowed."""
    call = current_call()
    with calling(
        msgspec.structs.replace(
            call, actor=None, roles=(), session=None, system=True, idempotency_key=None, memo={}
        )
    ):
        yield


class Items:
    """Every kind of content, by its name."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    @property
    def kinds(self) -> tuple[str, ...]:
        return self._peers.instances(ITEMS)

    async def author(self, subject: Subject) -> int | None:
        """Whose it is, as far as the caller may see it."""
        if subject.kind not in self.kinds:
            return None
        found = await self._peers.get(ITEMS, subject.kind).get_many(ids=(subject.id,))
        return found.items[0].author_id if found.items else None

    async def examine(self, kind: str, ids: Sequence[int]) -> dict[int, Exhibit]:
        """Items as they are, by id."""
        if not ids or kind not in self.kinds:
            return {}
        with by_the_house():
            found = await self._peers.get(ITEMS, kind).examine(ids=tuple(ids))
        return {exhibit.id: exhibit for exhibit in found.items}

    async def of_kinds(self, subjects: Sequence[Subject]) -> dict[Subject, Exhibit]:
        """The same for items of several kinds: one call for each kind."""
        by_kind: dict[str, list[int]] = {}
        for subject in subjects:
            by_kind.setdefault(subject.kind, []).append(subject.id)
        found: dict[Subject, Exhibit] = {}
        for kind, ids in by_kind.items():
            exhibits = await self.examine(kind, ids)
            found.update({Subject(kind, item_id): exhibit for item_id, exhibit in exhibits.items()})
        return found

    async def authored(self, kind: str, author_id: int) -> int:
        """How many items of a kind somebody has made."""
        with by_the_house():
            found = await self._peers.get(ITEMS, kind).authored(author_ids=(author_id,))
        return sum(one.items for one in found.items)

    async def settle(self, subject: Subject, *, hidden: bool, held: bool, sensitive: bool) -> None:
        """Have an item stand so. One that is gone needs nothing any more."""
        api = self._peers.get(ITEMS, subject.kind)
        with by_the_house(), suppress(NotFound):
            await api.set_hidden(id=subject.id, hidden=hidden, held=held)
            await api.set_sensitive(id=subject.id, sensitive=sensitive)

    async def remove(self, subject: Subject) -> None:
        with by_the_house():
            await self._peers.get(ITEMS, subject.kind).remove(id=subject.id)


class People:
    """Accounts and profiles."""

    def __init__(self, peers: Peers) -> None:
        self._accounts = lazy(peers, IDENTITY)
        self._profiles = lazy(peers, PROFILES)

    async def accounts(self, ids: Sequence[int]) -> dict[int, Account]:
        """Those who are here, by id."""
        if not ids:
            return {}
        with by_the_house():
            found = await self._accounts.get_many(ids=tuple(dict.fromkeys(ids)))
        return {account.id: account for account in found.items}

    async def roles(self, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """What people's roles are, with what the community's own ones hold."""
        return {
            account.id: (*account.roles, *map(granted, account.permissions))
            for account in (await self.accounts(ids)).values()
        }

    async def staff(self) -> list[Account]:
        """Some of those who have a role."""
        with by_the_house():
            page = await self._accounts.find(text="", filter="staff", cursor="", limit=100)
        return [dossier.account for dossier in page.items]

    async def locales(self, ids: Sequence[int]) -> dict[int, str]:
        """The languages that people read: what they chose for pages, else for letters."""
        found = {account.id: account.locale for account in (await self.accounts(ids)).values()}
        with by_the_house():
            page = await self._profiles.get_many(ids=tuple(dict.fromkeys(ids)))
        return found | {profile.id: profile.locale for profile in page.items if profile.locale}

    async def examine(self, ids: Sequence[int]) -> dict[int, Exhibit]:
        """Profiles as exhibits, by person."""
        if not ids:
            return {}
        with by_the_house():
            page = await self._profiles.get_many(ids=tuple(dict.fromkeys(ids)))
        return {profile.id: _exhibit(profile) for profile in page.items}

    async def stand(self, user_id: int, state: str, until: int, silenced: bool, notice: str) -> None:
        """How an account stands from now on."""
        standing = Standing(state=state, until=until, silenced=silenced)
        with by_the_house():
            await self._accounts.set_standing(user_id=user_id, standing=standing, notice=notice)


def _exhibit(profile: Profile) -> Exhibit:
    fields = [f"{field.name}: {field.value}" for field in profile.fields]
    media = (profile.avatar_media_id, profile.header_media_id)
    return Exhibit(
        kind=PERSON, id=profile.id, author_id=profile.id, title=profile.display_name or profile.username,
        audience=Audience(scope=Scope.PUBLIC, owner_id=profile.id), text="\n".join([profile.bio, *fields]),
        media_ids=tuple(media_id for media_id in media if media_id), created_at=profile.created_at,
        version=profile.version,
    )  # fmt: skip


class Telling:
    """Inbox and letters."""

    def __init__(self, peers: Peers) -> None:
        self._inbox = lazy(peers, NOTIFICATIONS)
        self._post = lazy(peers, DELIVERY)

    async def note(self, key: str, user_ids: Sequence[int], title: str, text: str, url: str) -> None:
        """A line in people's inboxes, and whatever else they want to be told by."""
        with by_the_house():
            await self._inbox.send(
                key=key, user_ids=tuple(user_ids), type="system", item=None, actor_id=0, title=title,
                text=text, url=url,
            )  # fmt: skip

    async def letter(self, key: str, user_id: int, locale: str, title: str, text: str, url: str) -> None:
        """A letter about somebody's account, which comes whatever they chose."""
        data = msgspec.json.encode({"title": title, "text": text, "url": url}).decode()
        letter = Outgoing(
            id=f"moderation:{key}", user_id=user_id, channel="email", template="notification", data=data,
            locale=locale, category="account", priority="high",
        )  # fmt: skip
        with by_the_house():
            await self._post.send(messages=(letter,))
