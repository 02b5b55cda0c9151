"""The way out: by a link, by a mail program, and back."""

import re

import pytest

from samovar.contracts.delivery import LinkInvalid, Resubscribed, Unsubscribed
from samovar.kernel.errors import NotFound
from tests.outside.smtp import MailServer
from tests.services.delivery.helpers import Ear, became, letter, send
from tests.world import World

VALUES = {"title": "Boris replied", "text": "Tea is ready", "url": "/posts/5"}


def reply(number: int, **more: object):  # type: ignore[no-untyped-def]
    return letter(f"test:{number}:email", template="notification", category="replied", data=VALUES, **more)


async def path_of(house: World, post: MailServer) -> str:
    """The unsubscribe link of a fresh letter, without its host."""
    await send(house, reply(1))
    header = post.letters[-1]["List-Unsubscribe"]
    assert post.letters[-1]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(r"<http://localhost:8000(/unsubscribe/[\w-]+)>", header)
    assert found, header
    for kind in ("plain", "html"):
        assert found[1] in post.letters[-1].get_body((kind,)).get_content()  # type: ignore[union-attr]
    return found[1]


async def test_a_mail_program_unsubscribes_with_one_click(house: World, post: MailServer) -> None:
    path, ear = await path_of(house, post), Ear(house)
    async with house.http(origin="https://mail.example", **{"sec-fetch-site": "cross-site"}) as program:
        body = {"content-type": "application/x-www-form-urlencoded"}
        answer = await program.post(path, content="List-Unsubscribe=One-Click", headers=body)
    assert answer.status_code == 200
    await send(house, reply(2), letter("test:3:email", category="system"))
    assert ear.heard == [Unsubscribed(user_id=7, channel="email", category="replied")]
    assert [mail["Message-ID"] for mail in post.letters[1:]] == ["<test.3.email@localhost>"]
    sent = await became(house, "test:2:email")
    assert (sent.state, sent.reason, sent.attempts) == ("suppressed", "unsubscribed", ())


async def test_looking_changes_nothing_and_it_can_be_taken_back(house: World, post: MailServer) -> None:
    path, ear = await path_of(house, post), Ear(house)
    async with house.browser() as browser:
        for _ in range(2):
            page = await browser.get(path)
            assert page.status_code == 200 and "No more of these?" in page.text and "Replies" in page.text
            assert page.headers["x-robots-tag"] == "noindex"
        assert ear.heard == []
        done = await browser.post(path)
        assert "You get no more messages of this kind" in done.text
        assert "I want them after all" in (await browser.get(path)).text
        back = await browser.post(path, data={"again": "1"})
        assert "No more of these?" in back.text
    await send(house, reply(2))
    assert (
        ear.heard
        == [
            Unsubscribed(user_id=7, channel="email", category="replied"),
            Resubscribed(user_id=7, channel="email", category="replied"),
        ]
        or house.kind == "real"
    )
    assert len(post.letters) == 2


async def test_only_this_page_may_be_posted_to_from_elsewhere(house: World, post: MailServer) -> None:
    await path_of(house, post)
    async with house.http(origin="https://evil.example", **{"sec-fetch-site": "cross-site"}) as program:
        for path in ("/forgot", "/unsubscribed", "/login", "/api/auth/forgot"):
            assert (await program.post(path)).status_code in (403, 404), path


async def test_forged_links(house: World, post: MailServer) -> None:
    token = (await path_of(house, post)).rpartition("/")[2]
    other = house.stranger.delivery
    for forged in (
        "",
        "x",
        token[:-1],
        token[:-4] + "AAAA",
        "A" + token[1:],
        token + "A",
        "é" * 50,
        "A" * 9999,
    ):
        for call in (other.look_up_link, other.unsubscribe, other.resubscribe):
            with pytest.raises(LinkInvalid):
                await call(token=forged)
    async with house.browser() as browser:
        for forged in ("x", token[:-1], "%00", "%C3%28"):
            answer = await browser.get(f"/unsubscribe/{forged}")
            assert answer.status_code in (400, 404), forged
    found = await other.look_up_link(token=token)
    assert (found.user_id, found.category, found.unsubscribed) == (7, "replied", False)


async def test_letters_about_the_account_come_nevertheless(house: World, post: MailServer) -> None:
    path = await path_of(house, post)
    async with house.browser() as browser:
        await browser.post(path)
    values = {"username": "anna", "url": "/verify/abc", "hours": "24"}
    await send(house, letter("test:9:email", template="verify_email", category="account", data=values))
    assert post.letters[-1]["Subject"].startswith("Confirm") and "List-Unsubscribe" not in post.letters[-1]


async def test_wanting_them_again_elsewhere(house: World, post: MailServer) -> None:
    path = await path_of(house, post)
    async with house.browser() as browser:
        await browser.post(path)
    with pytest.raises(NotFound):
        await house.as_(7).delivery.allow(user_id=7, channel="email", category="replied")
    await house.system.delivery.allow(user_id=7, channel="email", category="")
    await send(house, reply(2))
    assert len(post.letters) == 2
