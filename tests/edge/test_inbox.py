"""The inbox as a page and over the API."""

from tests.edge.test_pages import member
from tests.services.posts.helpers import write
from tests.world import World


async def id_of(world: World, name: str) -> int:
    """The id of somebody whose browser is at hand."""
    return (await world.stranger.profiles.by_username(usernames=(name,))).items[0].id


async def test_a_follow_and_a_mention_are_in_the_inbox(world: World) -> None:
    browser = await member(world, "anna")
    boris = await world.person("boris")
    home = (await browser.get("/")).text
    assert 'data-live="inbox" data-count="0" hidden' in home
    await boris.graph.follow(user_id=await id_of(world, "anna"))
    post = await write(boris, "Come to tea, @anna <b>")
    await world.drain()
    assert 'data-live="inbox" data-count="2"' in (await browser.get("/")).text
    page = (await browser.get("/inbox")).text
    assert page.index("mentioned you") < page.index("follows you now")
    assert "Come to tea, @anna &lt;b&gt;" in page
    line = (await browser.get("/api/notifications")).json()["items"][0]
    opened = await browser.get(line["url"])
    assert (opened.status_code, opened.headers["location"]) == (303, f"/@boris/{post.id}")
    assert (await browser.get("/api/notifications")).json()["unread"] == 1
    assert (await browser.post("/inbox/read", data={"back": "/inbox"})).headers["location"] == "/inbox"
    assert (await browser.get("/api/notifications")).json()["unread"] == 0


async def test_the_api_is_ones_own(world: World) -> None:
    browser = await member(world, "anna")
    boris = await world.person("boris")
    own = await id_of(world, "anna")
    assert (await browser.get(f"/api/notifications/{own}")).json() == {"items": [], "next": None, "unread": 0}
    assert (await browser.get(f"/api/notifications/{boris.id}")).status_code == 404
    assert (await world.http().get("/api/notifications")).status_code == 401
    assert (await browser.get("/api/notifications?filter=nonsense")).status_code == 400


async def test_preferences_over_the_api_and_the_page(world: World) -> None:
    browser = await member(world, "anna")
    found = (await browser.get("/api/notifications/preferences")).json()
    assert found["types"]["mentioned"] == {
        "inbox": True, "email": True, "push": True, "other": True, "people": "everyone",
    }  # fmt: skip
    change = {
        "types": {"reacted": {"inbox": True, "email": True, "push": False, "other": False}},
        "quiet": {"begin": 1320, "end": 480}, "time_zone": "Europe/Moscow", "digest": {"every": "weekly"},
    }  # fmt: skip
    changed = (await browser.put("/api/notifications/preferences", json=change)).json()
    assert (
        changed["types"]["reacted"]["email"] and changed["types"]["mentioned"] == found["types"]["mentioned"]
    )
    assert (changed["quiet"], changed["digest"]["every"]) == ({"begin": 1320, "end": 480}, "weekly")
    for wrong in (
        {"time_zone": "Moon"},
        {"quiet": {"begin": 9999, "end": 0}},
        {"types": {"x": {}}},
        {"y": 1},
    ):
        assert (await browser.put("/api/notifications/preferences", json=wrong)).status_code == 400
    page = (await browser.get("/settings/notifications")).text
    assert 'value="22:00"' in page and 'value="Europe/Moscow"' in page
    form = {
        "mentioned.inbox": "1",
        "mentioned.people": "following",
        "time_zone": "Europe/Moscow",
        "digest": "none",
    }
    form |= {"digest_hour": "7", "digest_weekday": "2"}
    assert (await browser.post("/settings/notifications", data=form)).status_code == 303
    found = (await browser.get("/api/notifications/preferences")).json()
    assert found["types"]["mentioned"] == {
        "inbox": True, "email": False, "push": False, "other": False, "people": "following",
    }  # fmt: skip
    assert not found["types"]["reacted"]["inbox"] and found["digest"]["every"] == "none"
    refused = await browser.post("/settings/notifications", data={**form, "time_zone": "Moon"})
    assert refused.status_code == 422 and "There is no such time zone." in refused.text


