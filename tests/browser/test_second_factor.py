"""The second factor, devices, and letters with links."""

import re
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.community import PASSWORD
from tests.browser.conftest import Site, Visitor
from tests.browser.test_journey import fresh_name

Visit = Callable[..., Visitor]


def code(secret: str, step: int = 0) -> str:
    """The code of this half minute, or of a later one: each works once."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * step)


def type_password(page: Page, name: str) -> None:
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.click(".card .btn-main")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_on_used_and_off(visit: Visit, scripts: bool) -> None:
    one = visit(scripts)
    one.expected = {422}
    name = fresh_name()
    one.join(name)
    page = one.go("/settings/security")
    page.fill("[name=password]", "not mine")
    page.locator("form .btn-main").last.click()
    expect(page.locator("#e-password")).to_have_text("This is not your password.")
    page.fill("[name=password]", PASSWORD)
    page.locator("form .btn-main").last.click()
    expect(page.locator("img.qr")).to_be_visible()
    assert page.locator("img.qr").evaluate("image => image.complete && image.naturalWidth > 0")
    uri = page.locator("[name=uri]").input_value()
    secret = page.locator("[name=secret]").input_value()
    assert parse_qs(urlsplit(uri).query)["secret"] == [secret]
    page.fill("[name=otp]", "000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#e-otp")).to_be_visible()
    assert page.locator("[name=secret]").input_value() == secret
    page.fill("[name=otp]", code(secret))
    page.get_by_role("button", name="Confirm").click()
    codes = page.locator(".codes li").all_inner_texts()
    assert len(codes) >= 8
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator(".note-good")).to_contain_text("The second factor is on.")

    # In again with a code.
    one.go("/logout")
    page.click(".card .btn-main")
    one.go("/login?back=/bookmarks")
    type_password(page, name)
    expect(page.locator("h1")).to_have_text("Second step")
    page.fill("[name=otp]", "123 000")
    page.click(".card .btn-main")
    expect(page.locator("#e-otp")).to_be_visible()
    page.fill("[name=otp]", code(secret, 1))
    page.click(".card .btn-main")
    page.wait_for_url("**/bookmarks")

    # And with a recovery code, which works once.
    one.go("/logout")
    page.click(".card .btn-main")
    one.go("/login")
    type_password(page, name)
    page.fill("[name=otp]", codes[0])
    page.click(".card .btn-main")
    page.wait_for_url(f"{one.site.url}/")
    one.go("/settings/security")
    expect(page.locator(".note-good")).to_contain_text(f"{len(codes) - 1} recovery codes are left.")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=otp]", codes[1])
    page.get_by_role("button", name="Turn off").click()
    expect(page.locator(".toast")).to_contain_text("The second factor is off")
    one.go("/logout")
    page.click(".card .btn-main")
    one.sign_in(name)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_device_is_signed_out_from_afar(visit: Visit, scripts: bool) -> None:
    name = fresh_name()
    here = visit(scripts)
    here.join(name)
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    phone, tablet = visit(scripts, user_agent=agent), visit(scripts)
    phone.sign_in(name)
    tablet.sign_in(name)
    page = here.go("/settings/sessions")
    expect(page.locator(".session")).to_have_count(3)
    expect(page.get_by_text("this device")).to_have_count(1)
    page.locator(".session", has_text="Firefox").get_by_role("button").click()
    expect(page.locator(".session")).to_have_count(2)
    phone.go("/bookmarks")
    assert "/login?back=/bookmarks" in phone.page.url
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.locator(".session")).to_have_count(1)
    for _ in range(40):  # the edge believes a session for seconds
        tablet.go("/bookmarks")
        if "/login" in tablet.page.url:
            break
        tablet.page.wait_for_timeout(250)
    assert "/login?back=/bookmarks" in tablet.page.url
    here.go("/bookmarks")
    expect(page.locator("h1")).to_have_text("Bookmarks")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_letters_confirm_the_address_and_bring_a_new_password(
    visit: Visit, site: Site, scripts: bool
) -> None:
    one = visit(scripts)
    one.expected = {400, 422}
    name = fresh_name()
    one.join(name)
    page = one.go("/settings/account")
    expect(page.get_by_text("not confirmed")).to_be_visible()
    wait_for_link(one, site, name, "verify")  # the one that came with the account; the next takes its place
    page.get_by_role("button", name="Send the letter again").click()
    expect(page.locator(".toast")).to_contain_text("A letter is on its way")
    link = wait_for_link(one, site, name, "verify", letters=2)
    one.go(link)
    expect(page.locator("h1")).to_have_text("Your address is confirmed")
    one.go("/verify/nonsense")
    expect(page.locator("h1")).to_have_text("This link no longer works")

    one.go("/logout")
    page.click(".card .btn-main")
    one.go("/forgot")
    page.fill("[name=email]", f"{name}@example.org")
    page.click(".card .btn-main")
    expect(page.locator("h1")).to_have_text("Look into your mail")
    link = wait_for_link(one, site, name, "reset")
    one.go(link)
    page.fill("[name=password]", "another kettle altogether")
    page.click(".card .btn-main")
    page.wait_for_url("**/login")
    one.sign_in(name, "another kettle altogether")
    one.go(link)
    page.fill("[name=password]", "and a third kettle")
    page.click(".card .btn-main")
    expect(page.locator("h1")).to_have_text("This link no longer works")


def wait_for_link(visitor: Visitor, site: Site, name: str, path: str, letters: int = 1) -> str:
    """The address in the newest letter that has such a link, once as many have come."""
    found: list[str] = []
    for _ in range(60):
        found = [
            match[1]
            for text in site.letters(f"{name}@example.org")
            if (match := re.search(rf"(/{path}/[\w\-.]+)", text.replace("=\n", "")))
        ]
        if len(found) >= letters:
            return found[0]
        visitor.page.wait_for_timeout(100)
    raise AssertionError(f"{len(found)} letters instead of {letters}")
