"""What a file is, by its bytes alone, and whether it is that and nothing else."""

import re
from typing import BinaryIO, Final

#: Formats by name, with the media type of each.
TYPES: Final = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
FILMS: Final = frozenset({"mp4", "webm"})
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
#: HEIC and the like are of the same family but can't be opened here.
_FILM_BRANDS: Final = re.compile(rb"isom|iso[2-9]|mp4[12v]|avc1|M4V |M4VP|qt  |3gp[4-9]|mmp4|MSNV|dash|f4v ")
#: Words of what must not hide in a picture: pages, scripts, documents, archives.
_WORDS: Final = (
    b"<script", b"<html", b"<!doctype", b"<svg ", b"<svg\n", b"<svg>", b"<?php", b"<iframe", b"%pdf-1",
    b"rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c",
)  # fmt: skip
_ZIP_END: Final = b"PK\x05\x06"
#: In entropy-coded data 0xFF stands before 0x00 or a restart marker, or the data is over.
_JPEG_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


class Refused(Exception):
    """The file is not taken; the argument is a word of `domain.REFUSALS`."""

    @property
    def code(self) -> str:
        """Why: "unknown_type", "damaged", "disguised", "too_big" or "too_hard"."""
        return str(self.args[0])


def format_of(head: bytes) -> str:
    """The format that the first bytes name. Raises Refused for one that is none of ours."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return _of_boxes(head)
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return "webm"
    raise Refused("unknown_type")


def _of_boxes(head: bytes) -> str:
    size = int.from_bytes(head[:4], "big")
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(size, len(head), 128), 4))]
    if _AVIF_BRANDS & set(brands):
        return "avif"
    if any(_FILM_BRANDS.fullmatch(brand) for brand in brands):
        return "mp4"
    raise Refused("unknown_type")


def picture_end(kind: str, data: bytes) -> int:
    """How many bytes of a picture are the picture. Raises Refused when it is not whole."""
    try:
        end = _ENDS[kind](data)
    except IndexError:
        raise Refused("damaged") from None
    if not 0 < end <= len(data):
        raise Refused("damaged")
    return end


def check_alone(kind: str, data: bytes) -> int:
    """The length of the picture in the file, which is to be cut there. Raises Refused when something else
    is in it or behind it. What telephones put behind a photo (a smaller one, a short film) is cut off."""
    end = picture_end(kind, data)
    rest = data[end:]
    if rest.strip(b"\0\r\n"):
        carried = kind == "jpeg" and (rest.lstrip(b"\0").startswith(b"\xff\xd8\xff") or b"ftyp" in rest[:64])
        if not carried:
            raise Refused("disguised")
    # The pixels of a JPEG can't be read as words: only what stands before them is looked through.
    first = data.find(b"\xff\xda") if kind == "jpeg" else end
    check_words(data[:first] if first > 0 else data[:end])
    if rest and zip_ends(data):
        raise Refused("disguised")
    check_zip(data[:end])
    return end


def check_words(data: bytes) -> None:
    """Raises Refused when a page, script, document or archive shows in these bytes."""
    lower = data.lower()
    if any(word in lower for word in _WORDS):
        raise Refused("disguised")


def check_zip(data: bytes) -> None:
    """Raises Refused when the end of these bytes is the end of a ZIP archive."""
    if zip_ends(data):
        raise Refused("disguised")


def zip_ends(data: bytes) -> bool:
    """Whether programs that look for a ZIP archive from the end find one."""
    tail = data[-(65_536 + 22) :]
    at = tail.rfind(_ZIP_END)
    while at >= 0:
        if len(tail) - at >= 22 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") <= len(tail):
            return True
        at = tail.rfind(_ZIP_END, 0, at)
    return False


def check_boxes(data_length: int, read: "ReadAt") -> None:
    """Walk the boxes of an MP4 file: they must fill it and hold a `moov`. Raises Refused."""
    at, seen, count = 0, set[bytes](), 0
    while at < data_length:
        head = read(at, 16)
        size, name = int.from_bytes(head[:4], "big"), head[4:8]
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        elif size == 0:
            size = data_length - at
        count += 1
        if size < 8 or at + size > data_length or count > 10_000:
            raise Refused("damaged")
        if not re.fullmatch(rb"[A-Za-z0-9 \xa9_-]{4}", name):
            raise Refused("disguised")
        seen.add(name)
        at += size
    if b"moov" not in seen:
        raise Refused("damaged")


def _jpeg_end(data: bytes) -> int:
    at = 2
    while True:
        while data[at] != 0xFF or data[at + 1] == 0xFF:
            if data[at] != 0xFF:
                raise Refused("damaged")
            at += 1
        marker = data[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2:
            raise Refused("damaged")
        at += 2 + length
        if marker == 0xDA:
            found = _JPEG_MARKER.search(data, at)
            if found is None:
                raise Refused("damaged")
            at = found.start()


def _png_end(data: bytes) -> int:
    at = 8
    while True:
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if len(name) < 4 or at + 12 + length > len(data):
            raise Refused("damaged")
        at += 12 + length
        if name == b"IEND":
            return at


def _gif_end(data: bytes) -> int:
    at = 13
    if data[10] & 0x80:
        at += 3 << ((data[10] & 7) + 1)
    while True:
        block = data[at]
        if block == 0x3B:
            return at + 1
        if block == 0x21:
            at += 2
        elif block == 0x2C:
            flags = data[at + 9]
            at += 10 + ((3 << ((flags & 7) + 1)) if flags & 0x80 else 0) + 1
        else:
            raise Refused("damaged")
        while size := data[at]:
            at += 1 + size
        at += 1


def _webp_end(data: bytes) -> int:
    size = int.from_bytes(data[4:8], "little")
    return 8 + size + (size & 1)


def webp_pixels(data: bytes) -> int:
    """How many pixels a WebP file says it has."""
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    return width * height


def _avif_end(data: bytes) -> int:
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size == 0:
            return len(data)
        if not data[at + 4 : at + 8].isalnum():
            return at
        if size < 8 or at + size > len(data):
            raise Refused("damaged")
        at += size
    return at


_ENDS: Final = {
    "jpeg": _jpeg_end,
    "png": _png_end,
    "gif": _gif_end,
    "webp": _webp_end,
    "avif": _avif_end,
}


class ReadAt:
    """Reads pieces of an open file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __call__(self, at: int, length: int) -> bytes:
        self._file.seek(at)
        return self._file.read(length)
