"""Pictures, films and animations: upload, forms for every screen, who may see them, review.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from samovar.contracts.common import Done, ItemRef
from samovar.kernel.contract import Contract, Event, Message, Method, register_event
from samovar.kernel.errors import Conflict, Forbidden, Invalid, TooLarge


class BeginRequest(Message, frozen=True, kw_only=True):
    """What Media.begin takes."""

    #: What is known of the size beforehand, in bytes; 0 when nothing.
    bytes: int = 0
    alt: str = ""
    #: "post" or empty; "avatar" is cut to a square, "header" is for the top of a profile.
    purpose: str = ""


class Ticket(Message, frozen=True, kw_only=True):
    """Ticket."""

    id: int = 0
    #: Key of the blob to write.
    key: str = ""
    #: More bytes than these are not taken.
    most: int = 0
    #: This file is here already: the request is a repetition.
    done: bool = False


class FinishRequest(Message, frozen=True, kw_only=True):
    """What Media.finish takes."""

    id: int = 0
    bytes: int = 0
    #: Of what was received, in lower-case hex.
    sha256: str = ""


class MediumRequest(Message, frozen=True, kw_only=True):
    """What Media.abandon takes."""

    id: int = 0


class GetManyRequest(Message, frozen=True, kw_only=True):
    """What Media.get_many takes."""

    ids: tuple[int, ...] = ()


class Variant(Message, frozen=True, kw_only=True):
    """Variant."""

    #: "original", "large", "medium", "small", "tiny", "mp4", "webm".
    name: str = ""
    #: Last part of its address.
    file: str = ""
    type: str = ""
    width: int = 0
    height: int = 0
    bytes: int = 0


class Medium(Message, frozen=True, kw_only=True):
    """Medium."""

    id: int = 0
    owner_id: int = 0
    #: "image", "gif" or "video".
    kind: str = ""
    #: "uploading", "processing", "ready" or "failed".
    state: str = ""
    #: "pending", "approved" or "rejected".
    review: str = ""
    purpose: str = ""
    alt: str = ""
    width: int = 0
    height: int = 0
    #: Length of what moves.
    milliseconds: int = 0
    #: BlurHash.
    placeholder: str = ""
    #: Average, such as "#a0b1c2".
    colour: str = ""
    variants: tuple[Variant, ...] = ()
    #: Where to look first, from -100 (left, top) to 100.
    focus_x: int = 0
    focus_y: int = 0
    #: Percent done, while processing.
    progress: int = 0
    #: Where it stands; unset when nowhere.
    item: ItemRef | None = None
    created_at: int = 0
    bytes: int = 0
    sha256: str = ""
    #: Grows with each change.
    version: int = 0


class MediumList(Message, frozen=True, kw_only=True):
    """Medium list."""

    items: tuple[Medium, ...] = ()


class MediumPage(Message, frozen=True, kw_only=True):
    """Medium page."""

    items: tuple[Medium, ...] = ()
    next: str = ""


class OpenRequest(Message, frozen=True, kw_only=True):
    """What Media.open takes."""

    id: int = 0
    file: str = ""
    #: The address was signed for its reader.
    signed: bool = False


class Opened(Message, frozen=True, kw_only=True):
    """Opened."""

    key: str = ""
    type: str = ""
    bytes: int = 0
    #: Everybody may have it.
    public: bool = False


class OfUserRequest(Message, frozen=True, kw_only=True):
    """What Media.of_user takes."""

    user_id: int = 0
    cursor: str = ""
    limit: int = 0


class GalleryRequest(Message, frozen=True, kw_only=True):
    """What Media.gallery takes."""

    cursor: str = ""
    limit: int = 0


class UsageRequest(Message, frozen=True, kw_only=True):
    """What Media.usage takes."""


class UsageReport(Message, frozen=True, kw_only=True):
    """Usage report."""

    files: int = 0
    bytes: int = 0
    most_files: int = 0
    most_bytes: int = 0


class UpdateRequest(Message, frozen=True, kw_only=True):
    """What Media.update takes."""

    id: int = 0
    alt: str | None = None
    focus_x: int | None = None
    focus_y: int | None = None


class ClaimRequest(Message, frozen=True, kw_only=True):
    """What Media.claim takes."""

    ids: tuple[int, ...] = ()
    #: Names the request that takes them.
    claim: str = ""
    #: Where they may stand already.
    item: ItemRef | None = None


class AttachRequest(Message, frozen=True, kw_only=True):
    """What Media.attach takes."""

    item: ItemRef = ItemRef()
    owner_id: int = 0
    ids: tuple[int, ...] = ()


class ReviewRequest(Message, frozen=True, kw_only=True):
    """What Media.review takes."""

    id: int = 0
    review: str = ""


class QueueRequest(Message, frozen=True, kw_only=True):
    """What Media.queue takes."""

    cursor: str = ""
    limit: int = 0


class BanHashRequest(Message, frozen=True, kw_only=True):
    """What Media.ban_hash takes."""

    #: A file whose bytes and looks are meant, or 0.
    id: int = 0
    #: Else the SHA-256 of the bytes, in lower-case hex.
    sha256: str = ""
    reason: str = ""


@register_event
class MediaUploaded(Event, frozen=True, kw_only=True):
    """A file was taken and its forms are there."""

    TYPE: ClassVar[str] = "samovar.media.v1.MediaUploaded"
    KEY: ClassVar[str] = "media_id"

    media_id: int = 0
    owner_id: int = 0
    kind: str = ""
    review: str = ""
    created_at: int = 0


@register_event
class MediaDeleted(Event, frozen=True, kw_only=True):
    """It is gone with all its bytes."""

    TYPE: ClassVar[str] = "samovar.media.v1.MediaDeleted"
    KEY: ClassVar[str] = "media_id"

    media_id: int = 0
    owner_id: int = 0


class UnknownType(Invalid):
    """This is not a picture or film that we can show: JPEG, PNG, WebP, GIF, AVIF, MP4, MOV and WebM are."""

    code = "media.unknown_type"
    default_message = (
        "This is not a picture or film that we can show: JPEG, PNG, WebP, GIF, AVIF, MP4, MOV and WebM are."
    )


class Damaged(Invalid):
    """This file is damaged or not whole."""

    code = "media.damaged"
    default_message = "This file is damaged or not whole."


class Disguised(Invalid):
    """Something else is hidden in this file, so it was not taken."""

    code = "media.disguised"
    default_message = "Something else is hidden in this file, so it was not taken."


class TooBig(TooLarge):
    """This picture or film is too large, too long or has too many frames."""

    code = "media.too_big"
    default_message = "This picture or film is too large, too long or has too many frames."


class TooHard(TooLarge):
    """This file takes too much to open."""

    code = "media.too_hard"
    default_message = "This file takes too much to open."


class Banned(Forbidden):
    """This picture is not welcome here."""

    code = "media.banned"
    default_message = "This picture is not welcome here."


class QuotaFull(Forbidden):
    """There is no room left for your files. Delete some first."""

    code = "media.quota"
    default_message = "There is no room left for your files. Delete some first."


class InUse(Conflict):
    """This file stands somewhere already."""

    code = "media.in_use"
    default_message = "This file stands somewhere already."


class MediaApi(Protocol):
    """Media."""

    async def begin(self, *, bytes: int, alt: str, purpose: str) -> Ticket:
        """Ask for room for a file. Honours the idempotency key: the same key gives the same ticket."""
        ...

    async def finish(self, *, id: int, bytes: int, sha256: str) -> Medium:
        """The bytes are in the blobs: look at them, make the forms. What is refused leaves nothing behind."""
        ...

    async def abandon(self, *, id: int) -> Done:
        """The bytes will not come: forget the ticket."""
        ...

    async def get_many(self, *, ids: Sequence[int] = ()) -> MediumList:
        """Those among the ids that are there, in the order asked. At most 400. Does not check who may see
        them.
        """
        ...

    async def get(self, *, id: int) -> Medium:
        """One that the caller may see."""
        ...

    async def open(self, *, id: int, file: str, signed: bool) -> Opened:
        """Where the bytes of one form are, when the caller may have them."""
        ...

    async def of_user(self, *, user_id: int, cursor: str, limit: int) -> MediumPage:
        """A person's files that the caller may see, newest first."""
        ...

    async def gallery(self, *, cursor: str, limit: int) -> MediumPage:
        """What everybody may see, newest first."""
        ...

    async def usage(self) -> UsageReport:
        """How much the caller has here, and how much they may have."""
        ...

    async def update(
        self, *, id: int, alt: str | None = None, focus_x: int | None = None, focus_y: int | None = None
    ) -> Medium:
        """Change one's own; absent fields stay."""
        ...

    async def delete(self, *, id: int) -> Done:
        """Remove one's own with all its bytes (moderators: any)."""
        ...

    async def claim(self, *, ids: Sequence[int] = (), claim: str, item: ItemRef | None = None) -> MediumList:
        """For kinds of content: take the caller's own, unused files for an item about to be made. The same
        claim may
        be made again. NotFound for files that are not the caller's, InUse for those that stand
        elsewhere.
        """
        ...

    async def attach(self, *, item: ItemRef, owner_id: int, ids: Sequence[int] = ()) -> Done:
        """The item is there: these stand in it. What stands in it no more goes by the item's events."""
        ...

    async def review(self, *, id: int, review: str) -> Medium:
        """A moderator's judgement: "approved" or "rejected"."""
        ...

    async def queue(self, *, cursor: str, limit: int) -> MediumPage:
        """What waits for judgement, oldest first."""
        ...

    async def ban_hash(self, *, id: int, sha256: str, reason: str) -> Done:
        """Nothing with these bytes, nor anything that looks like it, is taken from now on."""
        ...

    async def unban_hash(self, *, id: int, sha256: str, reason: str) -> Done:
        """UnbanHash."""
        ...


