"""Pictures and films as they are shown, and the signed addresses of those that not everybody may see."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from samovar.contracts.media import Medium
from samovar.edge.edge import Edge
from samovar.edge.present.times import rfc3339
from samovar.kernel.clock import HOUR, SECOND
from samovar.kernel.context import current_call
from samovar.kernel.memo import Derived, Interned

#: Signed addresses are made anew this often, and hold for one to two of these: views can be kept meanwhile.
WINDOW: Final = 12 * HOUR
VIEWS: Final = 4000


class VariantView(msgspec.Struct, kw_only=True, frozen=True):
    """One form of a file."""

    url: str
    type: str
    width: int
    height: int
    bytes: int


class FocusView(msgspec.Struct, kw_only=True, frozen=True):
    """Where to look first, from -1 (left, top) to 1."""

    x: float
    y: float


class MediaView(msgspec.Struct, kw_only=True, frozen=True):
    """A picture, an animation or a film."""

    id: str
    #: "image", "gif" or "video".
    kind: str
    #: The form to show first; empty when there is none yet.
    url: str
    #: "large", "medium", "small", "tiny" (WebP; of what moves, the poster), "mp4", "webm", and for its owner
    #: "original".
    variants: Mapping[str, VariantView]
    width: int
    height: int
    #: BlurHash.
    placeholder: str
    #: The average colour.
    colour: str
    alt: str
    #: "processing", "ready" or "failed".
    state: str
    #: "pending", "approved" or "rejected".
    review: str
    #: Percent, while processing.
    progress: int
    milliseconds: int
    focus: FocusView
    created_at: str
    user_id: str
    #: Where it stands, such as "/posts/123"; null when nowhere.
    item: str | None

    @property
    def poster(self) -> str:
        """Address of a still picture."""
        return self.variants["large"].url if "large" in self.variants else ""


class MediaPageView(msgspec.Struct, kw_only=True, frozen=True):
    """A page of files."""

    items: tuple[MediaView, ...]
    next: str | None


class Signer:
    """Signs addresses with a key of this installation."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"samovar media addresses", hashlib.sha256)

    def sign(self, medium_id: int, until: int) -> str:
        """The signature of a file's address that holds until a time, in seconds."""
        mark = hmac.digest(self._key, f"{medium_id} {until}".encode(), hashlib.sha256)[:16]
        return base64.urlsafe_b64encode(mark).rstrip(b"=").decode()

    def holds(self, medium_id: int, until: str, mark: str, now: int) -> bool:
        """Whether a signature is ours and its time (in seconds) has not passed."""
        if not until.isascii() or not until.isdecimal() or len(until) > 12 or not mark.isascii():
            return False
        return int(until) > now // SECOND and hmac.compare_digest(mark, self.sign(medium_id, int(until)))


class Media:
    """Shows files."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self.signer = Signer(edge.secret)
        self._same: Interned[int, Medium] = Interned(VIEWS)
        self._view = Derived(self._made, VIEWS)
        self._row: Derived[tuple[MediaView, ...]] = Derived(_together, VIEWS)

    async def by_ids(self, ids: Iterable[int]) -> Mapping[int, Medium]:
        """Files by id, whoever looks: for items that the viewer may see."""
        unique = list(dict.fromkeys(ids))
        if not unique:
            return {}
        found = await self._edge.media.get_many(ids=unique)
        return {medium.id: self._same(medium.id, medium) for medium in found.items}

    def row(self, ids: Sequence[int], found: Mapping[int, Medium], *, signed: bool) -> tuple[MediaView, ...]:
        """Views of an item's files, in their order; the same tuple as long as nothing changes."""
        return self._row(*[self.view(found[one], signed=signed) for one in ids if one in found])

    def view(self, medium: Medium, *, signed: bool = False) -> MediaView:
        """A file as the current viewer is shown it."""
        own = medium.owner_id == current_call().actor
        until = self._until() if signed else 0
        made: MediaView = self._view(self._same(medium.id, medium), _FLAGS[own], _whole(until))
        return made

    def examined(self, medium: Medium) -> MediaView:
        """A file as a moderator is shown it who has to judge it: all of it, for a while."""
        return self._made(medium, True, self._until())

    def _until(self) -> int:
        """Until when signatures hold, in seconds; for some time the same, so that addresses can be kept."""
        return (self._edge.clock.now() // WINDOW + 2) * WINDOW // SECOND

    def page(self, media: Sequence[Medium], following: str) -> MediaPageView:
        """A page of files that the viewer may see."""
        items = tuple([self.view(medium, signed=_is_private(medium)) for medium in media])
        return MediaPageView(items=items, next=following or None)

    def _made(self, medium: Medium, own: bool, until: int) -> MediaView:
        shown = medium.review == "approved" or own
        query = f"?until={until}&key={self.signer.sign(medium.id, until)}" if until else ""
        variants = {
            variant.name: VariantView(
                url=f"/media/{medium.id}/{variant.file}{query}",
                type=variant.type,
                width=variant.width,
                height=variant.height,
                bytes=variant.bytes,
            )
            for variant in medium.variants
            if shown and (own or variant.name != "original")
        }
        first = "mp4" if medium.kind in ("video", "gif") and "mp4" in variants else "large"
        return MediaView(
            id=str(medium.id),
            kind=medium.kind,
            url=variants[first].url if first in variants else "",
            variants=variants,
            width=medium.width,
            height=medium.height,
            placeholder=medium.placeholder if shown else "",
            colour=medium.colour if shown else "",
            alt=medium.alt,
            state=medium.state,
            review=medium.review,
            progress=medium.progress,
            milliseconds=medium.milliseconds,
            focus=FocusView(x=medium.focus_x / 100, y=medium.focus_y / 100),
            created_at=rfc3339(medium.created_at),
            user_id=str(medium.owner_id),
            item=None if medium.item is None else f"/{medium.item.kind}s/{medium.item.id}",
        )


_FLAGS: Final = (False, True)
_WHOLES: Final[dict[int, int]] = {0: 0}


def _whole(number: int) -> int:
    """The same object for the same number, as `Derived` wants it."""
    if number not in _WHOLES and len(_WHOLES) > 100:
        _WHOLES.clear()
    return _WHOLES.setdefault(number, number)


def _together(*views: MediaView) -> tuple[MediaView, ...]:
    return views


def _is_private(medium: Medium) -> bool:
    return medium.item is None
