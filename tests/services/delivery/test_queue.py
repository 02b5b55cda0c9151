"""Whose turn it is: priorities, throttling, tries, ends; and processes that die."""

import asyncio
from collections.abc import Sequence

import pytest

from samovar.kernel.clock import MINUTE, SECOND
from tests.outside.smtp import MailServer
from tests.outside.web import Browser, WebServer
from tests.services.delivery.helpers import became, letter, send
from tests.world import World


def many(count: int, first: int = 0, **more: object) -> Sequence[object]:
    return [
        letter(
            f"test:{first + n}:email", address=f"a{first + n}@example.org", user_id=100 + first + n, **more
        )
        for n in range(count)
    ]


@pytest.mark.settings(SAMOVAR_DELIVERY__AT_ONCE=1)
async def test_the_urgent_go_first(house: World, post: MailServer) -> None:
    order = ["low", "normal", "high", "", "low", "high"]
    messages = [
        letter(f"test:{n}:email", address=f"{priority or 'normal'}@example.org", priority=priority)
        for n, priority in enumerate(order)
    ]
    for message in messages:
        # Those that wait longest are not the most urgent.
        await house.system.delivery.send(messages=[message])
        house.clock.advance(1)
    await house.drain()
    names = [str(mail["To"]).partition("@")[0] for mail in post.letters]
    assert names == ["high", "high", "normal", "normal", "low", "low"]


@pytest.mark.settings(SAMOVAR_DELIVERY__EMAIL_BURST=3, SAMOVAR_DELIVERY__EMAIL_PER_HOUR=60)
async def test_one_person_gets_so_many_letters_and_others_theirs(house: World, post: MailServer) -> None:
    flood = [letter(f"test:{n}:email") for n in range(6)]
    await send(house, *flood, *many(2, 50), letter("test:99:email", category="account"))
    assert len(post.to("anna@example.org")) == 3 + 1 and len(post.letters) == 6
    waiting = [s for n in range(6) if (s := await became(house, f"test:{n}:email")).state == "deferred"]
    assert len(waiting) == 3 and not any(sent.attempts for sent in waiting)
    for _ in range(4):
        house.clock.advance(61)
        await house.drain()
    assert len(post.to("anna@example.org")) == 7


@pytest.mark.settings(SAMOVAR_DELIVERY__PROVIDER_BURST=5, SAMOVAR_DELIVERY__PROVIDER_PER_MINUTE=5)
async def test_a_provider_is_given_so_many(house: World, post: MailServer) -> None:
    await send(house, *many(12))
    assert len(post.letters) == 5
    house.clock.advance(60)
    await house.drain()
    assert len(post.letters) == 10
    house.clock.advance(60)
    await house.drain()
    assert len(post.letters) == 12


@pytest.mark.settings(
    SAMOVAR_DELIVERY__ATTEMPTS=4, SAMOVAR_DELIVERY__RETRY_SECONDS=40, SAMOVAR_DELIVERY__RETRY_MOST_SECONDS=120
)
async def test_tries_come_slower_and_end(house: World, post: MailServer) -> None:
    post.recipients["anna@example.org"] = "450 4.2.0 later"
    await send(house, letter(), letter("test:2:email"))
    pauses = []
    for _ in range(3):
        sent = await became(house, "test:1:email")
        pauses.append((sent.due_at - house.clock.now()) / SECOND)
        house.clock.advance(pauses[-1] - 0.001)
        before = len(sent.attempts)
        await house.drain()
        assert len((await became(house, "test:1:email")).attempts) == before, "too early"
        house.clock.advance(0.002)
        await house.drain()
    for pause, whole in zip(pauses, (40, 80, 120), strict=True):
        assert whole / 2 <= pause <= whole, pauses
    sent = await became(house, "test:1:email")
    assert sent.state == "failed" and len(sent.attempts) == 4 and sent.due_at == 0
    other = await became(house, "test:2:email")
    # Two that failed together do not come back together.
    assert other.attempts[1].started_at != sent.attempts[1].started_at


async def test_what_is_of_no_more_use_is_not_sent(house: World, post: MailServer) -> None:
    soon = house.clock.now() + 5 * MINUTE
    post.recipients["anna@example.org"] = "450 4.2.0 later"
    await house.system.delivery.send(messages=[letter(expires_at=soon - 4 * MINUTE)])
    house.clock.advance(120)
    await send(house, letter("test:2:email", expires_at=soon))
    assert (await became(house, "test:1:email")).state == "expired" and not post.letters
    for _ in range(10):
        house.clock.advance(60)
        await house.drain()
    assert (await became(house, "test:2:email")).state == "expired"


async def test_a_process_that_dies_midway(house: World, post: MailServer) -> None:
    """Another takes its message over when its lease is over, not before, and says so in the log."""
    post.open.clear()
    await house.system.delivery.send(messages=[letter(data={"secret": "x"})])
    pump = house.house.built["delivery"].loops[0]
    dying = asyncio.create_task(pump.step())
    await post.hanging.wait()
    for task in asyncio.all_tasks():
        if "Pump._handle" in repr(task.get_coro()):
            task.cancel()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    post.open.set()
    post.letters.clear()
    await house.drain()
    assert (await became(house, "test:1:email")).state == "sending" and not post.letters
    house.clock.advance(200)
    await house.drain()
    sent = await became(house, "test:1:email")
    assert [attempt.outcome for attempt in sent.attempts] == ["unknown", "accepted"]
    assert [mail["Message-ID"] for mail in post.letters] == ["<test.1.email@localhost>"]


async def test_two_processes_share_the_work(house: World, post: MailServer) -> None:
    await house.system.delivery.send(messages=many(60))
    pump = house.house.built["delivery"].loops[0]
    await asyncio.gather(*(pump.step() for _ in range(4)))
    await house.drain()
    ids = [mail["Message-ID"] for mail in post.letters]
    assert len(ids) == 60 == len(set(ids))


async def test_a_dead_mail_server_does_not_hold_up_push(
    house: World, post: MailServer, web: WebServer
) -> None:
    post.sender = "451 4.3.0 come later"
    browser = Browser(web)
    push = letter("test:1:push", channel="push", address=browser.subscription, template="test")
    await send(house, *many(30), push)
    assert len(browser.got) == 1 and not post.letters


async def test_what_a_message_said_is_gone_when_it_is_sent(house: World, post: MailServer) -> None:
    values = {"username": "anna", "url": "/reset/quiet-token-1", "minutes": "60"}
    account = {"template": "reset_password", "category": "account", "data": values}
    await house.system.delivery.send(messages=[letter(**account)])
    rows = (await house.stored())["delivery_message"]
    # Not even while it waits can it be read.
    assert "quiet-token" not in repr(rows) and "anna@example.org" not in repr(rows) and rows[0]["data"]
    await house.drain()
    (row,) = (await house.stored())["delivery_message"]
    assert row["data"] is None and "quiet-token-1" in str(post.letters[0])
    post.recipients["anna@example.org"] = "550 5.1.1 nobody"
    await send(house, letter("test:2:email", **account))
    await send(house, letter("test:3:email", **account, expires_at=house.clock.now() + 1))
    assert all(row["data"] is None for row in (await house.stored())["delivery_message"])


async def test_a_template_that_lacks_a_value(house: World, post: MailServer) -> None:
    await send(house, letter(template="verify_email", category="account"), letter("test:2:email"))
    sent = await became(house, "test:1:email")
    assert sent.state == "failed" and "verify_email needs" in sent.reason
    assert (await became(house, "test:2:email")).state == "accepted"
