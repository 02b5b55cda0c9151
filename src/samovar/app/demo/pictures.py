"""Pictures for the sample community, drawn by rule: run by itself, with a folder and names of motives."""

import math
import random
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 960, 640
Colour = tuple[int, int, int]


def _between(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _ground(top: Colour, bottom: Colour) -> Image.Image:
    """A sky, from one colour to another."""
    column = Image.new("RGB", (1, HEIGHT))
    for y in range(HEIGHT):
        column.putpixel((0, y), _between(top, bottom, y / HEIGHT))
    return column.resize((WIDTH, HEIGHT))


def cup(dice: random.Random) -> Image.Image:
    """A cup on a table."""
    image = _ground((236, 214, 186), (206, 164, 122))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 430, WIDTH, HEIGHT), fill=(126, 80, 52))
    for y in range(440, HEIGHT, 34):
        pen.line((0, y, WIDTH, y + dice.randrange(-6, 7)), fill=(108, 66, 42), width=3)
    pen.ellipse((300, 430, 700, 520), fill=(240, 232, 220))
    pen.ellipse((590, 280, 720, 410), outline=(244, 238, 230), width=22)
    pen.rounded_rectangle((350, 230, 640, 470), 90, fill=(248, 243, 236))
    pen.rectangle((350, 230, 640, 330), fill=(248, 243, 236))
    pen.ellipse((350, 200, 640, 262), fill=(232, 222, 208))
    pen.ellipse((366, 208, 624, 254), fill=dice.choice(((150, 70, 30), (176, 96, 34), (120, 52, 28))))
    steam = Image.new("L", image.size)
    smoke = ImageDraw.Draw(steam)
    for x in (430, 500, 570):
        points = [(x + 18 * math.sin(y / 26 + x), y) for y in range(60, 205, 6)]
        smoke.line(points, fill=190, width=16, joint="curve")
    image.paste((255, 250, 244), mask=steam.filter(ImageFilter.GaussianBlur(11)))
    return image


def hills(dice: random.Random) -> Image.Image:
    """Hills behind hills."""
    image = _ground((250, 224, 196), (196, 214, 226))
    pen = ImageDraw.Draw(image)
    for ridge in range(6):
        colour = _between((168, 190, 206), (44, 66, 84), ridge / 5)
        turn, height = dice.random() * 6, 230 + ridge * 66
        line = [
            (x, height + 34 * math.sin(x / (150 - ridge * 12) + turn) + 14 * math.sin(x / 47 + turn * 2))
            for x in range(0, WIDTH + 20, 20)
        ]
        pen.polygon([*line, (WIDTH, HEIGHT), (0, HEIGHT)], fill=colour)
    return image


def jam(dice: random.Random) -> Image.Image:
    """Jars on a shelf."""
    image = _ground((232, 222, 206), (214, 198, 176))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 500, WIDTH, 540), fill=(134, 92, 60))
    fruits = [(150, 30, 44), (214, 120, 30), (84, 32, 74), (120, 20, 30), (190, 150, 40)]
    dice.shuffle(fruits)
    for place, colour in enumerate(fruits[:3]):
        x = 150 + place * 240
        pen.rounded_rectangle((x, 260, x + 180, 500), 26, fill=_between(colour, (255, 255, 255), 0.12))
        pen.rounded_rectangle((x + 10, 300, x + 170, 492), 18, fill=colour)
        for _ in range(18):
            a, b = x + dice.randrange(20, 140), dice.randrange(310, 465)
            pen.ellipse((a, b, a + 24, b + 22), fill=_between(colour, (0, 0, 0), 0.22))
        pen.rectangle((x + 6, 236, x + 174, 270), fill=(222, 208, 180))
        pen.rectangle((x + 40, 360, x + 140, 430), fill=(246, 240, 228))
    return image


def evening(dice: random.Random) -> Image.Image:
    """The sun over water."""
    image = _ground((70, 58, 104), (244, 150, 96))
    pen = ImageDraw.Draw(image)
    x = dice.randrange(300, 660)
    pen.ellipse((x - 90, 250, x + 90, 430), fill=(232, 84, 52))
    pen.rectangle((0, 380, WIDTH, HEIGHT), fill=(74, 62, 96))
    for y in range(390, HEIGHT, 12):
        reach = 130 - (y - 390) * 0.2 + dice.randrange(-30, 31)
        pen.line(
            (x - reach, y, x + reach, y),
            fill=_between((236, 110, 70), (74, 62, 96), (y - 390) / 300),
            width=4,
        )
    return image


def bread(dice: random.Random) -> Image.Image:
    """A loaf."""
    image = _ground((226, 216, 204), (184, 160, 134))
    pen = ImageDraw.Draw(image)
    pen.ellipse((230, 110, 730, 560), fill=(116, 66, 30))
    for step in range(26):
        share = step / 26
        pen.ellipse(
            (240 + 90 * share, 116 + 70 * share, 720 - 90 * share, 548 - 120 * share),
            fill=_between((150, 88, 40), (206, 150, 84), share),
        )
    for line in ((380, 220, 590, 430), (590, 220, 380, 430)):
        pen.line(line, fill=(238, 212, 164), width=20)
    for _ in range(260):
        a, b = dice.gauss(480, 110), dice.gauss(320, 90)
        pen.ellipse((a, b, a + 4, b + 4), fill=(246, 236, 216))
    return image


def rain(dice: random.Random) -> Image.Image:
    """A wet window."""
    image = _ground((30, 38, 54), (52, 56, 70))
    pen = ImageDraw.Draw(image)
    for _ in range(14):
        a, b, r = dice.randrange(WIDTH), dice.randrange(HEIGHT), dice.randrange(20, 70)
        pen.ellipse((a, b, a + r, b + r), fill=dice.choice(((250, 190, 96), (240, 130, 90), (190, 210, 230))))
    image = image.filter(ImageFilter.GaussianBlur(16))
    pen = ImageDraw.Draw(image)
    for _ in range(240):
        a, b, r = dice.randrange(WIDTH), dice.randrange(HEIGHT), dice.randrange(3, 10)
        pen.ellipse((a, b, a + r, b + r * 1.5), fill=(150, 164, 182))
    return image


MOTIVES: dict[str, Callable[[random.Random], Image.Image]] = {
    "cup": cup, "hills": hills, "jam": jam, "evening": evening, "bread": bread, "rain": rain,
}  # fmt: skip


def main(folder: Path, names: list[str]) -> None:
    """Draw them into a folder as 0.jpg, 1.jpg and so on; the same every time."""
    for place, name in enumerate(names):
        MOTIVES[name](random.Random(place)).save(folder / f"{place}.jpg", quality=88)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
