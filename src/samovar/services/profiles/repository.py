"""Every statement of profiles."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select, update

from samovar.kernel.db import Query, Reads, one_of
from samovar.kernel.ids import MAX_ID
from samovar.kernel.store import Db, Tx
from samovar.kernel.upsert import excluded, upsert
from samovar.services.profiles.domain import Person, Profile, Row, username_key
from samovar.services.profiles.tables import PROFILE

_profile = PROFILE.c
_COLUMNS = (
    _profile.user_id,
    _profile.username,
    _profile.display_name,
    _profile.bio,
    _profile.fields,
    _profile.locale,
    _profile.theme,
    _profile.created_at,
    _profile.version,
    _profile.avatar_media_id,
    _profile.header_media_id,
)

BY_IDS = Query(select(_profile.gone, *_COLUMNS).where(one_of(_profile.user_id, "ids")))
BY_USERNAMES = Query(
    select(*_COLUMNS)
    .where(one_of(_profile.username_key, "keys"), _profile.gone.is_(False))
    .order_by(_profile.user_id)
)
NEWEST = Query(
    select(*_COLUMNS)
    .where(_profile.user_id < bindparam("before"), _profile.gone.is_(False))
    .order_by(_profile.user_id.desc())
    .limit(bindparam("limit"))
)
AFTER = Query(
    select(*_COLUMNS)
    .where(_profile.user_id > bindparam("after"), _profile.gone.is_(False))
    .order_by(_profile.user_id)
    .limit(bindparam("limit"))
)
ALL = Query(select(func.count()).where(_profile.gone.is_(False)))
ENSURE = Query(upsert(PROFILE, [_profile.user_id]))
LEAVE = Query(
    upsert(
        PROFILE,
        [_profile.user_id],
        update={column.name: excluded(column.name) for column in PROFILE.columns if not column.primary_key},
    )
)
UPDATE = Query(
    update(PROFILE)
    .where(_profile.user_id == bindparam("id"), _profile.gone.is_(False))
    .values(
        display_name=bindparam("new_name"), bio=bindparam("new_bio"), fields=bindparam("new_fields"),
        locale=bindparam("new_locale"), theme=bindparam("new_theme"),
        avatar_media_id=bindparam("new_avatar"), header_media_id=bindparam("new_header"),
        version=_profile.version + 1,
    )
)  # fmt: skip


async def by_ids(db: Reads, ids: Sequence[int]) -> dict[int, Profile | None]:
    """Profiles by id; None for those who left."""
    return {row[1]: None if row[0] else _profile_of(row[1:]) for row in await db.all(BY_IDS, ids=ids)}


async def by_usernames(db: Reads, keys: Sequence[str]) -> dict[str, Profile]:
    """Profiles by the keys of their usernames."""
    found = [_profile_of(row) for row in await db.all(BY_USERNAMES, keys=keys)]
    return {username_key(profile.username): profile for profile in found}


async def newest(db: Reads, before: int, limit: int) -> list[Profile]:
    """Profiles with ids below `before` (0: all), newest first."""
    return [_profile_of(row) for row in await db.all(NEWEST, before=before or MAX_ID, limit=limit)]


async def after(db: Db, user_id: int, limit: int) -> list[Profile]:
    """Profiles with ids above `user_id`, in their order."""
    return [_profile_of(row) for row in await db.scan(AFTER, after=user_id, limit=limit)]


async def count(db: Db) -> int:
    """How many profiles there are."""
    return int((await db.scan(ALL))[0][0])


async def ensure(tx: Tx, people: Sequence[Person]) -> None:
    """Make the profiles of these people unless they are, or were, there."""
    await tx.many(ENSURE, [_fresh(person) for person in people])


async def save(tx: Tx, profile: Profile) -> None:
    """Store what a person may change, as the next version."""
    await tx.run(
        UPDATE, id=profile.id, new_name=profile.display_name, new_bio=profile.bio,
        new_fields=[[row.name, row.value] for row in profile.rows],
        new_locale=profile.locale, new_theme=profile.theme,
        new_avatar=profile.avatar_media_id, new_header=profile.header_media_id,
    )  # fmt: skip


async def leave(tx: Tx, user_id: int) -> None:
    """Empty somebody's row and mark it as gone."""
    await tx.run(LEAVE, **{**_fresh(Person(user_id, "", 0)), "gone": True})


def _fresh(person: Person) -> dict[str, Any]:
    return {
        "user_id": person.id, "username": person.username, "username_key": username_key(person.username),
        "display_name": person.username, "bio": "", "fields": [], "locale": "", "theme": "auto",
        "created_at": person.created_at, "version": 1, "avatar_media_id": 0, "header_media_id": 0,
        "gone": False,
    }  # fmt: skip


def _profile_of(row: Sequence[Any]) -> Profile:
    user_id, username, name, bio, fields, locale, theme, created_at, version, avatar, header = row
    rows = tuple(Row(*pair) for pair in fields)
    return Profile(user_id, username, name, bio, rows, locale, theme, created_at, version, avatar, header)
