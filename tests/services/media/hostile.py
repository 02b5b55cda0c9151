"""Files that mean harm, made here: bombs, masks, fragments, things of the wrong kind."""

import gzip
import io
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

from tests.services.media.pictures import drawn, film, jpeg, moving, packed

PAGE = b"<!doctype html><html><body><script>alert(1)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
XXE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg"><text>&e;</text></svg>'
)
PLAYLIST = b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile /etc/passwd\n"

Hostile = tuple[str, bytes, str]


def zipped(names: tuple[str, ...] = ("a.txt",), body: bytes = b"tea") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, body)
    return target.getvalue()


def tarred() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        link = tarfile.TarInfo("passwd")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return target.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, data: bytes, *more: bytes, bits: int = 8, colour: int = 2) -> bytes:
    """A PNG with whatever measures and data."""
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", head), *more, chunk(b"IDAT", data), chunk(b"IEND", b""))
    )


def zeros(length: int) -> bytes:
    """That many zeros, compressed without compressing most of them: a block that refers to nothing before it
    stands there as often as needed (RFC 1950, RFC 1951)."""
    squeeze = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = squeeze.compress(bytes(1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    rest = squeeze.compress(bytes(length & 0xFFFFF)) + squeeze.flush()
    checksum = (length % 65_521) << 16 | 1
    return b"\x78\xda" + block * (length >> 20) + rest + struct.pack(">I", checksum)


def with_measures(data: bytes, width: int, height: int) -> bytes:
    """A JPEG that says it is of another size."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def gif_of(frames: int, width: int, height: int) -> bytes:
    """A GIF of many frames, each a few bytes long."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = (
        b"\x21\xf9\x04\0\x01\0\0\0" + b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0)
        + b"\x02\x02\x44\x01\x00"
    )  # fmt: skip
    return head + frame * frames + b"\x3b"


def jpeg_segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def corpus() -> Iterator[Hostile]:
    """Name, bytes and the code of the refusal that is due; "any" where several are right, "taken" where what
    is odd about a file does no harm."""
    yield from wrong_kinds()
    yield from masks()
    yield from fragments()
    yield from bombs()
    yield from spoilt()


def wrong_kinds() -> Iterator[Hostile]:
    kinds = {
        "page.html": PAGE,
        "drawing.svg": SVG,
        "xxe.svg": XXE,
        "bom.svg": b"\xef\xbb\xbf" + SVG,
        "drawing.svgz": gzip.compress(SVG),
        "archive.zip": zipped(),
        "slip.zip": zipped(("../../etc/cron.d/x",)),
        "archive.tar": tarred(),
        "archive.tar.gz": gzip.compress(tarred()),
        "notes.txt": b"tea at five",
        "script.php": b"<?php system($_GET['c']); ?>",
        "script.sh": b"#!/bin/sh\nrm -rf /\n",
        "program.exe": b"MZ" + bytes(200),
        "program.elf": b"\x7fELF" + bytes(200),
        "paper.pdf": b"%PDF-1.7\n%x\n",
        "paper.ps": b"%!PS-Adobe-3.0\n/show exec",
        "drawing.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n",
        "list.m3u8": PLAYLIST,
        "list.ffconcat": CONCAT,
        "song.mp3": b"ID3\x04" + bytes(300),
        "song.wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(40),
        "song.ogg": b"OggS" + bytes(300),
        "picture.bmp": packed(drawn(), "BMP"),
        "picture.tiff": packed(drawn(), "TIFF"),
        "picture.ico": packed(drawn(64, 64), "ICO"),
        "picture.ppm": packed(drawn(), "PPM"),
        "picture.tga": packed(drawn(), "TGA"),
        "picture.psd": b"8BPS\0\x01" + bytes(200),
        "picture.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200),
        "picture.jp2": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(200),
        "film.avi": b"RIFF\x24\0\0\0AVI LIST" + bytes(40),
        "film.mkv": b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska" + bytes(200),
        "film.flv": b"FLV\x01\x05" + bytes(200),
        "film.ts": (b"G@\0\x10" + bytes(184)) * 5,
        "nothing": b"",
        "one byte": b"\xff",
        "zeros": bytes(5000),
        "noise": random.Random(1).randbytes(5000),
        "sqlite.db": b"SQLite format 3\0" + bytes(200),
        "font.woff2": b"wOF2" + bytes(200),
        "module.wasm": b"\0asm\x01\0\0\0",
        "note.json": b'{"a": 1}',
        "style.css": b"body { background: url(javascript:alert(1)) }",
        "mail.eml": b"From: a@example.org\r\n\r\nx",
        "seven.7z": b"7z\xbc\xaf\x27\x1c" + bytes(100),
        "rar.rar": b"Rar!\x1a\x07\0" + bytes(100),
    }
    for name, data in kinds.items():
        yield name, data, "invalid" if not data else "media.unknown_type"


