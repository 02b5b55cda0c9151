"""Two people at two browsers: what one does the other sees without loading anything anew."""

import itertools
from collections.abc import Callable

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.community import Community
from tests.browser.conftest import Visitor
from tests.browser.test_journey import card

Visit = Callable[..., Visitor]
numbers = itertools.count(1)
#: A browser behind something that lets no socket through.
BLOCKED = """
window.WebSocket = class {
  constructor() { setTimeout(() => this.onclose?.({ code: 1006 })); }
  close() {}
};
"""


def here(page: Page) -> None:
    """Wait until the page has its line."""
    expect(page.locator("html[data-line=up]")).to_have_count(1, timeout=20_000)
    page.wait_for_timeout(600)  # until what is in sight is listened to


def joined(visit: Visit, *follows: str) -> Visitor:
    one = visit()
    one.join(f"live{next(numbers)}")
    for name in follows:
        one.go(f"/@{name}")
        one.page.click(".person-head .follow button")
        expect(one.page.locator(".person-head .follow button")).to_contain_text("Following")
    return one


def test_new_posts_wait_behind_a_pill(visit: Visit, people: Community) -> None:
    page = joined(visit, "anna").go("/")
    here(page)
    page.fill("#c-feed [name=text]", "half a thought")
    page.set_viewport_size({"width": 390, "height": 500})
    page.evaluate("scrollTo(0, 300)")
    people.members["anna"].post("Fresh from the oven")
    people.members["anna"].post("And another one")
    pill = page.locator(".live-pill")
    expect(pill).to_contain_text("New posts: 2")
    expect(page.locator("#live-say")).to_have_text("New posts: 2")
    # Nothing has moved so far.
    assert page.evaluate("scrollY") == 300
    expect(card(page, "Fresh from the oven")).to_have_count(0)
    pill.click()
    expect(card(page, "Fresh from the oven")).to_be_visible()
    expect(card(page, "And another one")).to_be_visible()
    expect(page.locator(".live-pill")).to_have_count(0)
    expect(page.locator("#c-feed [name=text]")).to_have_value("half a thought")
    order = page.locator("#feed .post .prose").all_inner_texts()
    assert order[:2] == ["And another one", "Fresh from the oven"]


def test_public_lists_hear_of_everybody_and_numbers_follow(visit: Visit, people: Community) -> None:
    page = joined(visit).go("/explore")
    here(page)
    made = people.members["boris"].post("Who has a spare valve?")
    expect(page.locator(".live-pill")).to_contain_text("New posts: 1")
    page.click(".live-pill")
    shown = card(page, "Who has a spare valve?")
    expect(shown).to_be_visible()
    page.wait_for_timeout(600)  # until it is listened to
    people.members["clara"].do("POST", f"/posts/{made['id']}/like")
    expect(shown.locator(".act-like .n")).to_have_text("1")
    people.members["daria"].do("PUT", f"/posts/{made['id']}/reactions/wow")
    expect(shown.locator(".chip[data-type=wow] .num")).to_have_text("1")
    people.members["clara"].do("DELETE", f"/posts/{made['id']}/like")
    expect(shown.locator(".act-like .n")).to_have_text("")
    people.members["boris"].do("DELETE", f"/posts/{made['id']}")
    expect(shown).to_have_count(0)


def test_a_reply_comes_to_the_end_of_an_open_thread(visit: Visit, people: Community) -> None:
    made = people.members["anna"].post("Shall we meet at nine?")
    page = joined(visit).go(made["url"])
    here(page)
    page.fill(".composer [name=text]", "I would rather")
    first = people.members["boris"].post("Nine is fine", in_reply_to_id=made["id"])
    expect(page.locator("#replies > li.depth-1 .prose")).to_have_text(["Nine is fine"])
    expect(page.locator("#replies-title")).to_have_text("1 reply")
    expect(page.locator(".post-focus .act-reply .n")).to_have_text("1")
    page.wait_for_timeout(600)
    people.members["clara"].post("Me too", in_reply_to_id=first["id"])
    expect(page.locator("#replies > li.depth-2 .prose")).to_have_text(["Me too"])
    expect(page.locator(".composer [name=text]")).to_have_value("I would rather")


def test_nothing_is_missing_after_the_line_was_cut(visit: Visit, people: Community) -> None:
    one = joined(visit, "anna")
    page, cut, sockets = one.page, False, []

    def between(socket: WebSocketRoute) -> None:
        if cut:
            socket.close()
            return
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/ws*", between)
    one.go("/")
    here(page)
    people.members["anna"].post("Before the cut")
    expect(page.locator(".live-pill")).to_contain_text("New posts: 1")
    cut = True
    for socket in sockets:
        socket.close()
    expect(page.locator("#live-off")).to_be_visible()
    people.members["anna"].post("During the cut")
    people.members["anna"].post("Still cut")
    cut = False
    expect(page.locator("#live-off")).to_be_hidden(timeout=20_000)
    expect(page.locator(".live-pill")).to_contain_text("New posts: 3", timeout=15_000)
    page.click(".live-pill")
    for text in ("Before the cut", "During the cut", "Still cut"):
        expect(card(page, text)).to_have_count(1)


def test_two_acts_at_once_do_not_undo_each_other(visit: Visit, people: Community) -> None:
    made = people.members["anna"].post("Press everything")
    page = joined(visit).go(made["url"])
    held = []
    page.route("**/posts/*/like", lambda route: held.append(route))
    row = page.locator(".post-focus .acts")
    row.locator(".act-like").click()
    row.locator(".act-save").click()
    expect(page.locator(".toast")).to_contain_text("Saved to bookmarks")
    # The answer to the bookmark knew nothing of the like, which is still under way.
    expect(row.locator(".act-like")).to_have_attribute("aria-pressed", "true")
    assert len(held) == 1
    held[0].continue_()
    expect(row.locator(".act-like .n")).to_have_text("1")
    page.unroute("**/posts/*/like")
    page.wait_for_timeout(300)
    page.reload()
    for mark in (".act-like", ".act-save"):
        expect(row.locator(mark)).to_have_attribute("aria-pressed", "true")


def test_where_sockets_are_blocked_a_stream_does_the_same(visit: Visit, people: Community) -> None:
    one = visit()
    one.context.add_init_script(BLOCKED)
    one.join(f"live{next(numbers)}")
    page = one.go("/explore")
    here(page)
    people.members["anna"].post("Over the stream")
    expect(page.locator(".live-pill")).to_contain_text("New posts", timeout=20_000)
    page.click(".live-pill")
    expect(card(page, "Over the stream")).to_be_visible()


def test_the_inbox_counts_while_one_reads_something_else(visit: Visit, people: Community) -> None:
    one = joined(visit)
    page = one.go("/settings/profile")
    here(page)
    badge = page.locator("[data-live=inbox]").first
    expect(badge).to_be_hidden()
    name = page.evaluate("document.querySelector('.rail-me .handle').textContent").strip()
    people.members["anna"].post(f"Tea, {name}?")
    expect(badge).to_be_visible(timeout=15_000)
    expect(badge.locator("[aria-hidden]")).to_have_text("1")
    one.go("/inbox")
    here(page)
    people.members["boris"].post(f"And cake, {name}?")
    expect(page.locator("#inbox .inbox-line")).to_have_count(2, timeout=15_000)
    expect(page.locator("#inbox .inbox-line").first).to_contain_text("And cake")
