"""Pictures: opened, turned upright, made small in several sizes, stripped of all but pixels and profile."""

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import blurhash
from PIL import Image, ImageOps, features

from samovar.services.media.workshop.sniff import Refused

#: Longest side of each form, from the largest: each is made from the one before.
SIZES: Final = (("large", 1280), ("medium", 640), ("small", 160), ("tiny", 20))
#: Sides of the square forms of a face.
SQUARES: Final = (("large", 400), ("small", 160), ("tiny", 20))
QUALITY: Final = 80
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
#: A colour profile larger than that is none.
_PROFILE: Final = 1 << 20
_ON_EARTH: Final = (255, 255, 255)


def opened(path: Path, kind: str, pixels: int) -> Image.Image:
    """The picture, its pixels still unread. Raises Refused."""
    Image.MAX_IMAGE_PIXELS = None  # the next lines are stricter
    try:
        image = Image.open(path, formats=(kind.upper(),))
    except Exception as error:
        raise Refused("damaged") from error
    width, height = image.size
    if width * height > pixels or max(width, height) > 30_000:
        raise Refused("too_big")
    return image


def forms(image: Image.Image, out: Path, purpose: str) -> dict[str, Any]:
    """Write all sizes; answers what is known of the picture. Raises Refused."""
    turn = image.getexif().get(_ORIENTATION, 1)
    size = image.size if turn < 5 else image.size[::-1]
    sizes = SQUARES if purpose == "avatar" else SIZES
    longest = sizes[0][1]
    profile = image.info.get("icc_profile")
    if image.format == "JPEG":
        image.draft("RGB", (longest, longest))
    try:
        image.load()
    except MemoryError:
        raise
    except Exception as error:
        raise Refused("damaged") from error
    shown = _plain(image)
    if purpose == "avatar":
        side = min(shown.size)
        shown = ImageOps.fit(shown, (min(side, longest),) * 2, Image.Resampling.LANCZOS)
    else:
        shown.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if turn in _TURNS:
        shown = shown.transpose(_TURNS[turn])
    options: dict[str, Any] = {"quality": QUALITY, "method": 4, "exif": b"", "xmp": b""}
    if profile and len(profile) <= _PROFILE:
        options["icc_profile"] = profile
    made = []
    for name, side in sizes:
        if max(shown.size) > side:
            shown = shown.copy()
            shown.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
        if name == "tiny":
            options.pop("icc_profile", None)
        made.append(_save(shown, out, name, options))
        if name == "small":
            small = shown
    about = {"width": size[0], "height": size[1], "variants": made, **_looks(small)}
    if purpose == "avatar":
        about["width"] = about["height"] = made[0]["width"]
    return about


def _plain(image: Image.Image) -> Image.Image:
    """In a mode that WebP takes; transparency stays."""
    if image.mode in ("RGB", "RGBA"):
        return image
    clear = image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info
    return image.convert("RGBA" if clear else "RGB")


def _save(image: Image.Image, out: Path, name: str, options: dict[str, Any]) -> dict[str, Any]:
    path = out / f"{name}.webp"
    image.save(path, "WEBP", **options)
    return {
        "name": name, "file": path.name, "type": "image/webp", "width": image.width, "height": image.height,
        "bytes": path.stat().st_size,
    }  # fmt: skip


def _looks(image: Image.Image) -> dict[str, str]:
    """A blurred hint, the average colour, and a hash that survives resizing (dHash)."""
    flat = on_white(image)
    little = flat.resize((32, max(1, min(32, round(32 * flat.height / flat.width)))))
    red, green, blue = flat.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    grey = flat.convert("L").resize((9, 8), Image.Resampling.BOX)
    rows = [grey.crop((0, y, 9, y + 1)).tobytes() for y in range(8)]
    bits = "".join("1" if left > right else "0" for row in rows for left, right in pairwise(row))
    return {
        "placeholder": blurhash.encode(little, 4, 3),
        "colour": f"#{red:02x}{green:02x}{blue:02x}",
        "look": f"{int(bits, 2):016x}",
    }


def on_white(image: Image.Image) -> Image.Image:
    """Without transparency."""
    if image.mode == "RGB":
        return image
    rgba = image.convert("RGBA")
    ground = Image.new("RGB", rgba.size, _ON_EARTH)
    ground.paste(rgba, mask=rgba.getchannel("A"))
    return ground


def frames_of(image: Image.Image) -> int:
    """How many frames it has; 1 for a picture that stands still."""
    try:
        return int(getattr(image, "n_frames", 1))
    except MemoryError:
        raise
    except Exception as error:
        raise Refused("damaged") from error


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def ready() -> bool:
    """Whether this Pillow can write WebP."""
    return bool(features.check("webp"))
