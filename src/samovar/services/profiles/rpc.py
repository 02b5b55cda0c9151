"""Profiles' contracts, over its use cases."""

from collections.abc import Sequence

from samovar.contracts.common import Done
from samovar.contracts.profiles import DocumentList, FieldList, Profile, ProfileList
from samovar.kernel.context import current_call
from samovar.services.profiles.domain import Row
from samovar.services.profiles.service import ProfilesService


class ProfilesRpc:
    """Implements ProfilesApi."""

    def __init__(self, service: ProfilesService) -> None:
        self._service = service

    async def get_many(self, *, ids: Sequence[int] = ()) -> ProfileList:
        return ProfileList(items=await self._service.get_many(ids))

    async def by_username(self, *, usernames: Sequence[str] = ()) -> ProfileList:
        return ProfileList(items=await self._service.by_username(usernames))

    async def update(
        self,
        *,
        display_name: str | None = None,
        bio: str | None = None,
        fields: FieldList | None = None,
        locale: str | None = None,
        theme: str | None = None,
        avatar_media_id: int | None = None,
        header_media_id: int | None = None,
    ) -> Profile:
        rows = None if fields is None else [Row(row.name, row.value) for row in fields.items]
        return await self._service.update(
            current_call(), display_name=display_name, bio=bio, rows=rows, locale=locale, theme=theme,
            avatar=avatar_media_id, header=header_media_id,
        )  # fmt: skip

    async def newest(self, *, before: int, limit: int) -> ProfileList:
        return ProfileList(items=await self._service.newest(before, limit))

    async def documents(self, *, after: int, limit: int) -> DocumentList:
        found, total = await self._service.documents(current_call(), after, limit)
        return DocumentList(items=found, total=total)


class PersonalRpc:
    """Implements PersonalApi for profiles."""

    def __init__(self, service: ProfilesService) -> None:
        self._service = service

    async def erase(self, *, user_id: int) -> Done:
        await self._service.erase(current_call(), user_id)
        return Done()
