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
