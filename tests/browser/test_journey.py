"""A member's first evening, with scripts and without; then what only scripts can do."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.community import PASSWORD, Community
from tests.browser.conftest import Visitor

Visit = Callable[..., Visitor]
numbers = itertools.count(1)


def fresh_name() -> str:
    return f"guest{next(numbers)}"


def card(page: Page, text: str) -> Locator:
    """The post with these words in its own text, not in what it quotes."""
    return page.locator(".feed .post", has=page.locator(".post-body > .prose, .cw .prose", has_text=text))


def appears(visitor: Visitor, path: str, what: Locator) -> None:
    """The feed hears of things a moment later: look until it has."""
    for _ in range(20):
        visitor.go(path)
        if what.count():
            return
        visitor.page.wait_for_timeout(250)
    expect(what.first).to_be_visible()


def write(page: Page, text: str, place: str = "#c-feed") -> None:
    page.fill(f"{place} [name=text]", text)
    page.click(f"{place} .composer-send")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_an_evening(visit: Visit, people: Community, scripts: bool) -> None:
    one = visit(scripts)
    name = fresh_name()
    one.join(name)
    page = one.page
    expect(page.locator(".toast")).to_contain_text("Welcome")

    # A post with a poll and a warning.
    form = page.locator("#c-feed")
    form.locator("[name=text]").fill(f"What shall we bake, asks {name}?")
    form.locator("[name=with_warning]").check(force=True)
    form.locator("[name=content_warning]").fill("Hunger")
    form.locator("[name=with_poll]").check(force=True)
    form.locator("[name=poll_option]").nth(0).fill("Bread")
    form.locator("[name=poll_option]").nth(1).fill("Honey cake")
    form.locator("[name=poll_expires_in]").select_option("3600")
    form.locator(".composer-send").click()
    mine = card(page, f"asks {name}").or_(page.locator(".post-focus")).first
    expect(mine.locator(".cw summary")).to_contain_text("Hunger")
    expect(mine.get_by_text("Honey cake")).not_to_be_visible()
    mine.locator(".cw summary").click()
    expect(mine.get_by_text("Honey cake")).to_be_visible()

    # Somebody else's post: like, repost, quote.
    long = people.posts["long"]
    one.go(long["url"])
    focus = page.locator(".post-focus")
    like = focus.locator(".act-like")
    expect(like).to_have_attribute("aria-pressed", "false")
    before = int(like.locator(".n").inner_text() or 0)
    like.click()
    expect(page.locator(".post-focus .act-like")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".post-focus .act-like .n")).to_have_text(str(before + 1))
    page.locator(".post-focus .act-repost").click()
    page.locator(".post-focus .act-repost + .menu-panel button").click()
    expect(page.locator(".post-focus .act-repost")).to_have_attribute("data-on", "")
    page.locator(".post-focus .act-repost").click()
    page.locator(".post-focus .act-repost + .menu-panel a").click()
    sheet = page.locator("dialog .composer, .composer-page")
    sheet.locator("[name=text]").fill(f"{name} says: so true")
    sheet.locator(".composer-send").click()
    if scripts:
        page.locator(".toast a").click()
    expect(page.locator(".post-focus > .post-body > .prose")).to_have_text(f"{name} says: so true")
    expect(page.locator(".post-focus .quote")).to_contain_text("Every Thursday")

    # A reply below the post.
    one.go(long["url"])
    write(page, f"{name} will bring jam", "#c-replies")
    reply = card(page, f"{name} will bring jam").first
    expect(reply).to_be_visible()

    # Edit and delete it.
    reply.locator(".act-more").click()
    reply.get_by_role("link", name="Edit").click()
    sheet = page.locator("dialog .composer, .composer-page")
    sheet.locator("[name=text]").fill(f"{name} will bring plum jam")
    sheet.locator(".composer-send").click()
    edited = page.locator(".post", has_text=f"{name} will bring plum jam").last
    expect(edited).to_be_visible()
    if not page.url.partition("#")[0].endswith(long["url"]):
        one.go(long["url"])
    edited = card(page, f"{name} will bring plum jam").first
    edited.locator(".act-more").click()
    expect(edited.get_by_role("link", name="History of changes")).to_be_visible()
    edited.get_by_role("link", name="Delete").click()
    if scripts:
        page.locator("dialog .btn-bad").click()
    else:
        expect(page.locator("h1")).to_have_text("Delete this post?")
        page.locator(".btn-bad").click()
    expect(page.locator(".toast")).to_contain_text("Deleted")
    expect(page.get_by_text("plum jam")).to_have_count(0)

    # Vote, save, follow.
    one.go(people.posts["poll"]["url"])
    page.get_by_label("Туве Янссон").check()
    page.get_by_role("button", name="Vote").click()
    expect(page.locator(".poll-option progress")).to_have_count(3)
    page.locator(".post-focus .act-save").click()
    expect(page.locator(".post-focus .act-save")).to_have_attribute("aria-pressed", "true")
    one.go("/bookmarks")
    expect(card(page, "Что читаем в ноябре?")).to_be_visible()
    one.go("/@boris")
    follow = page.locator(".person-head .follow button")
    expect(follow).to_have_attribute("aria-pressed", "false")
    follow.click()
    expect(page.locator(".person-head .follow button")).to_have_attribute("aria-pressed", "true")
    appears(one, "/", card(page, "Первый троллейбус"))

    # Out, and in again.
    one.go("/logout")
    page.click(".card .btn-main")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    one.sign_in(name)
    expect(card(page, f"asks {name}").first).to_be_attached()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(visit: Visit, scripts: bool) -> None:
    one = visit(scripts)
    one.expected = {422}
    page = one.go("/signup")
    page.fill("[name=username]", "anna")
    page.fill("[name=email]", "someone@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click(".card .btn-main")
    expect(page.locator("#e-username")).to_have_text("This name is taken.")
    expect(page.locator("[name=username]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=email]")).to_have_value("someone@example.org")
    one.go("/login")
    page.fill("[name=username]", "anna")
    page.fill("[name=password]", "not the password")
    page.click(".card .btn-main")
    expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    one.sign_in("anna")
    form = page.locator("#c-feed")
    form.locator("[name=with_poll]").check(force=True)
    form.locator("[name=poll_option]").nth(0).fill("only one")
    form.locator("[name=text]").fill("A poll with one option")
    form.locator(".composer-send").click()
    expect(page.locator("#e-poll")).to_be_visible()
    expect(page.locator(".composer [name=text]")).to_have_value("A poll with one option")
    expect(page.locator(".composer [name=poll_option]").first).to_have_value("only one")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_private_account_is_asked_and_agrees(visit: Visit, people: Community, scripts: bool) -> None:
    name = fresh_name()
    guest = visit(scripts)
    guest.join(name)
    page = guest.go("/@shy")
    expect(page.locator(".empty")).to_contain_text("Only followers see these posts")
    page.locator(".person-head .follow button").click()
    expect(page.locator(".person-head .follow button")).to_contain_text("Requested")
    shy = visit(scripts)
    shy.sign_in("shy")
    row = shy.go("/requests").locator(".person-row", has_text=f"@{name}")
    row.get_by_role("button", name="Accept").click()
    expect(shy.page.locator(".person-row", has_text=f"@{name}")).to_have_count(0)
    guest.go("/@shy")
    expect(page.locator(".person-head .follow button")).to_contain_text("Following")


def test_an_act_shows_at_once_and_is_undone_from_the_toast(visit: Visit, people: Community) -> None:
    one = visit()
    one.join(fresh_name())
    page = one.go(people.posts["ru"]["url"])
    held: list[Any] = []
    page.route("**/posts/*/like", lambda route: held.append(route))
    with page.expect_request("**/posts/*/like"):
        page.locator(".post-focus .act-like").click()
    # Shown before the server has answered.
    expect(page.locator(".post-focus .act-like")).to_have_attribute("aria-pressed", "true")
    assert len(held) == 1
    with page.expect_response("**/posts/*/like"):
        held[0].continue_()
    page.unroute("**/posts/*/like")
    # The answer brings the buttons anew: the next act is on those.
    expect(page.locator(".htmx-request")).to_have_count(0)
    for mark, on in ((".act-save", "aria-pressed"), (".act-repost", "data-on")):
        button = page.locator(f".post-focus {mark}")
        button.click()
        if mark == ".act-repost":
            page.locator(".post-focus .act-repost + .menu-panel button").click()
        wanted = {"aria-pressed": "true", "data-on": ""}[on]
        expect(button).to_have_attribute(on, wanted)
        expect(page.locator(".htmx-request")).to_have_count(0)
        # It shows before the server has it, too.
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.locator(".toast").last.get_by_role("button", name="Undo").click()
        expect(button).not_to_have_attribute(on, wanted)
        page.reload()
        expect(button).not_to_have_attribute(on, wanted)
        expect(page.locator(".post-focus .act-like")).to_have_attribute("aria-pressed", "true")


def test_what_the_server_refuses_is_taken_back_and_said(visit: Visit, people: Community) -> None:
    one = visit()
    one.expected = {503}
    one.join(fresh_name())
    page = one.go(people.posts["ru"]["url"])
    page.route("**/posts/*/like", lambda route: route.fulfill(status=503, body=""))
    page.locator(".post-focus .act-like").click()
    expect(page.locator(".toast-bad")).to_contain_text("That did not work")
    expect(page.locator(".post-focus .act-like")).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_list_goes_on_to_its_end(visit: Visit, scripts: bool) -> None:
    one = visit(scripts)
    page = one.go("/@clara")
    seen: set[str] = set()
    for _ in range(8):
        seen |= set(page.locator(".feed .post").evaluate_all("posts => posts.map(post => post.id)"))
        more = page.locator(".more a")
        if not more.count():
            break
        if scripts:
            more.scroll_into_view_if_needed()
            page.wait_for_function(
                "count => document.querySelectorAll('.feed .post').length > count", arg=len(seen)
            )
        else:
            with page.expect_navigation():  # a click alone does not wait for the next page
                more.click()
    assert not page.locator(".more a").count()
    assert len(seen) >= 47


def test_keys(visit: Visit, people: Community) -> None:
    one = visit()
    one.join(fresh_name())
    one.go("/@clara")
    page = one.page
    ids = page.locator(".feed .post").evaluate_all("posts => posts.map(post => post.id)")

    def current() -> str:
        return str(page.evaluate("document.activeElement.id"))

    press = "key => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}))"
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        assert current() == ids[place], key
    for key, place in (("о", 2), ("л", 1)):  # the same keys where the layout is Russian
        page.evaluate(press, key)
        assert current() == ids[place], key
    page.keyboard.press("l")
    expect(page.locator(f"#{ids[1]} .act-like")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("r")
    expect(page.locator("dialog .composer [name=text]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("n")
    expect(page.locator("dialog .composer [name=text]")).to_be_focused()
    page.keyboard.type("Written without a mouse")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast").last).to_contain_text("Posted")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).not_to_be_visible()
    page.keyboard.press("/")
    page.wait_for_url("**/search")
    expect(page.locator("main [name=q], header [name=q]").first).to_be_focused()


def test_a_draft_survives_until_it_is_posted(visit: Visit) -> None:
    one = visit()
    one.join(fresh_name())
    page = one.page
    page.locator("#c-feed [name=text]").press_sequentially("Half a thought")
    page.reload()
    expect(page.locator("#c-feed [name=text]")).to_have_value("Half a thought")
    expect(page.locator(".toast").last).to_contain_text("Your draft is here again")
    page.click("#c-feed .composer-send")
    expect(card(page, "Half a thought")).to_be_visible()
    page.reload()
    expect(page.locator("#c-feed [name=text]")).to_have_value("")


def test_too_long_is_said_before_sending(visit: Visit) -> None:
    one = visit()
    one.join(fresh_name())
    page = one.page
    text = page.locator("#c-feed [name=text]")
    text.fill("👨‍👩‍👧‍👦" * 499)
    expect(page.locator("#c-feed [data-counter]")).to_have_text("1")
    text.fill("ы" * 501)
    expect(page.locator("#c-feed [data-counter]")).to_have_text("-1")
    page.click("#c-feed .composer-send", force=True)
    page.wait_for_timeout(200)
    expect(text).to_have_value("ы" * 501)
    expect(card(page, "ыыы")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_theme_and_language(visit: Visit, scripts: bool) -> None:
    one = visit(scripts, color_scheme="light")
    one.join(fresh_name())
    page = one.go("/settings/appearance")

    def paper() -> str:
        return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))

    light = paper()
    page.locator("label", has=page.locator("[name=theme][value=dark]")).click()
    if scripts:
        assert paper() != light  # at once
    page.locator("label", has=page.locator("[name=locale][value=ru]")).click()
    page.locator("form .btn-main").last.click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert paper() != light
    expect(page.locator(".toast")).to_have_text("Сохранено")
    one.go("/")
    expect(page.locator(".composer-send")).to_have_text(re.compile("Отправить|Опубликовать|Написать"))


def test_a_stranger_chooses_the_language_in_the_footer(visit: Visit) -> None:
    one = visit(locale="de-DE")
    page = one.go("/explore")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator(".foot").get_by_role("button", name="Русский").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    assert page.url.endswith("/explore")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_stranger_is_led_to_the_door_and_back(visit: Visit, people: Community, scripts: bool) -> None:
    one = visit(scripts)
    page = one.go(people.posts["ru"]["url"])
    page.locator(".post-focus .act-like").click()
    page.wait_for_url(re.compile(r"/login\?back="))
    page.fill("[name=username]", "daria")
    page.fill("[name=password]", PASSWORD)
    page.click(".card .btn-main")
    page.wait_for_url(f"**{people.posts['ru']['url']}")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_the_profile_is_edited_and_the_account_deleted(visit: Visit, scripts: bool) -> None:
    one = visit(scripts)
    one.expected = {404, 422}
    name = fresh_name()
    one.join(name)
    page = one.go("/settings/profile")
    page.fill("[name=display_name]", "Гость <b>издалека</b>")
    page.fill("[name=bio]", "<script>alert(1)</script> & #чай")
    page.locator("[name=field_name]").first.fill("Дом")
    page.locator("[name=field_value]").first.fill("https://example.org/home")
    page.locator("form .btn-main").last.click()
    expect(page.locator(".toast")).to_have_text("Saved")
    one.go(f"/@{name}")
    expect(page.locator(".person-head h2")).to_have_text("Гость <b>издалека</b>")
    expect(page.locator(".person-head .prose")).to_have_text("<script>alert(1)</script> & #чай")
    page.locator(".person-head .prose a").click()
    expect(page.locator("h1")).to_have_text("#чай")
    one.go("/settings/delete")
    page.fill("[name=password]", PASSWORD)
    page.locator("form .btn-bad").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Tick the box")
    page.fill("[name=password]", PASSWORD)
    page.locator("[name=confirm]").check(force=True)
    page.locator("form .btn-bad").last.click()
    expect(page.locator(".toast")).to_contain_text("Your account is deleted")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    one.go(f"/@{name}")
    expect(page.locator("h1")).to_have_text("There is nothing here")
