"""A file and its forms as values; rules of names, alt texts and lists. Pure."""

import unicodedata
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from samovar.kernel.ids import MAX_ID

PURPOSES: Final = ("", "avatar", "header")
ALT_LIMIT: Final = 1500
#: Most files of one item.
PER_ITEM: Final = 20
#: States of a file.
UPLOADING: Final = "uploading"
PROCESSING: Final = "processing"
READY: Final = "ready"
FAILED: Final = "failed"
REMOVED: Final = "removed"
#: Where a face and a header stand: kinds of items that only this service knows.
FACES: Final = frozenset(("avatar", "header"))
#: All names that a file's blobs may have, below its folder.
FILES: Final = (
    "original", "large.webp", "medium.webp", "small.webp", "tiny.webp", "film.mp4", "film.webm",
)  # fmt: skip


class Item(NamedTuple):
    """Where a file stands."""

    kind: str
    id: int


class Form(NamedTuple):
    """One form of a file."""

    name: str
    file: str
    type: str
    width: int
    height: int
    bytes: int


class Medium(NamedTuple):
    """A file as stored; the fields are columns, in their order."""

    id: int
    owner_id: int
    kind: str
    state: str
    review: str
    purpose: str
    #: Media type of what was sent.
    type: str
    alt: str
    width: int
    height: int
    milliseconds: int
    placeholder: str
    colour: str
    #: Rows of `Form`.
    variants: Sequence[Sequence[Any]]
    focus_x: int
    focus_y: int
    item_kind: str
    item_id: int
    claim: str
    claimed_at: int
    sha256: str
    look: str
    #: Of all forms together; while uploading, as many as were announced.
    bytes: int
    created_at: int
    version: int

    @property
    def forms(self) -> tuple[Form, ...]:
        """Its forms, the original last."""
        return tuple(Form(*row) for row in self.variants)

    @property
    def item(self) -> Item | None:
        """Where it stands, or None."""
        return Item(self.item_kind, self.item_id) if self.item_id else None


def folder(medium_id: int) -> str:
    """Where the blobs of a file are."""
    return f"media/{medium_id}"


def key_of(medium_id: int, file: str) -> str:
    return f"{folder(medium_id)}/{file}"


def alt_text(text: str) -> str | None:
    """A description fit to store, or None when it is too long."""
    if len(text) > ALT_LIMIT * 4:
        return None
    kept = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs", "Co"))
    kept = unicodedata.normalize("NFC", kept).strip()
    return kept if len(kept) <= ALT_LIMIT else None


def distance(one: str, other: str) -> int:
    """In how many bits two looks differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def telling(look: str) -> bool:
    """Whether a look says anything: that of an even picture is the same for all of them."""
    return bool(look) and 8 <= int(look, 16).bit_count() <= 56


def is_id(value: int) -> bool:
    return 0 < value <= MAX_ID
