"""Text comes back as text: cleaned, never markup, with links that don't lie."""

import random
from html.parser import HTMLParser

import pytest

from samovar.contracts.common import Scope
from samovar.kernel.errors import Invalid
from tests.services.posts.helpers import write
from tests.world import World

pytestmark = pytest.mark.settings(SAMOVAR_POSTS__CREATE_PER_MINUTE="0")

NASTY = [
    "<script>alert(1)</script>",
    "</p></div><img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "&lt;b&gt; &amp; &#60;script&#62; &#x3c;",
    "javascript:alert(1) data:text/html,<script>1</script> vbscript:x",
    'https://example.org/"onmouseover="alert(1)',
    "https://example.org/'onmouseover='alert(1)",
    "https://example.org/<script>alert(1)</script>",
    "https://example.org/`${alert(1)}`",
    "https://example.org/?a=1&b=<2>&quot;",
    "https://example.org\\@evil.example/",
    "https://bank.example@evil.example/login",
    "https://user:pass@evil.example",
    "https:///evil.example http:// https://. https://- http://?",
    "HTTPS://EXAMPLE.ORG/UP",
    "http://[::1]/ http://127.0.0.1:99999999/",
    "https://example.org:8080/a(b)[c]?x#y...",
    "@<script> #<script> @a\"b #a'b",
    "#tag\"onclick=alert(1) @anna'onclick=1",
    "##two @@two #1 #_ #a@b @a#b #https://x.org @https://x.org",
    "'; DROP TABLE posts_post; --",
    "{{ 7*7 }} {% raw %} ${7*7} #{7*7} %s %n",
    "[x](javascript:alert(1)) ![x](https://x.org/x.png) <https://x.org>",
    "a\n\n\n\n\n\nb\n \n\t\n\n\nc",
    "ltr \u202egpj.exe\u202c \u2066x\u2069 \u200f\u200e",
    "null\x00 bell\x07 escape\x1b[31m del\x7f c1\x9b high\ufffe bom\ufeff",
    "\r\nwindows\rmac\u2028line\u2029paragraph\x85next",
    "Z̷̡a̶l̴g̵o̸" + "\u0301" * 300,
    "مرحبا #سلام שלום #שלום",
    "#привет_мир #ёлка2 #日本語 #हिन्दी #é",
    "👨‍👩‍👧‍👦 🇷🇺 👍🏽 #️⃣",
]


#: What a post's HTML may hold: elements and their attributes.
ALLOWED: dict[str, set[str]] = {"p": set(), "br": set(), "a": {"href", "rel", "class"}}


