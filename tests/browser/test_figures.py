"""The operator sees the figures on plots and takes them home as a file; a member sees their own."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.community import Community, Member, register
from tests.browser.conftest import PHONE, Site, Visitor, arrive
from tests.browser.test_pages import needs_axe, problems
from tests.serving import Server

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose figures are known: olga runs it, anna wrote, boris read and answered."""
    data = tmp_path_factory.mktemp("figures")
    server = Server(data, {"SAMOVAR_IDENTITY__REGISTER_BURST": "1000"})
    try:
        server.start_aside()
        site = Site(server.url, data, Community())
        with site.http() as http:
            members = site.people.members
            for name in ("olga", "anna", "boris"):
                members[name] = register(http, name)
            promote(data, "olga")
            live(members["anna"], members["boris"], site)
            yield site
        assert server.stop() == 0
    finally:
        server.end()


def promote(data: Path, name: str) -> None:
    """As an operator does it at the command line."""
    command = [sys.executable, "-m", "samovar.app.cli", "user", "promote", name, "--role", "admin"]
    subprocess.run([*command, "--data", str(data)], check=True, capture_output=True)


def live(anna: Member, boris: Member, site: Site) -> None:
    """What there is to count."""
    post = site.people.posts["tea"] = anna.post("Tea is ready https://example.org/tea")
    boris.post("with pleasure", in_reply_to_id=post["id"])
    boris.do("POST", f"/posts/{post['id']}/like")
    boris.do("POST", f"/users/{anna.id}/follow")


@pytest.fixture
def visitors(house: Site, chromium: Browser) -> Iterator[Visit]:
    """Somebody at a browser of their own; at the end nothing may have gone wrong."""
    made: list[Visitor] = []

    def make(name: str, **options: object) -> Visitor:
        visitor = arrive(house, chromium, **options)  # type: ignore[arg-type]
        made.append(visitor)
        visitor.sign_in(name)
        return visitor

    yield make
    wrong = [text for visitor in made for text in visitor.wrong]
    for visitor in made:
        visitor.context.close()
    assert not wrong, "\n".join(wrong)


def counted(page: Page, place: Locator, text: str) -> None:
    """What happened is counted a moment later, so it is looked for again."""
    for _ in range(30):
        if place.count() and place.first.text_content() == text:
            return
        page.wait_for_timeout(300)
        page.reload()
    expect(place.first).to_have_text(text)


def tile(page: Page, label: str, number: str) -> None:
    """A number at the top of a page."""
    counted(page, page.locator(".tile", has_text=label).locator("b"), number)


def test_an_operator_sees_the_figures_and_takes_them_home(visitors: Visit) -> None:
    olga = visitors("olga")
    page = olga.go("/admin/figures")
    tile(page, "Posts and replies", "2")
    tile(page, "Here today", "3")
    figure = page.locator("figure", has_text="Posts and replies")
    expect(figure.locator("svg[role=img] .plot-bar")).to_have_count(1)
    figure.get_by_text("As a table").click()
    expect(figure.locator("tbody tr").first.locator("td")).to_have_text("2")
    expect(page.locator(".steps li").first).to_contain_text("3")
    expect(page.locator(".ranked").first).to_contain_text("Tea is ready")
    with page.expect_navigation():
        page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Content by day").click()
    ready = page.locator(".export", has_text="Content by day").get_by_role("link")
    expect(ready).to_be_visible(timeout=15_000)
    with page.expect_download() as download:
        ready.click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("day,kind,id,owner_id,views") and len(lines) == 2
    assert download.value.suggested_filename.startswith("content-")


def test_a_member_sees_how_others_respond(visitors: Visit, house: Site) -> None:
    boris = visitors("boris")
    post = house.people.posts["tea"]["url"]
    page = boris.go(post)
    page.route("https://example.org/**", lambda route: route.fulfill(body="tea"))
    boris.wrong.clear()
    page.locator('.post-focus a[rel~="ugc"]').click()
    page.wait_for_url("https://example.org/tea")
    boris.wrong.clear()  # another host was asked for, as it should be
    anna = visitors("anna")
    page = anna.go("/@anna")
    with page.expect_navigation():
        page.get_by_role("link", name="My figures").first.click()
    tile(page, "Views of my posts", "1")
    tile(page, "New followers", "1")
    counted(page, page.locator("figure", has_text="Links followed").locator("tbody td"), "1")
    expect(page.locator(".ranked")).to_contain_text("Tea is ready")
    with page.expect_navigation():
        page.get_by_role("link", name="Privacy").last.click()
    page.get_by_text("Count what I do as mine").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    expect(page.locator("[name=counted]")).not_to_be_checked()
    page.get_by_text("Count what I do as mine").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    expect(page.locator("[name=counted]")).to_be_checked()


def test_it_works_without_scripts_on_a_phone(visitors: Visit) -> None:
    olga = visitors("olga", scripts=False, viewport=PHONE)
    page = olga.go("/admin/figures?days=90")
    tile(page, "New members", "3")
    with page.expect_navigation():
        page.get_by_role("button", name="Events by day").click()
    for _ in range(30):
        if page.locator(".export", has_text="Events by day").get_by_role("link", name="Download").count():
            break
        page.wait_for_timeout(300)
        page.reload()
    expect(
        page.locator(".export", has_text="Events by day").get_by_role("link", name="Download")
    ).to_be_visible()


@needs_axe
@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("path", ["/admin/figures", "/admin/figures?days=365", "/settings/figures"])
def test_the_pages_are_fit_for_everybody(visitors: Visit, house: Site, path: str, language: str) -> None:
    name = "anna" if path.startswith("/settings") else "olga"
    member = house.people.members[name]
    member.do("PUT", f"/users/{member.id}", locale=language)
    try:
        page = visitors(name, locale=language).go(path)
        expect(page.locator("html")).to_have_attribute("lang", language)
        found = problems(page, language)
        page.locator(".plot-table summary").first.click()
        found += problems(page, language)
        assert not found, "\n".join(found)
    finally:
        member.do("PUT", f"/users/{member.id}", locale="en")
