"""The picture drawn from a name: always the same, safe, legible."""

from xml.etree import ElementTree

import pytest

from samovar.edge.present.avatar import ORNAMENTS, PALETTES, avatar_svg, initials

SVG = "{http://www.w3.org/2000/svg}"
FAMILY = "👩\N{ZERO WIDTH JOINER}👩\N{ZERO WIDTH JOINER}👧"


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Анна Каренина", "АК"),
        ("anna", "A"),
        ("ёж", "Ё"),
        ("jean luc picard", "JP"),
        ("🐱 Kate Bush 🎵", "KB"),
        ("«Самовар» (клуб)", "СК"),
        ("🐱", "🐱"),
        (FAMILY, FAMILY),
        ("🇷🇺", "🇷🇺"),
        ("7 гномов", "7Г"),
        ("ß", "ß"),
        ("山田 太郎", "山"),
        ("محمد علي", "م"),
        ("", "·"),
        ("\u202e \u200b", "·"),
        ("<>&\"'", "·"),
    ],
)
def test_initials(name: str, drawn: str) -> None:
    assert initials(name) == drawn


def test_the_same_person_has_the_same_picture() -> None:
    assert avatar_svg(7, "Анна") == avatar_svg(7, "Анна")
    assert avatar_svg(7, "Анна") != avatar_svg(8, "Анна")


def test_a_new_name_keeps_colours_and_ornament() -> None:
    one, other = (avatar_svg(7, name).split("<text")[0] for name in ("Анна", "Борис"))
    assert one == other


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><image href=x onerror=alert(1)>',
        "&lt; & <b",
        "']]>--> <!--",
        "z" + "\u0301" * 100_000,
        "👍" + "🏽" * 5000,
        FAMILY * 1000,
        "\x00\x01\ud800 x",
        "𝓐𝓷𝓷𝓪 𝓚",
    ],
)
def test_no_name_breaks_the_drawing(name: str) -> None:
    drawing = avatar_svg(1, name)
    root = ElementTree.fromstring(drawing.encode())
    assert {item.tag.removeprefix(SVG) for item in root.iter()} <= {
        "svg", "defs", "linearGradient", "stop", "rect", "g", "circle", "path", "text",
    }  # fmt: skip
    attributes = {key for item in root.iter() for key in item.attrib}
    assert not {key for key in attributes if key.startswith("on") or "href" in key or key == "style"}
    assert len(root.findtext(f"{SVG}text") or "") <= 12
    assert len(drawing) < 8000


def test_its_size_is_asked_for() -> None:
    root = ElementTree.fromstring(avatar_svg(1, "Анна", 40))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("40", "40", "0 0 96 96")


def test_people_differ() -> None:
    grounds = {avatar_svg(number, "A").split("<text")[0].replace(f"g{number}", "") for number in range(300)}
    assert len(grounds) > 150
    assert len(PALETTES) >= 12 and len(ORNAMENTS) >= 8


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("palette", PALETTES)
def test_letters_stand_out(palette: tuple[str, ...]) -> None:
    top, bottom, light, _, ink = palette
    for ground in (top, bottom):
        assert (_light(ink) + 0.05) / (_light(ground) + 0.05) >= 4.0
    # Large letters need 3; the ornament is laid thinly over the ground.
    assert (_light(ink) + 0.05) / (0.7 * _light(top) + 0.3 * _light(light) + 0.05) >= 3.5
