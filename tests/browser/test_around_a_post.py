"""The whole way around a post, two people at two browsers: a photo with its words, seen without reloading, an
answer with an animation, and the news of it in the page, by letter and by web push. Then the line is cut."""

import asyncio
import email
import email.policy
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.community import Community, Member, register
from tests.browser.conftest import Site, Visitor, arrive
from tests.browser.test_journey import card
from tests.browser.test_live import here
from tests.outside.web import Browser, WebServer, signed_by, web_server
from tests.services.media.pictures import jpeg, moving
from tests.serving import Server

T = TypeVar("T")


@pytest.fixture
def push_service() -> Iterator[WebServer]:
    """A push service, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    opened = web_server()
    try:
        yield asyncio.run_coroutine_threadsafe(opened.__aenter__(), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(opened.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Site]:
    """A server that tells people soon, and may push to this machine."""
    settings = {
        "SAMOVAR_IDENTITY__REGISTER_BURST": "1000", "SAMOVAR_NOTIFICATIONS__TELL_AFTER": "1",
        "SAMOVAR_NOTIFICATIONS__PUSH_PRIVATE_HOSTS": "127.0.0.1",
        "SAMOVAR_DELIVERY__PUSH_PRIVATE_HOSTS": "127.0.0.1",
    }  # fmt: skip
    server = Server(tmp_path / "house", settings)
    server._settings["SAMOVAR_SITE__PUBLIC_URL"] = server.url
    try:
        server.start_aside()
        yield Site(server.url, server.data, Community())
        assert server.stop() == 0
    finally:
        server.end()


def member(house: Site, http: httpx.Client, name: str) -> Member:
    """A member whose address is confirmed, by the link in the letter."""
    made = register(http, name)
    confirm = eventually(lambda: linked(house, f"{name}@example.org", "/verify/"))
    assert http.get(confirm).status_code == 200
    return made


def letters(house: Site, to: str) -> list[email.message.EmailMessage]:
    """Letters to an address, oldest first."""
    paths = sorted(house.data.rglob("*.eml"), key=lambda path: path.stat().st_mtime)
    parsed = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]
    return [letter for letter in parsed if to in str(letter["to"])]  # type: ignore[misc]


def linked(house: Site, to: str, path: str) -> str | None:
    """The newest link of that kind in somebody's letters, within the site."""
    for letter in reversed(letters(house, to)):
        body = letter.get_body(("plain",))
        found = re.search(
            rf"{re.escape(house.url)}({re.escape(path)}\S+)", body.get_content() if body else ""
        )
        if found:
            return found[1]
    return None


def eventually(look: Callable[[], T | None], limit: float = 30) -> T:
    """What is there soon."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError("it did not come")


@pytest.fixture
def patience() -> Iterator[None]:
    """Films and letters take longer than a click."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


def somebody(house: Site, chromium: Chromium, name: str) -> Visitor:
    visitor = arrive(house, chromium)
    visitor.context.set_default_timeout(30_000)
    visitor.sign_in(name)
    return visitor


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("patience")
def test_around_a_post(house: Site, chromium: Chromium, push_service: WebServer, tmp_path: Path) -> None:
    photo, animation = tmp_path / "photo.jpg", tmp_path / "dance.gif"
    photo.write_bytes(jpeg(2400, 1800))
    animation.write_bytes(moving(frames=8, side=120))
    with house.http() as http:
        anna, boris = member(house, http, "anna"), member(house, http, "boris")
        boris.do("POST", f"/users/{anna.id}/follow")
        device = Browser(push_service)
        key = anna.do("GET", "/notifications/key")["key"]
        subscribe = {"content-type": "application/json", "authorization": f"Bearer {anna.token}"}
        told = http.post("/api/notifications/subscribe", content=device.subscription, headers=subscribe)
        assert told.status_code == 201, told.text
        hers, his = somebody(house, chromium, "anna"), somebody(house, chromium, "boris")
        cut, lines = False, []

        def between(socket: WebSocketRoute) -> None:
            if cut:
                socket.close()
                return
            socket.connect_to_server()
            lines.append(socket)

        hers.page.route_web_socket("**/ws*", between)
        his.go("/")
        here(his.page)

        # She posts a photo; its way up is seen.
        page = hers.go("/compose")
        page.evaluate(
            "window.seen = 0; new MutationObserver(() => {"
            " if (document.querySelector('progress')) window.seen++;"
            "}).observe(document.body, {subtree: true, childList: true, attributes: true})"
        )
        page.set_input_files("input[type=file]", str(photo))
        expect(page.locator("[name=media_ids]")).to_have_count(1)
        assert page.evaluate("window.seen") > 0
        page.fill("[name=media_alt]", "A cup on a blue cloth")
        page.fill("[name=text]", "The first frost")
        page.click(".composer-send")
        page.wait_for_selector(".post-focus img[alt='A cup on a blue cloth']")
        here(page)

        # He sees it without reloading, reacts and answers with an animation.
        his.page.click(".live-pill")
        shown = card(his.page, "The first frost")
        expect(shown.locator("img[alt='A cup on a blue cloth']")).to_be_visible()
        shown.locator(".act-like").click()
        expect(shown.locator(".act-like .n")).to_have_text("1")
        expect(page.locator(".post-focus .act-like .n")).to_have_text("1")
        his.page.goto(page.url)
        his.page.set_input_files("#c-replies input[type=file]", str(animation))
        expect(his.page.locator("#c-replies [name=media_ids]")).to_have_count(1)
        his.page.fill("#c-replies [name=text]", "It dances")
        his.page.click("#c-replies .composer-send")

        # She has the answer on the page, the number at her inbox, a push and a letter.
        expect(page.locator("#replies .prose")).to_have_text(["It dances"])
        expect(page.locator("[data-live=inbox]").first).not_to_have_attribute("data-count", "0")
        note = eventually(lambda: next(iter(device.got), None))
        assert "boris" in note["title"]
        assert signed_by(push_service.requests[0], key)["sub"]
        way_out = eventually(lambda: linked(house, "anna@example.org", "/unsubscribe/"))
        (letter,) = [one for one in letters(house, "anna@example.org") if one["list-unsubscribe"]]
        assert letter["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
        assert http.post(way_out, data={"List-Unsubscribe": "One-Click"}).status_code == 200

        def silenced() -> bool:
            return not anna.do("GET", "/notifications/preferences")["types"]["replied"]["email"]

        eventually(silenced)

        # The line is cut while more comes, and nothing is missing afterwards.
        cut = True
        for line in lines:
            line.close()
        expect(page.locator("#live-off")).to_be_visible()
        post_id = page.url.rpartition("/")[2]
        boris.post("And again", in_reply_to_id=post_id)
        boris.post("And once more", in_reply_to_id=post_id)
        cut = False
        expect(page.locator("#live-off")).to_be_hidden()
        expect(page.locator("#replies .prose")).to_have_text(["It dances", "And again", "And once more"])
        page.goto(f"{house.url}/inbox")
        expect(page.locator("#inbox article")).to_have_count(5)  # a follow, a like and three replies
        assert hers.wrong == [] and his.wrong == []
        hers.context.close()
        his.context.close()
