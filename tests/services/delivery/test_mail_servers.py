"""Mail servers that refuse, hang, drop and lie."""

import asyncio

import pytest

from samovar.contracts.delivery import AddressGone
from samovar.kernel.clock import SECOND
from tests.outside.smtp import MailServer, mail_server
from tests.services.delivery.helpers import Ear, became, letter, send
from tests.world import World

IMPATIENT = pytest.mark.settings(SAMOVAR_DELIVERY__TIME_LIMIT_SECONDS=0.5)


@pytest.mark.parametrize(
    ("said", "state", "gone"),
    [
        ("550 5.1.1 no such user", "bounced", True),
        ("550 no such user", "bounced", True),
        ("553 5.1.3 what is that", "bounced", True),
        ("550 5.7.1 you are on a list", "failed", False),
        ("554 go away", "failed", False),
        ("552 5.2.2 mailbox is full", "deferred", False),
        ("450 4.2.0 greylisted", "deferred", False),
        ("452 4.2.2 mailbox is full", "deferred", False),
    ],
)
async def test_a_recipient_is_refused(
    house: World, post: MailServer, said: str, state: str, gone: bool
) -> None:
    post.recipients["anna@example.org"] = said
    ear = Ear(house)
    await send(house, letter(), letter("test:2:email", address="boris@example.org", user_id=8))
    sent = await became(house, "test:1:email")
    assert sent.state == state and sent.attempts[0].detail == said and sent.reason == said
    # The other one's letter went the same way at the same time.
    assert (await became(house, "test:2:email", 8)).state == "accepted"
    expected = AddressGone(user_id=7, channel="email", address="anna@example.org")
    assert ear.heard == ([expected] if gone else [])


async def test_nothing_goes_to_a_dead_address_but_letters_about_the_account(
    house: World, post: MailServer
) -> None:
    post.recipients["anna@example.org"] = "550 5.1.1 no such user"
    await send(house, letter())
    post.recipients.clear()
    await send(house, letter("test:2:email", address="ANNA@example.org"))
    assert (await became(house, "test:2:email")).state == "suppressed"
    await send(house, letter("test:3:email", category="account"))
    assert (await became(house, "test:3:email")).state == "accepted"
    # It took a letter, so it lives.
    await send(house, letter("test:4:email"))
    assert (await became(house, "test:4:email")).state == "accepted" and len(post.letters) == 2


async def test_a_server_that_does_not_know_us_is_left_alone(house: World, post: MailServer) -> None:
    post.sender = "550 5.7.1 who are you"
    await send(house, *[letter(f"test:{n}:email", address=f"a{n}@example.org") for n in range(20)])
    states = [(await became(house, f"test:{n}:email")).state for n in range(20)]
    assert set(states) == {"deferred", "queued"} and states.count("queued") >= 4
    post.sender = ""
    house.clock.advance(120)
    await house.drain()
    house.clock.advance(600)
    await house.drain()
    assert len(post.letters) == 20


async def test_a_letter_that_the_server_does_not_like(house: World, post: MailServer) -> None:
    post.data = "554 5.6.0 smells of spam"
    await send(house, letter())
    sent = await became(house, "test:1:email")
    assert (sent.state, sent.reason) == ("failed", "554 5.6.0 smells of spam")


@IMPATIENT
async def test_a_server_that_hangs_holds_up_nobody_else(house: World, post: MailServer) -> None:
    """The request is answered at once, and other channels go on."""
    post.open.clear()
    await house.system.delivery.send(messages=[letter()])
    sending = asyncio.create_task(house.house.workers["delivery"].step())
    await post.hanging.wait()
    assert (await became(house, "test:1:email")).state == "sending"
    await house.system.delivery.send(messages=[letter("test:2:email")])
    assert (await became(house, "test:2:email")).state == "queued"
    await sending
    sent = await became(house, "test:1:email")
    assert sent.state == "deferred" and "no answer" in sent.reason
    post.open.set()
    house.clock.advance(60)
    await house.drain()
    assert [(await became(house, f"test:{n}:email")).state for n in (1, 2)] == ["accepted", "accepted"]