MEDIA: Contract[MediaApi] = Contract(
    "samovar.media.v1.Media",
    methods=(
        Method("begin", BeginRequest, Ticket),
        Method("finish", FinishRequest, Medium, idempotent=True),
        Method("abandon", MediumRequest, Done, idempotent=True),
        Method("get_many", GetManyRequest, MediumList, idempotent=True),
        Method("get", MediumRequest, Medium, idempotent=True),
        Method("open", OpenRequest, Opened, idempotent=True),
        Method("of_user", OfUserRequest, MediumPage, idempotent=True),
        Method("gallery", GalleryRequest, MediumPage, idempotent=True),
        Method("usage", UsageRequest, UsageReport, idempotent=True),
        Method("update", UpdateRequest, Medium, idempotent=True),
        Method("delete", MediumRequest, Done, idempotent=True),
        Method("claim", ClaimRequest, MediumList, idempotent=True),
        Method("attach", AttachRequest, Done, idempotent=True),
        Method("review", ReviewRequest, Medium, idempotent=True),
        Method("queue", QueueRequest, MediumPage, idempotent=True),
        Method("ban_hash", BanHashRequest, Done, idempotent=True),
        Method("unban_hash", BanHashRequest, Done, idempotent=True),
    ),
    errors=(
        UnknownType,
        Damaged,
        Disguised,
        TooBig,
        TooHard,
        Banned,
        QuotaFull,
        InUse,
    ),
)
