"""From a report to a post that returns, as everybody concerned sees it; and the desk's pages."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.community import PASSWORD, Community, Member, register
from tests.browser.conftest import Site, Visitor, arrive
from tests.browser.test_pages import look, needs_axe

Visit = Callable[..., Visitor]

ROOMS = {
    "overview": "/admin", "reports": "/admin/reports", "decided": "/admin/reports?state=all",
    "a case": "/admin/reports/{case}", "a closed case": "/admin/reports/{closed}",
    "appeals": "/admin/appeals",
    "content": "/admin/content", "held": "/admin/content?tab=held", "people": "/admin/people",
    "a person": "/admin/people/{person}", "roles": "/admin/roles", "rules": "/admin/rules",
    "a rule": "/admin/rules/new", "log": "/admin/audit", "decision": "/decisions/{decision}",
}  # fmt: skip


def promote(site: Site, name: str, role: str) -> None:
    """Give somebody a role, as operators do."""
    command = [sys.executable, "-m", "samovar.app.cli", "user", "promote", "--data", str(site.data), name]
    subprocess.run([*command, "--role", role], check=True, capture_output=True, timeout=60)


def staff(site: Site, name: str, role: str) -> Member:
    with site.http() as http:
        register(http, name)
    promote(site, name, role)
    http = site.http()
    answer = http.post("/api/auth/login", json={"username": name, "password": PASSWORD})
    made = answer.json()
    return Member(http, name, made["user"]["id"], made["access_token"])


@pytest.fixture(scope="module")
def chief(site: Site) -> Iterator[Member]:
    """An admin."""
    member = staff(site, "chief", "admin")
    yield member
    member.http.close()


@pytest.fixture(scope="module")
def marta(site: Site) -> Iterator[Member]:
    """A moderator."""
    member = staff(site, "marta", "moderator")
    yield member
    member.http.close()


@pytest.fixture(scope="module")
def wilma(site: Site) -> Iterator[Member]:
    """A member who writes what others report."""
    with site.http() as http:
        yield register(http, "wilma")


def until(found: Callable[[], bool], what: str, limit: float = 20) -> None:
    """Wait for what follows from an event or a job."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if found():
            return
        time.sleep(0.1)
    raise AssertionError(f"it did not come to pass that {what}")


def told(member: Member, words: str) -> None:
    """Wait until somebody's inbox says something."""
    until(lambda: words in str(member.do("GET", "/notifications")), f"{member.username} was told {words!r}")


def listed(member: Member, post_id: str, there: bool) -> None:
    """Wait until the public timeline shows a post, or no longer does."""

    def follows() -> bool:
        items = member.do("GET", "/timelines/public?limit=40")["items"]
        return any(item["id"] == post_id for item in items) == there

    until(follows, f"the feed {'shows' if there else 'hides'} the post")


def found(member: Member, post_id: str, there: bool) -> None:
    """Wait until search finds a post, or no longer does."""

    def follows() -> bool:
        items = member.do("GET", "/search/posts?q=kettles half price")["items"]
        return any(item["id"] == post_id for item in items) == there

    until(follows, f"search {'finds' if there else 'hides'} the post")


def signed_in(visitor: Visitor, name: str) -> Page:
    visitor.sign_in(name)
    return visitor.page