async def test_a_server_that_drops_the_line_gets_the_same_letter_again(
    house: World, post: MailServer
) -> None:
    post.drop = "after"
    await send(house, letter())
    assert (await became(house, "test:1:email")).state == "deferred"
    post.drop = ""
    house.clock.advance(60)
    await house.drain()
    # Nobody can know whether it was taken, so it comes twice; its id says that it is one letter.
    assert [mail["Message-ID"] for mail in post.letters] == ["<test.1.email@localhost>"] * 2
    sent = await became(house, "test:1:email")
    assert [attempt.outcome for attempt in sent.attempts] == ["deferred", "accepted"]


async def test_a_server_that_takes_less_than_a_letter(house: World) -> None:
    async with mail_server(data_size_limit=500) as small:
        house.house.backends.mail._options["port"] = small.port  # type: ignore[attr-defined]
        await send(house, letter())
        sent = await became(house, "test:1:email")
        assert sent.state == "failed" and "500 bytes" in sent.reason


async def test_a_server_that_lies_about_what_it_takes(house: World, post: MailServer) -> None:
    post.data = "552 5.3.4 too much after all"
    await send(house, letter())
    assert (await became(house, "test:1:email")).state == "failed"
    # The connection is still good for others.
    post.data = ""
    await send(house, letter("test:2:email"))
    assert (await became(house, "test:2:email")).state == "accepted" and post.connections == 1


async def test_no_server_at_all(house: World, post: MailServer) -> None:
    await send(house, letter())
    async with mail_server() as gone:
        free = gone.port
    house.house.backends.mail._options["port"] = free  # type: ignore[attr-defined]
    await house.house.backends.mail.close()
    await send(house, letter("test:2:email"))
    sent = await became(house, "test:2:email")
    assert sent.state == "deferred" and "no connection" in sent.reason


@pytest.mark.settings(
    SAMOVAR_DELIVERY__SMTP_USERNAME="samovar", SAMOVAR_DELIVERY__SMTP_PASSWORD="a quiet kettle"
)
async def test_a_password(house: World, post: MailServer) -> None:
    post.password = "a quiet kettle"
    await send(house, letter())
    assert (await became(house, "test:1:email")).state == "accepted"
    post.password = "another"
    await house.house.backends.mail.close()
    await send(house, letter("test:2:email"))
    sent = await became(house, "test:2:email")
    assert sent.state == "deferred" and "refuses our account" in sent.reason
    assert "kettle" not in repr(sent)


async def test_one_connection_serves_a_burst(house: World, post: MailServer) -> None:
    letters = [letter(f"test:{n}:email", address=f"a{n}@example.org", user_id=100 + n) for n in range(40)]
    await send(house, *letters)
    assert len(post.letters) == 40 and post.connections <= 8
    assert len({mail["To"] for mail in post.letters}) == 40


async def test_a_bounce_that_comes_later(house: World, post: MailServer) -> None:
    ear = Ear(house)
    await send(house, letter(), letter("test:2:email", address="boris@example.org"))
    await house.system.delivery.report_bounce(id="test:1:email", permanent=True, reason="no such\r\nuser")
    await house.system.delivery.report_bounce(id="test:2:email", permanent=False, reason="looks like spam")
    await house.drain()
    sent = await became(house, "test:1:email")
    assert (sent.state, sent.reason) == ("bounced", "no such user")
    assert ear.heard == [AddressGone(user_id=7, channel="email", address="anna@example.org")]
    await send(house, letter("test:3:email"), letter("test:4:email", address="boris@example.org"))
    assert (await became(house, "test:3:email")).state == "suppressed"
    assert (await became(house, "test:4:email")).state == "accepted"
    assert sent.ended_at and sent.created_at <= house.clock.now() + SECOND
