"""Every page: fit for everybody (axe-core), quiet, of one host, light in weight, and fit for a phone."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.community import PASSWORD, Community
from tests.browser.conftest import DESK, PHONE, Site, Visitor, arrive

Visit = Callable[..., Visitor]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WEIGHT = 70 * 1024

STRANGERS = {
    "landing": "/", "explore": "/explore", "signup": "/signup", "login": "/login", "forgot": "/forgot",
    "reset": "/reset/abc", "verify": "/verify/abc", "about": "/about", "api docs": "/api/docs",
    "post": "{long}", "quote": "{quote}", "person": "/@anna", "private person": "/@shy",
    "looks": "/settings/appearance", "gallery": "/gallery", "not found": "/nothing",
    "bad address": "/?cursor=nonsense",
}  # fmt: skip
MEMBERS = {
    "home": "/", "explore": "/explore", "compose": "/compose",
    "compose a reply": "/compose?in_reply_to_id={long.id}",
    "compose a quote": "/compose?quote_of_id={long.id}", "edit": "/compose?edit={edited.id}",
    "post": "{long}", "reply": "{reply}", "poll": "{poll}", "poll with votes": "{voted}",
    "warning": "{warning}", "followers only": "{followers}", "history": "{edited}/history",
    "reactions": "{long}/reactions", "reposts": "{ru}/reactions?tab=reposts", "own page": "/@anna",
    "person": "/@boris", "with replies": "/@anna/with_replies", "followers": "/@anna/followers",
    "following": "/@anna/following", "private person": "/@shy", "requests": "/requests", "tag": "/tags/утро",
    "empty tag": "/tags/none", "bookmarks": "/bookmarks", "gallery": "/gallery",
    "pictures": "/@anna/media", "profile": "/settings/profile",
    "account": "/settings/account", "security": "/settings/security", "devices": "/settings/sessions",
    "privacy": "/settings/privacy", "figures": "/settings/figures", "looks": "/settings/appearance",
    "delete account": "/settings/delete", "report a post": "/report?kind=post&id={ru.id}",
    "logout": "/logout", "delete a post": "/posts/{edited.id}/delete", "not found": "/nothing",
}  # fmt: skip

COLOURS = ["color-contrast", "link-in-text-block"]
SIZES = [*COLOURS, "target-size", "region", "scrollable-region-focusable"]
#: All rules for one look of each language; for the other what depends on colours and sizes.
LOOKS = {
    "en": (("light", DESK, None), ("dark", PHONE, SIZES)),
    "ru": (("dark", DESK, None), ("light", PHONE, SIZES)),
}
CHECK = """async (rules) => {
  const found = await axe.run(document, {
    resultTypes: ["violations"],
    ...(rules ? {runOnly: {type: "rule", values: rules}}
              : {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}),
  });
  return found.violations.map((one) => `${one.id}: ${one.help}\\n` + one.nodes.slice(0, 3).map(
    (node) => [node.html, node.failureSummary].map((text) => "    " + text.slice(0, 250)).join("\\n")
  ).join("\\n"));
}"""
#: What a thumb presses: too small when under 44 px in height and not 44 px from the middle of its neighbours.
SMALL = """() => [...document.querySelectorAll(
  "main :is(.btn, .act, .menu-item, .tool, a.chip, button.chip, .tabs a), .head .btn-icon")]
  .filter((thing) => thing.offsetParent && getComputedStyle(thing).visibility !== "hidden")
  .map((thing) => [thing, thing.getBoundingClientRect()])
  .filter(([thing, box], _, all) => box.height > 0 && box.height < 44 && all.some(([other, near]) =>
    other !== thing && near.height > 0
    && Math.abs((near.left + near.right) / 2 - (box.left + box.right) / 2) < 44
    && Math.abs((near.top + near.bottom) / 2 - (box.top + box.bottom) / 2) < 44))
  .map(([thing, box]) => `${Math.round(box.height)} px: ${thing.outerHTML.slice(0, 120)}`)"""
#: Cards are alike: eight of them are enough, and so are ten operations of the API.
FEWER = """() => document.querySelectorAll(".feed > .post:nth-of-type(n+9), .api-op:nth-of-type(n+3)")
  .forEach((one) => one.remove())"""
#: Colours change over a moment when the look does.
STILL = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
  document.getAnimations().forEach((one) => one.finish());
  done();
})))"""
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def address(people: Community, pattern: str) -> str:
    for name, post in people.posts.items():
        pattern = pattern.replace(f"{{{name}.id}}", post["id"]).replace(f"{{{name}}}", post["url"])
    return pattern


def problems(page: Page, language: str) -> list[str]:
    found = [f"refused by the content policy: {text}" for text in page.evaluate("window.violations")]
    page.evaluate(FEWER)
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    for theme, size, rules in LOOKS[language]:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.evaluate(STILL)
        where = f"{theme} {size['width']}"
        if page.evaluate(CHECK, rules):
            page.wait_for_timeout(300)  # colours may have been on their way still
            found += [f"{where}: {text}" for text in page.evaluate(CHECK, rules)]
        if (over := page.evaluate(WIDE)) > 0:
            found.append(f"{where}: {over} px too wide")
    found += [f"small for a thumb: {text}" for text in page.evaluate(SMALL)]
    return found


