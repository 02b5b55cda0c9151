"""Files that wait until a moderator has looked at them, and the judgement."""

from collections.abc import Sequence
from contextlib import suppress

import msgspec

from samovar.edge.edge import Edge
from samovar.edge.present.media import Media, MediaView
from samovar.edge.present.people import Author, People
from samovar.kernel.errors import NotFound


class WaitingFileView(msgspec.Struct, kw_only=True, frozen=True):
    """A file that nobody but its owner sees yet."""

    file: MediaView
    author: Author | None
    bytes: int


class WaitingFilesView(msgspec.Struct, kw_only=True, frozen=True):
    """Such files, oldest first."""

    items: tuple[WaitingFileView, ...]
    next: str | None


class Judging:
    """Shows such files to moderators, and does what they decide."""

    def __init__(self, edge: Edge, people: People, media: Media) -> None:
        self._edge = edge
        self._people = people
        self._media = media

    async def waiting(self, cursor: str, limit: int) -> WaitingFilesView:
        """Raises NotFound or Forbidden for those who may not judge."""
        page = await self._edge.media.queue(cursor=cursor, limit=limit)
        authors = await self._people.authors([medium.owner_id for medium in page.items])
        items = tuple(
            WaitingFileView(
                file=self._media.examined(medium), author=authors.get(medium.owner_id), bytes=medium.bytes
            )
            for medium in page.items
        )
        return WaitingFilesView(items=items, next=page.next or None)

    async def judge(self, ids: Sequence[int], review: str, *, ban: bool, reason: str) -> int:
        """Approve or reject files, each noted in the audit log; rejected ones may be banned: neither they nor
        what looks like them is taken again. Answers how many there were; others are gone meanwhile. Raises
        RankTooHigh for a file of somebody whom the caller can't act on."""
        found = (await self._edge.media.get_many(ids=list(ids))).items if ids else ()
        for one in found:
            await self._edge.moderation.record(
                action=f"files.{review}", person_id=one.owner_id, why=reason, before="", after=str(one.id)
            )
            with suppress(NotFound):
                await self._edge.media.review(id=one.id, review=review)
                if ban and review == "rejected":
                    await self._edge.media.ban_hash(id=one.id, sha256="", reason=reason)
        return len(found)
