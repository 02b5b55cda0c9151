"""Use cases of profiles."""

from collections.abc import Sequence
from dataclasses import replace

from samovar.contracts import profiles as public
from samovar.kernel.authz import signed_in
from samovar.kernel.context import Call
from samovar.kernel.errors import Conflict, Invalid, NotFound
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.profiles import repository
from samovar.services.profiles.clients import Accounts, Files
from samovar.services.profiles.domain import (
    LOCALES,
    THEMES,
    Person,
    Profile,
    Row,
    many_lines,
    one_line,
    rows_problem,
    too_long,
    username_key,
)

MAX_MANY = 100
#: Most profiles that search takes at once.
MAX_DOCUMENTS = 500
#: Signal to the edges: the id of somebody whose profile is another now.
CHANGED = "profiles.changed"
#: Stands in the cache for somebody who left.
_GONE = 0
#: What the cache keeps of a person.
_KEPT = public.Profile | int


def _key(user_id: int) -> str:
    return f"profiles:{user_id}"


def shown(profile: Profile) -> public.Profile:
    """A profile as others get it, and as the cache keeps it: made once, not for each page."""
    return public.Profile(
        id=profile.id, username=profile.username, display_name=profile.display_name, bio=profile.bio,
        fields=tuple(public.Field(name=row.name, value=row.value) for row in profile.rows),
        locale=profile.locale, theme=profile.theme, created_at=profile.created_at,
        version=profile.version, avatar_media_id=profile.avatar_media_id,
        header_media_id=profile.header_media_id,
    )  # fmt: skip


def updated(old: Profile, new: Profile) -> public.ProfileUpdated:
    """Tells others what changed."""
    before = {old.avatar_media_id, old.header_media_id}
    freed = before - {new.avatar_media_id, new.header_media_id, 0}
    return public.ProfileUpdated(
        user_id=new.id, username=new.username, display_name=new.display_name,
        avatar_media_id=new.avatar_media_id, header_media_id=new.header_media_id,
        freed_media_ids=tuple(sorted(freed)),
    )  # fmt: skip


