"""The log: one's own for everybody, all for admins, forgotten in time; and whom letters go to."""

import pytest

from samovar.contracts.identity import IDENTITY
from samovar.contracts.personal import PERSONAL
from samovar.kernel.clock import DAY, SECOND
from samovar.kernel.errors import Forbidden, Invalid, NotFound, Unauthenticated
from tests.outside.smtp import MailServer
from tests.services.delivery.helpers import became, letter, send
from tests.services.identity.helpers import sign_in
from tests.world import World


async def verified(house: World, post: MailServer, name: str):  # type: ignore[no-untyped-def]
    """A member whose address is proved by the letter that came."""
    member = await house.person(name)
    text = post.to(f"{name}@example.org")[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    token = text.partition("/verify/")[2].split()[0]
    await house.stranger.identity.verify_email(token=token)
    return member


async def test_letters_go_to_the_persons_own_address_in_their_language(
    house: World, post: MailServer
) -> None:
    anna = await verified(house, post, "anna")
    await house.stranger.identity.register(
        username="vera", email="vera@example.org", password="a quiet kettle hums", locale="ru", device="",
        browser=False,
    )  # fmt: skip
    await house.drain()
    vera = (await house.stranger.identity.by_username(usernames=["vera"])).items[0].id
    post.letters.clear()
    unwritten = {"address": "", "locale": ""}
    with house.queries(max=1000) as asked:
        await send(
            house,
            letter("test:1:email", user_id=anna.id, **unwritten),
            letter("test:2:email", user_id=vera, **unwritten),
            letter("test:3:email", user_id=vera, category="account", **unwritten),
            letter("test:4:email", user_id=1 << 60, **unwritten),
        )
    if house.kind == "embedded":
        assert sum("FROM identity_account" in sql for sql in asked.log) == 1, "people are asked for at once"
    assert sorted((str(mail["To"]), str(mail["Subject"])) for mail in post.letters) == [
        ("anna@example.org", "A test - Samovar"),
        ("vera@example.org", "Проверка - Samovar"),
    ]
    assert (await became(house, "test:1:email", anna.id)).address == "a***@e***.org"
    unproved = await became(house, "test:2:email", vera)
    assert (unproved.state, unproved.reason) == ("suppressed", "the address is not confirmed")
    assert (await became(house, "test:4:email", 1 << 60)).state == "suppressed"


async def test_addresses_of_members_are_for_services_alone(house: World) -> None:
    anna = await house.person("anna")
    for caller in (house.stranger, anna, house.as_(anna.id, "admin")):
        with pytest.raises(NotFound):
            await caller.of(IDENTITY, "").contacts(ids=[anna.id])


async def test_one_sees_ones_own_log(house: World, post: MailServer) -> None:
    anna, boris = await house.person("anna"), await house.person("boris")
    await send(house, *[letter(f"test:{n}:email", user_id=anna.id) for n in range(5)])
    page = await anna.delivery.deliveries(user_id=0, id="", cursor="", limit=4)
    assert [sent.id for sent in page.items] == [f"test:{n}:email" for n in (4, 3, 2, 1)] and page.next
    rest = await anna.delivery.deliveries(user_id=anna.id, id="", cursor=page.next, limit=4)
    assert [sent.template for sent in rest.items] == ["test", "verify_email"] and not rest.next
    with pytest.raises(Forbidden):
        await boris.delivery.deliveries(user_id=anna.id, id="", cursor="", limit=4)
    with pytest.raises(Forbidden):
        await house.as_(boris.id, "moderator").delivery.deliveries(user_id=anna.id, id="", cursor="", limit=4)
    with pytest.raises(Unauthenticated):
        await house.stranger.delivery.deliveries(user_id=0, id="", cursor="", limit=4)
    with pytest.raises(Invalid):
        await anna.delivery.deliveries(user_id=0, id="", cursor="x", limit=4)
    admin = house.as_(boris.id, "admin")
    found = await admin.delivery.deliveries(user_id=anna.id, id="test:3:email", cursor="", limit=100)
    assert [sent.id for sent in found.items] == ["test:3:email"]
    for strange in ("\x00", "x" * 500, "%", "é"):
        nothing = await anna.delivery.deliveries(user_id=0, id=strange, cursor="", limit=4)
        assert nothing.items == ()
    # Nobody finds somebody else's message by its id.
    none = await boris.delivery.deliveries(user_id=0, id="test:3:email", cursor="", limit=4)
    assert none.items == ()


async def test_the_log_by_http(house: World, post: MailServer) -> None:
    anna = await house.person("anna")
    await house.person("boris")
    await send(house, letter("test:1:email", user_id=anna.id, category="replied"))
    grants = [await sign_in(house.stranger, name) for name in ("anna", "boris")]
    async with house.http(grants[0].access_token) as http:
        answer = (await http.get("/api/deliveries", params={"limit": 1})).json()
        assert answer["next"] and answer["items"][0]["id"] == "test:1:email"
        assert answer["items"][0]["attempts"][0]["provider"] == "smtp"
        assert answer["items"][0]["address"] == "a***@e***.org"
        assert (await http.get("/api/deliveries", params={"user": "x"})).status_code == 400
    async with house.http(grants[1].access_token) as http:
        assert (await http.get("/api/deliveries", params={"user": str(anna.id)})).status_code == 403
    async with house.http() as http:
        assert (await http.get("/api/deliveries")).status_code == 401


async def test_the_page_of_ones_log(house: World, post: MailServer) -> None:
    anna = await house.person("anna")
    async with house.browser() as browser:
        assert (await browser.get("/settings/messages")).status_code in (302, 303)
        await browser.post("/login", data={"username": "anna", "password": "a quiet kettle hums"})
        post.recipients["anna@example.org"] = "550 5.1.1 <b>nobody</b>"
        await send(house, letter("test:1:email", user_id=anna.id, category="replied"))
        page = (await browser.get("/settings/messages")).text
    assert "About the account" in page and "Taken by the provider" in page
    assert "The address does not work" in page and "&lt;b&gt;nobody" in page and "<b>nobody" not in page


async def test_the_log_is_forgotten(house: World, post: MailServer) -> None:
    post.recipients["boris@example.org"] = "550 5.1.1 nobody"
    await send(house, letter(), letter("test:2:email", address="boris@example.org"))
    house.clock.advance(29 * DAY / SECOND)
    await send(house, letter("test:3:email"))
    house.clock.advance(2 * DAY / SECOND)
    await house.drain()
    page = await house.system.delivery.deliveries(user_id=7, id="", cursor="", limit=10)
    assert [sent.id for sent in page.items] == ["test:3:email"]
    stored = await house.stored()
    assert len(stored["delivery_attempt"]) == 1 and stored["delivery_dead"] == []


async def test_nothing_is_left_of_a_person(house: World, post: MailServer) -> None:
    post.recipients["anna@example.org"] = "550 5.1.1 nobody"
    await send(house, letter(category="replied"), letter("test:2:email", user_id=8, address="b@example.org"))
    with pytest.raises(NotFound):
        await house.as_(7).of(PERSONAL, "delivery").erase(user_id=7)
    await house.system.of(PERSONAL, "delivery").erase(user_id=7)
    stored = await house.stored()
    assert [row["user_id"] for row in stored["delivery_message"]] == [8]
    assert len(stored["delivery_attempt"]) == 1 and stored["delivery_dead"] == []


async def test_only_services_report_bounces(house: World) -> None:
    await send(house, letter())
    for caller in (house.stranger, house.as_(7), house.as_(7, "admin")):
        with pytest.raises(NotFound):
            await caller.delivery.report_bounce(id="test:1:email", permanent=True, reason="")
    with pytest.raises(NotFound):
        await house.system.delivery.report_bounce(id="test:none", permanent=True, reason="")
    with pytest.raises(NotFound):
        await house.system.delivery.report_bounce(id="\x00", permanent=True, reason="")
