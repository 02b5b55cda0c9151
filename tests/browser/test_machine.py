"""The operator's rooms: fit for everybody and for a phone, whole without scripts; and a dead letter that is
tried again has its effect."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import httpx
import pytest
from playwright.sync_api import Browser, expect

from samovar.contracts.graph import FollowCreated
from samovar.kernel.contract import encode
from samovar.kernel.outbox import Envelope
from tests.browser.community import PASSWORD, Community, Member, register
from tests.browser.conftest import PHONE, Site, Visitor, arrive
from tests.browser.test_pages import look, needs_axe
from tests.serving import Server

ROOMS = ("jobs", "jobs?service=posts&state=all", "dead-letters", "logs", "metrics", "settings")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose admin is Olga."""
    data = tmp_path_factory.mktemp("machine")
    server = Server(data, {"SAMOVAR_IDENTITY__REGISTER_BURST": "1000", "SAMOVAR_LOGS__DAYS": "3"})
    try:
        server.start_aside()
        with httpx.Client(base_url=server.url, timeout=30) as http:
            people = Community({name: register(http, name) for name in ("olga", "anna", "boris")})
            command = (sys.executable, "-m", "samovar.app.cli", "user", "promote")
            subprocess.run([*command, "--data", str(data), "olga", "--role", "admin"], check=True, timeout=60)
            settled(people.members["olga"])
            give_up(data, 1, "KeyError('tea')")
            yield Site(server.url, data, people)
        assert server.stop() == 0
    finally:
        server.end()


def settled(admin: Member, limit: float = 20) -> None:
    """Wait until the new role is believed and the process has figures to show."""
    until = time.monotonic() + limit + 15
    while time.monotonic() < until:
        answer = admin.http.get("/api/admin/metrics", headers={"authorization": f"Bearer {admin.token}"})
        if answer.status_code == 200 and len(answer.json()["samples"]) >= 2:
            return
        time.sleep(0.2)
    raise AssertionError("the admin was not believed, or nothing was measured")


def give_up(data: Path, number: int, error: str, payload: str = '{"user_id":"odd"}', kind: str = "") -> None:
    """Have notifications given an event up."""
    sent = Envelope(
        id=number, type=kind or FollowCreated.TYPE, source="graph", key=str(number), version=1, time=0,
        payload=payload,
    )  # fmt: skip
    db = apsw.Connection(str(data / "samovar.db"))
    db.set_busy_timeout(10_000)
    db.execute(
        "INSERT INTO notifications_retries (event_id, key, envelope, attempts, next_at, state, error) "
        "VALUES (?, ?, ?, 5, 0, 'dead', ?)",
        (number, str(number), encode(sent).decode(), error),
    )
    db.close()