async def test_devices_over_the_api(world: World) -> None:
    browser = await member(world, "anna")
    keys = {"p256dh": "B" + "A" * 86, "auth": "c" * 22}
    body = {"endpoint": "https://push.example.net/x", "keys": keys, "expirationTime": None, "name": "Firefox"}
    made = await browser.post("/api/notifications/subscribe", json=body)
    assert made.status_code == 201 and made.json()["hint"] == "push.example.net"
    for wrong in (
        {**body, "endpoint": "http://push.example.net/x"},
        {**body, "endpoint": "https://192.168.1.1/x"},
        {**body, "keys": {"p256dh": "x", "auth": "y"}},
        {"kind": "fcm"},
        {"kind": "pigeon", "token": "x"},
    ):
        assert (await browser.post("/api/notifications/subscribe", json=wrong)).status_code == 400
    token = {"kind": "telegram", "token": "123456789"}
    assert (await browser.post("/api/notifications/subscribe", json=token)).status_code == 201
    listed = (await browser.get("/api/notifications/subscriptions")).json()["items"]
    assert [one["kind"] for one in listed] == ["telegram", "push"]
    assert "push.example.net" in (await browser.get("/settings/notifications")).text
    path = f"/api/notifications/subscriptions/{made.json()['id']}"
    assert [(await browser.delete(path)).status_code for _ in range(2)] == [200, 200]
    gone = await browser.post(f"/settings/devices/{listed[0]['id']}/remove")
    assert gone.status_code == 303
    assert (await browser.get("/api/notifications/subscriptions")).json()["items"] == []
    assert (await browser.get("/api/notifications/key")).json()["key"]
    worker = await browser.get("/sw.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["service-worker-allowed"] == "/" and "no-cache" in worker.headers["cache-control"]


async def test_only_admins_send(world: World) -> None:
    browser = await member(world, "anna")
    own = await id_of(world, "anna")
    body = {"key": "move", "user_ids": [str(own)], "title": "We move", "url": "/about"}
    assert (await browser.post("/api/notifications/send", json=body)).status_code == 403
    assert (await world.http().post("/api/notifications/send", json=body)).status_code == 401
    await world.system.identity.set_roles(user_id=own, roles=("user", "admin"))
    world.clock.advance(3600)
    assert (await browser.post("/api/notifications/send", json=body)).status_code == 201
    line = (await browser.get("/api/notifications")).json()["items"][0]
    assert (line["type"], line["title"]) == ("system", "We move")
    assert (await browser.get(line["url"])).headers["location"] == "/about"


async def test_an_open_page_asks_for_new_lines(world: World) -> None:
    browser = await member(world, "anna")
    boris = await world.person("boris")
    await write(boris, "One, @anna")
    await world.drain()
    first = (await browser.get("/api/notifications")).json()["items"][0]
    await write(boris, "Two, @anna")
    await world.drain()
    fresh = (await browser.get(f"/inbox?part=new&after={first['position']}")).text
    assert "Two, @anna" in fresh and "One, @anna" not in fresh and "<html" not in fresh


async def test_requests_are_answered_in_the_inbox(world: World) -> None:
    browser = await member(world, "anna")
    boris = await world.person("boris")
    await browser.post("/settings/privacy", data={"private": "1"})
    await boris.graph.follow(user_id=await id_of(world, "anna"))
    await world.drain()
    page = (await browser.get("/inbox?filter=follows")).text
    assert f'action="/users/{boris.id}/accept"' in page and f"/users/{boris.id}/reject" in page
    answer = await browser.post(f"/users/{boris.id}/accept", data={"back": "/inbox"})
    assert answer.headers["location"] == "/inbox"
    await world.drain()
    assert "asks to follow you" not in (await browser.get("/inbox")).text


async def test_the_inbox_in_russian(world: World) -> None:
    browser = await member(world, "anna")
    people = [await world.person(f"p{number}", drain=False) for number in range(5)]
    await world.drain()
    for person in people:
        await person.graph.follow(user_id=await id_of(world, "anna"))
    await world.drain()
    await browser.post("/settings/appearance", data={"locale": "ru"})
    page = (await browser.get("/inbox")).text
    assert "и ещё 4 человека теперь читают вас" in page and "Прочитать всё" in page


async def test_a_post_comes_again_tomorrow_or_not_at_all(world: World) -> None:
    browser = await member(world, "anna")
    boris = await world.person("boris")
    post = await write(boris, "Read this with tea")
    page = (await browser.get(f"/@boris/{post.id}")).text
    assert f"/items/post/{post.id}/tomorrow" in page
    answer = await browser.post(f"/items/post/{post.id}/tomorrow", data={"back": "/explore"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/explore")
    assert (await browser.post(f"/items/post/{post.id}/never")).status_code == 404
    await browser.post(f"/items/post/{post.id}/mute")
    await world.drain()
    assert "Read this with tea" not in (await browser.get("/inbox")).text
    world.clock.advance(24 * 3600 + 1)
    await world.drain()
    assert "Read this with tea" in (await browser.get("/inbox")).text