def masks() -> Iterator[Hostile]:
    """Two things in one file."""
    good = {
        "jpeg": jpeg(), "png": packed(drawn(), "PNG"), "webp": packed(drawn(), "WEBP"),
        "gif": packed(drawn().convert("P"), "GIF"), "moving gif": moving(),
    }  # fmt: skip
    tails = {
        "page": PAGE,
        "svg": SVG,
        "zip": zipped(),
        "php": b"<?php x(); ?>",
        "pdf": b"%PDF-1.7\n",
        "exe": b"MZ\x90",
    }
    for kind, data in good.items():
        for name, tail in tails.items():
            yield f"{kind} and {name} behind it", data + tail, "media.disguised"
    yield "comment with a page", jpeg(comment=PAGE), "media.disguised"
    script = jpeg_segment(0xFE, b"*/=alert(1)/*<script>x</script>")
    yield "jpeg that is a script", jpeg()[:2] + script + jpeg()[2:], "media.disguised"
    text = chunk(b"tEXt", b"Comment\0" + PAGE)
    whole = packed(drawn(), "PNG")
    yield "png with a page in its text", whole[:33] + text + whole[33:], "media.disguised"
    own = chunk(b"zzZz", zipped())
    yield "png with an archive in a chunk of its own", whole[:33] + own + whole[33:], "any"
    yield "gif that is a script", b"GIF89a" + b"/*" + bytes(7) + b"*/=1;alert(1)//", "any"
    yield (
        "jpeg with php in its exif",
        jpeg(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0<?php x(); ?>"),
        "media.disguised",
    )
    yield "film and page behind it", film() + PAGE, "any"
    yield "film and archive behind it", film() + zipped(), "any"
    page_box = struct.pack(">I", 8 + len(PAGE)) + b"free" + PAGE
    yield "film with a page in a free box", film() + page_box, "media.disguised"
    yield "webm and archive behind it", film("webm", "libvpx-vp9") + zipped(), "any"


def fragments() -> Iterator[Hostile]:
    """Files that end too early."""
    whole = {
        "jpeg": jpeg(), "progressive": jpeg(progressive=True), "png": packed(drawn(), "PNG"),
        "webp": packed(drawn(), "WEBP"), "gif": moving(), "moving webp": moving("WEBP"),
        "avif": packed(drawn(), "AVIF"), "mp4": film(), "webm": film("webm", "libvpx-vp9"),
    }  # fmt: skip
    for kind, data in whole.items():
        for part in (0.02, 0.3, 0.6, 0.95):
            if kind == "webm" and part > 0.5:
                continue  # FFmpeg plays what there is of these, and so do we
            yield f"{kind}, {part:.0%} of it", data[: int(len(data) * part)], "any"


def bombs() -> Iterator[Hostile]:
    """Small files that want to be large."""
    yield "png of 30000 x 30000", png(30_000, 30_000, zeros(1 << 20)), "media.too_big"
    yield "png of 60000 x 1000", png(60_000, 1000, zeros(1 << 20)), "media.too_big"
    yield "png of 2147483647 x 1", png(0x7FFFFFFF, 1, b""), "any"
    yield "png with more data than pixels", png(100, 100, zeros(300 << 20)), "taken"
    yield (
        "png with its text a bomb",
        png(10, 10, zeros(310), chunk(b"zTXt", b"a\0\0" + zeros(200 << 20))),
        "any",
    )
    yield (
        "png with its profile a bomb",
        png(10, 10, zeros(310), chunk(b"iCCP", b"a\0\0" + zeros(200 << 20))),
        "any",
    )
    yield "png with no pixels", png(0, 0, b""), "any"
    yield (
        "png, one bit, 200 megapixels",
        png(20_000, 10_000, zeros(25_010_000), bits=1, colour=0),
        "media.too_big",
    )
    yield "jpeg that says 65500 x 65500", with_measures(jpeg(), 65_500, 65_500), "media.too_big"
    yield "gif of 5000 frames", gif_of(5000, 10, 10), "media.too_big"
    yield "gif of 900 frames of 4000 x 4000", gif_of(900, 4000, 4000), "media.too_big"
    yield "gif of 65535 x 65535", gif_of(1, 65_535, 65_535), "media.too_big"
    yield "webp of 16383 x 16383", packed(drawn(16_383, 4000), "WEBP", quality=1, method=0), "media.too_big"
    yield "moving webp of too many frames", moving("WEBP", frames=1100, side=16), "media.too_big"
    yield "moving png of too many frames", moving("PNG", frames=1100, side=16), "media.too_big"


def spoilt() -> Iterator[Hostile]:
    """Good files with bytes changed where it hurts."""
    chance = random.Random(7)
    whole = packed(drawn(), "PNG")
    yield "png with a wrong checksum", whole[:60] + b"\xff\xff" + whole[62:], "any"
    yield "png whose chunk is longer than the file", whole[:33] + b"\x7f\xff\xff\xff" + whole[37:], "any"
    yield "jpeg whose segment is empty", jpeg()[:2] + b"\xff\xe1\0\0" + jpeg()[2:], "media.damaged"
    yield "jpeg without tables", jpeg()[:2] + b"\xff\xd9", "any"
    yield "gif without frames", b"GIF89a\x01\0\x01\0\0\0\0\x3b", "any"
    yield "gif with a strange block", moving()[:60] + b"\x99" + moving()[61:], "any"
    yield "webp longer than it is", b"RIFF\xff\xff\xff\x7fWEBPVP8 " + bytes(100), "any"
    yield (
        "mp4 whose box is longer than the file",
        b"\0\0\0\x18ftypisom\0\0\0\0isommp42\x7f\xff\xff\xffmoov",
        "any",
    )
    yield "mp4 of boxes in boxes", b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0\0\0\x08moov" * 3000, "any"
    yield "mp4 without pictures", b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\0\x08moov", "any"
    yield "avif of nothing", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(64), "any"
    for number in range(12):
        data = bytearray(packed(drawn(), "PNG") if number % 2 else film())
        for _ in range(40):
            data[chance.randrange(20, len(data))] = chance.randrange(256)
        yield f"spoilt {number}", bytes(data), "any"