@pytest.fixture
def olga(house: Site, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Make visits of the admin; at the end nothing may have gone wrong in any of them."""
    visitors: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        visitor = arrive(house, chromium, **options)
        visitors.append(visitor)
        with house.http() as http:
            form = {"username": "olga", "password": PASSWORD}
            answer = http.post("/login", data=form, headers={"sec-fetch-site": "same-origin"})
        cookie = {"name": "samovar", "value": answer.cookies["samovar"], "url": house.url}
        visitor.context.add_cookies([cookie])  # type: ignore[list-item]
        return visitor

    yield make
    wrong = [text for visitor in visitors for text in visitor.wrong]
    for visitor in visitors:
        visitor.context.close()
    assert not wrong, "\n".join(wrong)


@needs_axe
@pytest.mark.parametrize("language", ["en", "ru"])
def test_rooms_are_fit_for_everybody(olga: Callable[..., Visitor], house: Site, language: str) -> None:
    member = house.people.members["olga"]
    member.do("PUT", f"/users/{member.id}", locale=language)
    visitor = olga(locale=language)
    found = [f"{room}: {text}" for room in ROOMS for text in look(visitor, f"/admin/{room}", language)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_dead_letter_tried_again_has_its_effect(
    olga: Callable[..., Visitor], house: Site, scripts: bool
) -> None:
    people = house.people.members
    member = people["olga"]
    member.do("PUT", f"/users/{member.id}", locale="en")
    anna, boris = people["anna"], people["boris"]
    # As a listener with a mistake leaves it: the follow happened, Boris was not told.
    told, follower = (boris, anna) if scripts else (anna, boris)
    event = FollowCreated(follower_id=int(follower.id), followee_id=int(told.id), created_at=1)
    number = 7_000_000 + scripts
    give_up(house.data, number, "RuntimeError('the kettle was cold')", encode(event).decode())
    before = len(told.do("GET", f"/notifications/{told.id}")["items"])

    visitor = olga(scripts=scripts, viewport=PHONE)
    page = visitor.go("/admin/dead-letters?service=notifications")
    letter = page.locator("article", has_text="the kettle was cold")
    expect(letter).to_contain_text("samovar.graph.v1.FollowCreated")
    letter.get_by_text("What it says").click()
    expect(letter.locator("pre")).to_contain_text(follower.id)
    letter.locator("input[type=checkbox]").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Try the chosen again").click()
    expect(page.locator("body")).to_contain_text("They are on their way again")
    expect(page.locator("article", has_text="the kettle was cold")).to_have_count(0)
    expect(page.locator("article", has_text="KeyError('tea')")).to_have_count(1)

    until = time.monotonic() + 20
    while time.monotonic() < until:
        items = told.do("GET", f"/notifications/{told.id}")["items"]
        if len(items) > before:
            break
        time.sleep(0.1)
    assert [item["type"] for item in items][:1] == ["followed"]


def test_throwing_away_asks_first(olga: Callable[..., Visitor], house: Site) -> None:
    member = house.people.members["olga"]
    member.do("PUT", f"/users/{member.id}", locale="en")
    give_up(house.data, 9, "RuntimeError('to be thrown away')")
    page = olga().go("/admin/dead-letters")
    page.locator("article", has_text="to be thrown away").locator("input[type=checkbox]").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Throw the chosen away").click()
    expect(page.locator("main")).to_contain_text("This can’t be taken back")
    with page.expect_navigation():
        page.get_by_role("button", name="Throw away").click()
    expect(page.locator("body")).to_contain_text("They are thrown away")
    expect(page.locator("article", has_text="to be thrown away")).to_have_count(0)


def test_a_limit_is_changed_and_given_back(olga: Callable[..., Visitor], house: Site) -> None:
    member = house.people.members["olga"]
    member.do("PUT", f"/users/{member.id}", locale="en")
    page = olga(scripts=False, viewport=PHONE).go("/admin/settings")
    rule = page.locator("#limit-upload")
    rule.locator("[name=rule]").fill("3 at once, 1 a minute")
    with page.expect_navigation():
        rule.get_by_role("button", name="Save").click()
    expect(rule).to_contain_text("changed")
    expect(rule).to_contain_text("60 at once, 30 a minute")
    found = {one["action"]: one["rule"] for one in member.do("GET", "/admin/limits")["items"]}
    assert found["upload"] == "3 at once, 1 a minute"
    with page.expect_navigation():
        rule.get_by_role("button", name="As the settings say").click()
    expect(rule.locator("[name=rule]")).to_have_value("60 at once, 30 a minute")


def test_the_log_finds_what_was_said(olga: Callable[..., Visitor], house: Site) -> None:
    member = house.people.members["olga"]
    member.do("PUT", f"/users/{member.id}", locale="en")
    page = olga().go("/admin/logs?q=ready")
    expect(page.locator("article", has_text="ready").first).to_contain_text(house.url)
    page.fill("[name=q]", "nothing of that sort")
    with page.expect_navigation():
        page.get_by_role("button", name="Search").click()
    expect(page.locator("main")).to_contain_text("Nothing was said")
