"""Searching, as a person does: by the form alone, by suggestions while typing, and keeping searches."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.community import Community
from tests.browser.conftest import PHONE, Visitor
from tests.browser.test_pages import look

Visit = Callable[..., Visitor]
NASTY = '<img src="/x.png" onerror="document.title=1"> <b>marzipan</b> & "more"'


@pytest.fixture(scope="module", autouse=True)
def written(people: Community) -> None:
    """Something to find, and the wait until it is found."""
    anna = people.members["anna"]
    anna.post("Gingerbread with marmalade for the open evening #gingerbread")
    anna.post("Пряники с мармеладом, приходите", language="ru")
    anna.post(NASTY)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = [anna.do("GET", f"/search/posts?q={word}")["items"] for word in ("marmalade", "marzipan")]
        if all(found) and anna.do("GET", "/search/users?q=lindqvist")["items"]:
            return
        time.sleep(0.1)
    raise AssertionError("what was written is not found")


def marks(page: Page) -> list[str]:
    return page.locator(".feed .post mark").all_inner_texts()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_finds_marks_filters_and_keeps(visit: Visit, people: Community, scripts: bool) -> None:
    visitor = visit(scripts=scripts)
    visitor.sign_in("daria")
    page = visitor.go("/explore")
    page.fill("#search", "marmalades")
    with page.expect_navigation():
        page.get_by_role("search").get_by_role("button", name="Search").click()
    expect(page.locator(".feed .post")).to_have_count(1)
    assert marks(page) == ["marmalade"]
    with page.expect_navigation():
        page.get_by_role("link", name="People", exact=True).click()
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.fill("#search", "lindqvis")
    with page.expect_navigation():
        page.get_by_role("search").get_by_role("button", name="Search").click()
    expect(page.locator(".person-row .name").first).to_have_text("Clara Lindqvist")
    # Filters are folded away, and part of the same form.
    page = visitor.go("/search?q=beans&kind=posts")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Written by").fill("@anna")
    with page.expect_navigation():
        page.get_by_role("search").get_by_role("button", name="Search").click()
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_label("Written by").fill("@clara")
    page.get_by_label("Order").select_option("newest")
    with page.expect_navigation():
        page.get_by_role("search").get_by_role("button", name="Search").click()
    expect(page.locator(".feed .post").first).to_contain_text("day 45")
    # Kept, opened, deleted, brought back.
    with page.expect_navigation():
        page.get_by_role("button", name="Keep this search").click()
    expect(page.get_by_text("The search is kept")).to_be_visible()
    page = visitor.go("/search")
    with page.expect_navigation():
        page.get_by_role("link", name="beans from:@clara").click()
    expect(page.locator(".feed .post").first).to_contain_text("day 45")
    page = visitor.go("/search")
    with page.expect_navigation():
        page.get_by_role("button", name="Delete the search “beans from:@clara”").click()
    expect(page.get_by_role("link", name="beans from:@clara")).to_have_count(0)
    with page.expect_navigation():
        page.get_by_role("button", name="Undo").click()
    page = visitor.go("/search")
    expect(page.get_by_role("link", name="beans from:@clara")).to_have_count(1)
    with page.expect_navigation():
        page.get_by_role("button", name="Delete the search “beans from:@clara”").click()


def test_suggestions_are_a_combobox(visit: Visit, people: Community) -> None:
    visitor = visit()
    visitor.sign_in("daria")
    page = visitor.go("/")
    page.keyboard.press("/")
    page.wait_for_url("**/search")
    box = page.get_by_role("combobox", name="Search", exact=True)
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("gingerb")
    options = page.get_by_role("option")
    expect(options.first).to_have_text("#gingerbread")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    chosen = options.first.get_attribute("id")
    expect(box).to_have_attribute("aria-activedescendant", str(chosen))
    box.press("ArrowUp")
    expect(options.first).to_have_attribute("aria-selected", "false")
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    box.press_sequentially("r")
    expect(options.first).to_have_text("#gingerbread")
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/tags/gingerbread")
    # A person, by a finger.
    page = visitor.go("/search")
    page.get_by_role("combobox", name="Search", exact=True).press_sequentially("lindq")
    page.get_by_role("option", name=re.compile("Clara Lindqvist")).click()
    page.wait_for_url("**/@clara")
    # Without a choice, Enter sends the form.
    page = visitor.go("/search")
    page.get_by_role("combobox", name="Search", exact=True).press_sequentially("мармелад")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".feed .post mark")).to_have_text(["мармеладом"])
    assert "sort=" not in page.url and "from=" not in page.url


def test_nothing_of_a_text_or_a_question_becomes_html(visit: Visit, people: Community) -> None:
    visitor = visit()
    for query in ("marzipan", "img", "onerror", "more"):
        page = visitor.go(f"/search?kind=posts&q={query}")
        expect(page.locator(".feed .post mark").first).to_be_visible()
        assert page.locator(".post-body img, .post-body b").count() == 0
        assert "marzipan" in page.title() or query in page.title()
    page = visitor.go('/search?q="><script>document.title=1</script><b>marzipan')
    expect(page.locator("#search")).to_have_value('"><script>document.title=1</script><b>marzipan')
    assert page.title() != "1" and page.locator("main script, main b").count() == 0


def test_too_long_a_question_is_told_beside_the_box(visit: Visit, people: Community) -> None:
    visitor = visit()
    visitor.expected.add(422)
    page = visitor.go("/search?q=" + "a" * 301)
    expect(page.get_by_role("alert")).to_contain_text("at most 300 characters")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_pages_are_fit_for_everybody(visit: Visit, people: Community, language: str) -> None:
    visitor = visit(locale=language, viewport=PHONE)
    visitor.sign_in("daria")
    wrong = []
    paths = (
        "/search", "/search?q=beans", "/search?q=clara&kind=users", "/search?q=gingerbrea&kind=tags",
        "/search?q=beans&kind=posts&from=@clara&sort=newest", "/search?q=unheardof", "/explore",
    )  # fmt: skip
    for path in paths:
        wrong += [f"{path} {text}" for text in look(visitor, path, language)]
    assert not wrong, "\n".join(wrong)