def look(visitor: Visitor, path: str, language: str) -> list[str]:
    """What is wrong with a page, in the looks of a language."""
    theme, size, _ = LOOKS[language][0]
    visitor.wrong.clear()
    visitor.page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    visitor.page.set_viewport_size(size)  # type: ignore[arg-type]
    visitor.go(path)
    found = problems(visitor.page, language)
    if visitor.page.locator("html").get_attribute("lang") != language:
        found.append("not in the language that was asked for")
    return [f"{language} {text}" for text in [*visitor.wrong, *found]]


needs_axe = pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: run `make setup`")


@pytest.fixture(scope="module")
def cookie(site: Site) -> dict[str, Any]:
    """Anna's session."""
    with site.http() as http:
        form = {"username": "anna", "password": PASSWORD}
        answer = http.post("/login", data=form, headers={"sec-fetch-site": "same-origin"})
        return {"name": "samovar", "value": answer.cookies["samovar"], "url": site.url}


@pytest.fixture(scope="module")
def tabs(site: Site, chromium: Browser, cookie: dict[str, Any]) -> Iterator[Callable[[str, bool], Visitor]]:
    """A visitor for each language, strange or signed in, who goes from page to page."""
    opened: dict[tuple[str, bool], Visitor] = {}

    def tab(language: str, member: bool) -> Visitor:
        if (language, member) not in opened:
            opened[language, member] = visitor = arrive(site, chromium, locale=language)
            visitor.expected = {400, 404}
            if member:
                visitor.context.add_cookies([cookie])  # type: ignore[list-item]
        return opened[language, member]

    yield tab
    for visitor in opened.values():
        visitor.context.close()


@needs_axe
@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("name", STRANGERS)
def test_strangers_page(
    tabs: Callable[[str, bool], Visitor], people: Community, name: str, language: str
) -> None:
    found = look(tabs(language, False), address(people, STRANGERS[name]), language)
    assert not found, "\n".join(found)


@needs_axe
@pytest.mark.parametrize("name", MEMBERS)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_members_page(
    tabs: Callable[[str, bool], Visitor], people: Community, name: str, language: str
) -> None:
    people.members["anna"].do("PUT", f"/users/{people.members['anna'].id}", locale=language)
    found = look(tabs(language, True), address(people, MEMBERS[name]), language)
    assert not found, "\n".join(found)


@needs_axe
@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_opens_over_a_page(
    visit: Visit, people: Community, cookie: dict[str, Any], language: str
) -> None:
    people.members["anna"].do("PUT", f"/users/{people.members['anna'].id}", locale=language)
    one = visit(locale=language)
    one.context.add_cookies([cookie])
    page = one.go(people.posts["long"]["url"])
    found = []
    for opener in (
        ".post-focus .act-repost",
        ".post-focus .act-react",
        ".post-focus .act-more",
        ".rail-me summary",
    ):
        page.locator(opener).click()
        found += [f"{opener}: {text}" for text in problems(page, language)]
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
        page.keyboard.press("Escape")
    page.locator(".post-focus .act-reply").click()
    page.locator("dialog .composer [name=with_poll]").check(force=True)
    found += [f"sheet: {text}" for text in problems(page, language)]
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    found += [f"keys: {text}" for text in problems(page, language)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", ["/", "{long}", "/@clara"])
@pytest.mark.parametrize("member", [True, False], ids=["member", "stranger"])
def test_weight_of_a_first_visit(
    visit: Visit, people: Community, site: Site, cookie: dict[str, Any], path: str, member: bool
) -> None:
    """Pages, styles, scripts and icons as they go over the wire; fonts, faces and posted files apart."""
    one = visit()
    if member:
        one.context.add_cookies([cookie])
    urls: list[str] = []
    one.page.on("request", lambda request: urls.append(request.url))
    one.go(address(people, path))
    one.page.wait_for_load_state("networkidle")
    wanted = [url for url in urls if not url.endswith(".woff2") and not re.search("/(avatars|media)/", url)]
    wanted = [url for url in wanted if urlsplit(url).scheme.startswith("http")]
    weights = {}
    cookies = {cookie["name"]: cookie["value"]} if member else {}
    with httpx.Client(cookies=cookies, headers={"accept-encoding": "gzip"}) as http:
        for url in dict.fromkeys(urljoin(site.url, url) for url in wanted):
            with http.stream("GET", url) as answer:
                weights[url] = sum(len(part) for part in answer.iter_raw())
                if len(weights) == 1:
                    assert answer.headers["content-encoding"] == "gzip"
    assert sum(weights.values()) <= WEIGHT, json.dumps(weights, indent=1)


def test_it_prints(visit: Visit, people: Community) -> None:
    one = visit()
    page = one.go(people.posts["long"]["url"])
    page.emulate_media(media="print")
    assert page.locator(".post-focus .prose").is_visible()
    for part in (".rail", ".aside", ".post-bar"):
        assert not page.locator(part).first.is_visible(), part