class ProfilesService:
    """How people present themselves."""

    def __init__(self, kit: Kit, accounts: Accounts, files: Files) -> None:
        self._kit = kit
        self._db = kit.db
        self._cache = kit.cache
        self._accounts = accounts
        self._files = files

    async def get_many(self, ids: Sequence[int]) -> tuple[public.Profile, ...]:
        """Profiles in the order asked; unknown people and those who left are left out. No statement for
        those in the cache, one for the others."""
        if len(ids) > MAX_MANY:
            raise Invalid(fields={"ids": f"At most {MAX_MANY} at a time."})
        keys = {user_id: _key(user_id) for user_id in ids}
        cached = await self._cache.get_many(list(keys.values()), _KEPT)
        if len(cached) < len(keys):
            missing = [user_id for user_id, key in keys.items() if key not in cached]
            cached = {**cached, **await self._load(missing)}
        return tuple([profile for key in keys.values() if (profile := cached.get(key))])

    async def _load(self, ids: Sequence[int]) -> dict[str, public.Profile | int]:
        """Profiles from the tables into the cache; those not there yet are made."""
        found = await repository.by_ids(self._db, ids)
        if len(found) < len(ids):
            people = await self._accounts.by_ids([user_id for user_id in ids if user_id not in found])
            found |= await self._make(people)
        loaded: dict[str, public.Profile | int] = {
            _key(user_id): _GONE if profile is None else shown(profile) for user_id, profile in found.items()
        }
        await self._cache.set_many(loaded, self._kit.settings.cache_seconds)
        return loaded

    async def _make(self, people: Sequence[Person]) -> dict[int, Profile | None]:
        """Make profiles whose registration was not heard of yet."""
        if not people:
            return {}

        async def work(tx: Tx) -> dict[int, Profile | None]:
            await repository.ensure(tx, people)
            return await repository.by_ids(tx, [person.id for person in people])

        return await self._db.write(work)

    async def by_username(self, usernames: Sequence[str]) -> tuple[public.Profile, ...]:
        """Profiles by username, any case, in the order asked; unknown names are left out."""
        if len(usernames) > MAX_MANY:
            raise Invalid(fields={"usernames": f"At most {MAX_MANY} at a time."})
        keys = list(dict.fromkeys(username_key(username) for username in usernames))
        found = await repository.by_usernames(self._db, keys)
        missing = [key for key in keys if key not in found]
        if missing:
            made = await self._make(await self._accounts.by_usernames(missing))
            found |= {username_key(profile.username): profile for profile in made.values() if profile}
        return tuple(shown(found[key]) for key in keys if key in found)

    async def newest(self, before: int, limit: int) -> tuple[public.Profile, ...]:
        """Members, newest first, with ids below `before` (0: all)."""
        size = max(1, min(limit, 100)) if limit else 20
        return tuple(map(shown, await repository.newest(self._db, max(0, before), size)))

    async def documents(self, call: Call, after: int, limit: int) -> tuple[tuple[public.Profile, ...], int]:
        """Profiles after an id, in order, for the system; from the beginning also how many there are."""
        if not call.system:
            raise NotFound
        size = max(1, min(limit or MAX_DOCUMENTS, MAX_DOCUMENTS))
        found = await repository.after(self._db, max(0, after), size)
        return tuple(map(shown, found)), 0 if after else await repository.count(self._db)

    async def update(
        self,
        call: Call,
        *,
        display_name: str | None,
        bio: str | None,
        rows: Sequence[Row] | None,
        locale: str | None,
        theme: str | None,
        avatar: int | None = None,
        header: int | None = None,
    ) -> public.Profile:
        """Change the caller's own profile; what is None stays. An empty name becomes the username, a picture
        0 goes. Raises Invalid with the fields that are wrong."""
        actor = signed_in(call)
        name = None if display_name is None else one_line(display_name)
        bio = None if bio is None else many_lines(bio)
        if rows is not None:
            rows = tuple(Row(one_line(row.name), one_line(row.value)) for row in rows)
            rows = tuple(row for row in rows if row.name or row.value)
        self._check(name, bio, rows, locale, theme)
        if not await self.get_many([actor]):
            raise NotFound
        if avatar:
            await self._take("avatar", actor, avatar)
        if header:
            await self._take("header", actor, header)

        async def work(tx: Tx) -> Profile:
            old = (await repository.by_ids(tx, [actor])).get(actor)
            if old is None:
                raise NotFound
            new = replace(
                old,
                display_name=old.display_name if name is None else name or old.username,
                bio=old.bio if bio is None else bio,
                rows=old.rows if rows is None else tuple(rows),
                locale=old.locale if locale is None else locale,
                theme=old.theme if theme is None else theme,
                avatar_media_id=old.avatar_media_id if avatar is None else avatar,
                header_media_id=old.header_media_id if header is None else header,
            )
            if new == old:
                return old
            await repository.save(tx, new)
            await tx.publish(updated(old, new))
            return replace(new, version=old.version + 1)

        profile = await self._db.write(work)
        await self.uncache(actor)
        if avatar:
            await self._files.attach("avatar", actor, avatar)
        if header:
            await self._files.attach("header", actor, header)
        return shown(profile)

    async def _take(self, kind: str, user_id: int, media_id: int) -> None:
        try:
            await self._files.claim(kind, user_id, media_id)
        except (NotFound, Conflict):
            raise Invalid(fields={kind: "There is no such picture."}) from None

    def _check(
        self,
        name: str | None,
        bio: str | None,
        rows: Sequence[Row] | None,
        locale: str | None,
        theme: str | None,
    ) -> None:
        settings, wrong = self._kit.settings, dict[str, str]()
        if name and too_long(name, settings.name_limit):
            wrong["display_name"] = f"At most {settings.name_limit} characters."
        if bio and too_long(bio, settings.bio_limit):
            wrong["bio"] = f"At most {settings.bio_limit} characters."
        if rows is not None and (problem := rows_problem(rows, settings.max_fields)):
            wrong["fields"] = problem
        if locale is not None and locale not in LOCALES:
            wrong["locale"] = "Choose English or Russian."
        if theme is not None and theme not in THEMES:
            wrong["theme"] = "Choose light, dark or auto."
        if wrong:
            raise Invalid(fields=wrong)

    async def registered(self, tx: Tx, person: Person) -> None:
        """Somebody new. Does nothing when their profile is, or was, there."""
        await repository.ensure(tx, [person])

    async def left(self, tx: Tx, user_id: int) -> None:
        """Somebody deletes their account: their row is emptied at once, the cache right after."""
        await repository.leave(tx, user_id)
        await tx.schedule("uncache", str(user_id), self._kit.clock.now())

    async def uncache(self, user_id: int) -> None:
        """Have a profile that has changed forgotten here and wherever it is kept for a while."""
        await self._cache.drop(_key(user_id))
        await self._kit.pubsub.publish(CHANGED, str(user_id).encode())

    async def erase(self, call: Call, user_id: int) -> None:
        """Erase somebody's profile, for the system only."""
        if not call.system:
            raise NotFound

        async def work(tx: Tx) -> None:
            await repository.leave(tx, user_id)

        await self._db.write(work)
        await self.uncache(user_id)