class Reader(HTMLParser):
    """Reads HTML as a browser would; refuses what a post may never hold."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.links: list[tuple[str, str]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert tag in ALLOWED, tag
        assert set(found) <= ALLOWED[tag], found
        if tag == "p":
            self.text += "\n\n" if self.text else ""
        if tag == "br":
            self.text += "\n"
            return
        if tag == "a":
            href = found["href"] or ""
            assert href.startswith(("https://", "http://", "HTTPS://", "/@", "/tags/")), href
            assert found.get("rel") == "nofollow noopener ugc" or href.startswith("/"), found
            self.links.append((href, ""))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert self.open, data
        if self.open[-1] == "a":
            href, shown = self.links[-1]
            self.links[-1] = (href, shown + data)
            self.text += href if href.lower().startswith("http") else data
        else:
            self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def shape(text: str) -> str:
    """A text without regard to how many blank lines part its paragraphs."""
    return "\n\n".join(part for part in text.split("\n\n") if part).replace("\n\n\n", "\n\n")


@pytest.mark.parametrize("text", NASTY)
async def test_nasty_text_is_only_text(world: World, text: str) -> None:
    anna = await world.person("anna")
    post = await write(anna, text)
    assert shape(read(post.html).text) == shape(post.text)
    again = await anna.posts.edit(id=post.id, text=post.text)
    assert (again.text, again.version) == (post.text, 1)


async def test_mixtures_of_it_too(world: World) -> None:
    anna = await world.person("anna", drain=False)
    dice = random.Random(7)
    pieces = [
        *"<>&\"'`#@:/\\.()[]{} \n",
        "https://",
        "http://a.b",
        "anna",
        "я",
        "<a href=",
        "\u202e",
        "]]>",
        "<!--",
        "&#",
    ]
    for _ in range(300):
        text = "x" + "".join(dice.choices(pieces, k=dice.randint(1, 40)))
        post = await write(anna, text)
        assert shape(read(post.html).text) == shape(post.text)


async def test_what_is_dropped_and_what_stays(world: World) -> None:
    anna = await world.person("anna")
    stored = {
        " \n two\t tabs \r\n\r\n\r\n\r\n\r\n end  \n": "two  tabs\n\n\n end",
        "a\x00b\x1bc\u202ed\u2066e\ufefff": "abcdef",
        "e\u0301": "é",
        "👨‍👩‍👧 می\u200cخواهم": "👨‍👩‍👧 می\u200cخواهم",
    }
    for typed, kept in stored.items():
        assert (await write(anna, typed)).text == kept


async def test_links_are_short_and_honest(world: World) -> None:
    anna = await world.person("Anna")
    cases = {
        "See https://www.example.org/a/b?c=d.": [("https://www.example.org/a/b?c=d", "example.org/a/b?c=d")],
        "(https://en.wikipedia.org/wiki/Tea_(drink))": [
            ("https://en.wikipedia.org/wiki/Tea_(drink)", "en.wikipedia.org/wiki/Tea_(dri…")
        ],
        "https://пример.рф/чай, https://x.org!": [
            ("https://пример.рф/чай", "пример.рф/чай"), ("https://x.org", "x.org"),
        ],
        "https://bank.example@evil.example/": [],
        "https://x.org\\@evil.example": [("https://x.org", "x.org")],
        "xhttps://x.org ftp://x.org //x.org": [],
        "https://x.org/" + "a" * 400: [("https://x.org/" + "a" * 400, "x.org/" + "a" * 24 + "…")],
        ".@anna (@ANNA) @anna, @anna. x@anna @anna@else.where @annа @bob": [
            ("/@Anna", "@anna"), ("/@Anna", "@ANNA"), ("/@Anna", "@anna"), ("/@Anna", "@anna"),
        ],
        "#Чай, #tea_2! #123 x#no #a#b": [
            ("/tags/%D1%87%D0%B0%D0%B9", "#Чай"), ("/tags/tea_2", "#tea_2"), ("/tags/a", "#a"),
        ],
        "https://x.org/#tea https://x.org/@anna": [
            ("https://x.org/#tea", "x.org/#tea"), ("https://x.org/@anna", "x.org/@anna"),
        ],
    }  # fmt: skip
    for text, links in cases.items():
        assert read((await write(anna, text)).html).links == links, text


@pytest.mark.settings(SAMOVAR_POSTS__TEXT_LIMIT="5000")
async def test_names_and_tags_are_bounded(world: World) -> None:
    anna = await world.person("anna")
    post = await write(
        anna, " ".join(f"#tag{number}" for number in range(30)) + " #" + "a" * 61 + " #" + "b" * 60
    )
    assert post.tags == tuple(f"tag{number}" for number in range(20))
    post = await write(anna, "#" + "a" * 61 + " #" + "b" * 60)
    assert post.tags == ("b" * 60,)
    with world.queries(max=12):
        post = await write(anna, " ".join(f"@nobody{number}" for number in range(30)) + " @anna")
    assert post.mentions == ()


async def test_paragraphs_and_lines(world: World) -> None:
    anna = await world.person("anna")
    assert (await write(anna, "one\ntwo\n\nthree")).html == "<p>one<br>two</p><p>three</p>"


async def test_a_long_text_is_refused_quickly(world: World) -> None:
    anna = await world.person("anna")
    for text in ("😀" * 2_500_000, "a\u0301" * 2_500_000, "\n" * 10_000_000):
        with pytest.raises(Invalid):
            await anna.posts.create(text=text, visibility=Scope.PUBLIC, language="en")