def test_a_report_a_decision_an_appeal_and_what_the_log_tells(
    visit: Visit, people: Community, wilma: Member, marta: Member, chief: Member
) -> None:
    post = wilma.post("Kettles at half price, write to me at once.")

    found(people.members["clara"], post["id"], there=True)

    reporter = visit()
    page = signed_in(reporter, "boris")
    reporter.go(post["url"])
    page.locator(".post-focus .act-more").click()
    page.locator(".post-focus .menu-panel a", has_text="Report").click()
    window = page.locator("dialog.dialog-sheet")
    expect(window.locator("h3")).to_have_text("Report this post")
    window.locator("[name=reason][value=spam]").check()
    window.locator("[name=text]").fill("The fourth time today.")
    window.locator("form .btn-main").click()
    expect(window.locator("h3")).to_have_text("Thank you")
    expect(window.locator("button", has_text="Mute @wilma")).to_be_visible()
    window.get_by_role("button", name="Back").click()
    expect(window).to_have_count(0)
    assert page.url.endswith(post["url"])

    desk = visit()
    page = signed_in(desk, "marta")
    desk.go("/admin/reports?reason=spam")
    row = page.locator(".case", has_text="Kettles at half price")
    expect(row).to_have_count(1)
    row.locator(".case-text a").click()
    expect(page.locator(".exhibit-text", has_text="Kettles at half price").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("The fourth time today.")
    page.locator("button", has_text="Take this case").click()
    expect(page.locator("main")).to_contain_text("You work on this.")
    page.check("[name=action][value=hide]")
    page.select_option("[name=reason]", "spam")
    page.fill("[name=message]", "Once is enough.")
    page.locator("button", has_text="Decide").click()
    expect(page.locator(".desk-done")).to_contain_text("Done in 1 case.")
    expect(page.locator("main")).to_contain_text("Hidden")

    listed(people.members["clara"], post["id"], there=False)
    found(people.members["clara"], post["id"], there=False)
    reporter.expected = {404}
    page = reporter.go(post["url"])
    expect(page.locator("h1")).to_have_text("There is nothing here")
    page = reporter.go("/explore")
    expect(page.locator("main")).not_to_contain_text("Kettles at half price")

    author = visit()
    page = signed_in(author, "wilma")
    author.go(post["url"])
    expect(page.locator(".post-focus")).to_contain_text("Moderators hid this.")
    told(wilma, "Moderators hid something you wrote")
    author.go("/inbox")
    line = page.locator("main article, main li", has_text="Moderators hid something you wrote").first
    line.locator("a[href^='/inbox/']").first.click()
    expect(page.locator("h1")).to_have_text("What was decided")
    for text in ("What you wrote is hidden.", "Advertising and spam", "Once is enough."):
        expect(page.locator("main")).to_contain_text(text)
    page.fill("[name=text]", "They are for our own fair on Sunday.")
    page.locator("button", has_text="Appeal").click()
    expect(page.locator("main")).to_contain_text("Another moderator will look at it.")

    judge = visit()
    page = signed_in(judge, "chief")
    judge.go("/admin")
    expect(page.locator(".tally", has_text="Appeals")).to_contain_text("1")
    judge.go("/admin/appeals")
    expect(page.locator(".appeal")).to_contain_text("They are for our own fair on Sunday.")
    page.locator(".appeal textarea").fill("Then all is well.")
    page.locator("button", has_text="Accept").click()
    expect(page.locator(".desk-done")).to_be_visible()

    listed(people.members["clara"], post["id"], there=True)
    found(people.members["clara"], post["id"], there=True)
    page = reporter.go(post["url"])
    expect(page.locator(".post-focus")).to_contain_text("Kettles at half price")
    page = reporter.go("/explore")
    expect(page.locator("main")).to_contain_text("Kettles at half price")
    told(wilma, "Your appeal was accepted")
    page = author.go("/inbox")
    expect(page.locator("main", has_text="Your appeal was accepted")).to_be_visible()

    page = judge.go("/admin/audit?person=@wilma")
    expect(page.locator(".log-line")).to_have_count(3)
    story = page.locator(".log-line b").all_inner_texts()
    assert list(reversed(story)) == ["Hidden", "Appeal made", "Appeal accepted, decision taken back"]
    expect(page.locator(".log-line", has_text="Hidden").first).to_contain_text("marta")


def test_many_cases_by_keyboard(visit: Visit, people: Community, wilma: Member, marta: Member) -> None:
    posts = [wilma.post(f"Cheap cups, lot {number}") for number in range(3)]
    for post in posts:
        people.members["clara"].do("POST", "/reports", kind="post", id=post["id"], reason="wrong_place")
    desk = visit()
    page = signed_in(desk, "marta")
    desk.go("/admin/reports?reason=wrong_place")
    expect(page.locator(".case")).to_have_count(3)
    page.keyboard.press("?")
    expect(page.locator("#desk-keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".case").nth(0)).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".case input:checked")).to_have_count(2)
    expect(page.locator(".bulk-count")).to_contain_text("2")
    page.keyboard.press("h")
    expect(page.locator(".desk-done")).to_contain_text("Done in 2 cases.")
    expect(page.locator(".case")).to_have_count(1)
    page.locator(".desk-done button").click()
    expect(page.locator(".desk-done")).to_contain_text("Done in 2 cases.")
    for post in posts:
        assert people.members["clara"].do("GET", f"/posts/{post['id']}")["id"] == post["id"]
    page.keyboard.press("j")
    page.keyboard.press("d")
    expect(page.locator(".empty")).to_contain_text("Nothing waits")


def test_the_queue_works_without_scripts(
    visit: Visit, people: Community, wilma: Member, marta: Member
) -> None:
    post = wilma.post("Cheap saucers")
    people.members["clara"].do("POST", "/reports", kind="post", id=post["id"], reason="rude")
    desk = visit(scripts=False)
    page = signed_in(desk, "marta")
    desk.go("/admin/reports?reason=rude")
    page.locator(".case input").first.check()
    with page.expect_navigation():
        page.locator("button", has_text="Hide").click()
    expect(page.locator(".desk-done")).to_contain_text("Done in 1 case.")
    with page.expect_navigation():
        page.locator(".desk-done button").click()
    desk.go(post["url"])
    expect(page.locator(".post-focus")).to_contain_text("Cheap saucers")


def test_who_is_suspended_reads_why_at_the_door(visit: Visit, site: Site, marta: Member) -> None:
    with site.http() as http:
        loud = register(http, "loud")
    marta.do(
        "POST", "/moderation/actions", kind="person", id=loud.id, reason="harassment",
        actions=[{"type": "suspend", "seconds": 86400}],
    )  # fmt: skip
    door = visit()
    door.expected = {403}
    page = door.go("/login")
    page.fill("[name=username]", "loud")
    page.fill("[name=password]", PASSWORD)
    page.click(".card .btn-main")
    expect(page.locator(".note-bad")).to_contain_text("This account is suspended until")
    page.locator(".note-bad a").click()
    expect(page.locator("h1")).to_have_text("What was decided")
    expect(page.locator("main")).to_contain_text("Harassment")
    page.fill("[name=text]", "It was my brother, not me.")
    page.locator("button", has_text="Appeal").click()
    expect(page.locator("main")).to_contain_text("Another moderator will look at it.")


@pytest.fixture(scope="module")
def places(people: Community, wilma: Member, marta: Member, chief: Member) -> dict[str, str]:
    """Things to look at in the rooms."""
    bad, worse = wilma.post("Forty tea towels, all must go"), wilma.post("Four hundred tea towels")
    for post in (bad, worse):
        people.members["daria"].do("POST", "/reports", kind="post", id=post["id"], reason="other", text="Hm")
    cases = marta.do("GET", "/moderation/cases?reason=other")["items"]
    closed, open_case = cases[0], cases[1]
    made = marta.do(
        "POST", "/moderation/actions", cases=[closed["id"]], actions=[{"type": "hide"}], reason="spam",
        message="Too many.",
    )  # fmt: skip
    decision = made["items"][0]["id"]
    wilma.do("POST", f"/decisions/{decision}/appeal", text="They are rather nice, though.")
    marta.do("POST", f"/moderation/cases/{open_case['id']}/notes", text="Is she opening a shop?")
    chief.do("POST", "/moderation/rules", name="Towels", outcome="queue", words=["towels for sale"])
    chief.do("PUT", "/moderation/roles/gardener", permissions=["reports.see", "content.mark"])
    return {"case": open_case["id"], "closed": closed["id"], "person": wilma.id, "decision": decision}


@pytest.fixture(scope="module")
def rooms(site: Site, chromium: Browser, chief: Member) -> Iterator[Callable[[str], Visitor]]:
    """An admin at a browser, in each language."""
    opened: dict[str, Visitor] = {}

    def room(language: str) -> Visitor:
        chief.do("PUT", f"/users/{chief.id}", locale=language)
        if language not in opened:
            opened[language] = visitor = arrive(site, chromium, locale=language)
            visitor.sign_in("chief")
        return opened[language]

    yield room
    for visitor in opened.values():
        visitor.context.close()


@needs_axe
@pytest.mark.parametrize("name", ROOMS)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_room(rooms: Callable[[str], Visitor], places: dict[str, Any], name: str, language: str) -> None:
    found = look(rooms(language), ROOMS[name].format(**places), language)
    assert not found, "\n".join(found)
