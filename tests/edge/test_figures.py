"""Figures over the API and as pages; what the edge notes of what people look at."""

from typing import Any

import httpx

from samovar.contracts.common import Scope
from samovar.edge import seen as noting
from tests.edge.test_pages import member
from tests.services.posts.helpers import write
from tests.world import PASSWORD, World


async def staff(world: World, name: str = "olga") -> httpx.AsyncClient:
    """An operator's browser."""
    person = await world.person(name)
    await world.system.identity.set_roles(user_id=person.id, roles=("user", "admin"))
    browser = world.browser()
    assert (await browser.post("/login", data={"username": name, "password": PASSWORD})).status_code == 303
    return browser


async def told(world: World) -> None:
    """What the edge noted has arrived and is counted."""
    await world.edge.seen.flush()
    await world.drain()


async def views(browser: httpx.AsyncClient) -> dict[str, int]:
    found = (await browser.get("/api/analytics/mine?days=7")).json()["series"]
    return {name: found[name]["total"] for name in ("viewed", "visited", "clicked")}


async def test_pages_that_are_opened_are_views(world: World) -> None:
    anna = await member(world, "anna")
    boris = await member(world, "boris")
    post = (await anna.post("/posts", data={"text": "tea"})).headers["location"]
    await world.drain()
    for _ in range(2):
        assert (await boris.get(post)).status_code == 200
    await anna.get(post)
    await boris.get("/@anna")
    await boris.get("/@anna/with_replies")
    for _ in range(3):
        assert (await world.browser().get(post)).status_code == 200, "from what is kept, too"
    await world.browser().get("/@anna/1")
    await told(world)
    assert await views(anna) == {"viewed": 4, "visited": 1, "clicked": 0}
    world.clock.advance(3600)
    await boris.get(post)
    await told(world)
    assert (await views(anna))["viewed"] == 5


async def test_who_asks_not_to_be_tracked_is_not(world: World) -> None:
    anna, boris = await member(world, "anna"), await member(world, "boris")
    post = (await anna.post("/posts", data={"text": "tea"})).headers["location"]
    await world.drain()
    for headers in (
        {"dnt": "1"}, {"sec-gpc": "1"}, {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"sec-purpose": "prefetch"},
    ):  # fmt: skip
        assert (await boris.get(post, headers=headers)).status_code == 200
        event = {"events": [{"name": "clicked", "kind": "post", "id": post.rpartition("/")[2]}]}
        sent = await boris.post("/api/analytics/events", json=event, headers=headers)
        assert (sent.status_code, sent.json()) == (202, {"accepted": 0})
    await told(world)
    assert await views(anna) == {"viewed": 0, "visited": 0, "clicked": 0}


async def test_apps_tell_what_was_looked_at(world: World) -> None:
    anna, boris = await world.person("anna"), await member(world, "boris")
    post, hidden = await write(anna, "tea"), await write(anna, "not for you", Scope.MENTIONED)
    await world.drain()
    events = [
        {"name": "clicked", "kind": "post", "id": str(post.id)},
        {"name": "clicked", "kind": "post", "id": str(post.id)},
        {"name": "viewed", "kind": "person", "id": str(anna.id)},
        {"name": "viewed", "kind": "post", "id": str(hidden.id)},
        {"name": "viewed", "kind": "post", "id": "12"},
        {"name": "viewed", "kind": "teapot", "id": "12"},
        {"name": "viewed", "kind": "post", "id": "x"},
    ]
    assert (await boris.post("/api/analytics/events", json={"events": events})).json() == {"accepted": 2}
    stranger = await world.http().post("/api/analytics/events", json={"events": events[:1]})
    assert stranger.json() == {"accepted": 1}
    await told(world)
    own = await anna.analytics.mine(days=7)
    assert {s.name: s.total for s in own.series if s.total} == {"clicked": 2, "visited": 1, "created": 2}
    for wrong in (
        {"events": [{"name": "registered", "kind": "post", "id": "1"}]},
        {"events": [{"name": "viewed", "kind": "post", "id": "1", "more": 1}]},
        {"events": events[:1] * 51}, {}, {"events": "all"},
    ):  # fmt: skip
        assert (await boris.post("/api/analytics/events", json=wrong)).status_code == 400


async def test_the_communitys_figures_are_for_those_who_may_see_them(world: World) -> None:
    olga, anna = await staff(world), await member(world, "anna")
    paths = (
        "/summary", "/posts/popular", "/users/active", "/retention", "/funnel",
    )  # fmt: skip
    for path in paths:
        assert (await olga.get(f"/api/analytics{path}")).status_code == 200
        assert (await anna.get(f"/api/analytics{path}")).status_code == 403
        assert (await world.http().get(f"/api/analytics{path}")).status_code == 401
    for browser, status in ((anna, 404), (world.browser(), 404)):
        assert (await browser.get("/admin/figures")).status_code == status
        assert (await browser.get("/admin/figures/exports")).status_code == status
        assert (await browser.post("/admin/figures/exports", data={"what": "days"})).status_code == status
    moderator = await world.person("mod")
    await world.system.identity.set_roles(user_id=moderator.id, roles=("user", "moderator"))
    browser = world.browser()
    await browser.post("/login", data={"username": "mod", "password": PASSWORD})
    assert (await browser.get("/admin/figures")).status_code == 403


async def test_what_the_api_says(world: World) -> None:
    olga, anna = await staff(world), await world.person("anna")
    post = await write(anna, "Tea is ready")
    await (await member(world, "boris")).post(f"/posts/{post.id}/like", data={"back": "/"})
    await world.drain()
    summary: dict[str, Any] = (await olga.get("/api/analytics/summary?days=7")).json()
    assert summary["members"] == 3 and summary["daily"] == {"now": 3, "before": 0}
    assert summary["first"] < summary["last"] and len(summary["series"]["created"]["values"]) == 7
    assert summary["series"]["reacted"] == {"values": [0] * 6 + [1], "total": 1, "before": 0}
    (popular,) = (await olga.get("/api/analytics/posts/popular?days=7")).json()["items"]
    assert (popular["title"], popular["url"]) == ("Tea is ready", f"/@anna/{post.id}")
    assert (popular["reactions"], popular["score"], popular["author"]["username"]) == (1, 4, "anna")
    active = (await olga.get("/api/analytics/users/active?limit=1")).json()["items"]
    assert [(one["user"]["username"], one["acts"]) for one in active] == [("boris", 1)]
    assert (await olga.get("/api/analytics/funnel")).json()["registered"] == 3
    assert (await olga.get("/api/analytics/retention?weeks=2")).json()["items"][0]["here"] == [3]
    for path in ("recipes/popular", "post/popular", "nonsense/popular"):
        answer = await olga.get(f"/api/analytics/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "analytics.unknown_kind")
    for query in ("summary?days=0", "summary?days=731", "posts/popular?limit=101", "retention?weeks=x"):
        assert (await olga.get(f"/api/analytics/{query}")).status_code == 400


async def test_a_file_is_made_and_fetched_by_who_asked_for_it(world: World) -> None:
    olga, anna = await staff(world), await member(world, "anna")
    begun = (await olga.post("/api/analytics/exports", json={"what": "days", "days": 7})).json()
    assert (begun["state"], begun["percent"], begun["url"]) == ("waiting", 0, None)
    assert (await olga.get(f"/api/analytics/exports/{begun['id']}/file")).status_code == 404
    page = (await olga.get("/admin/figures")).text
    assert "<progress" in page and 'hx-trigger="every 1s"' in page
    await world.drain()
    ready = (await olga.get(f"/api/analytics/exports/{begun['id']}")).json()
    assert (ready["state"], ready["percent"]) == ("ready", 100)
    file = await olga.get(ready["url"])
    assert (
        file.headers["content-type"] == "text/csv; charset=utf-8"
        and "no-store" in file.headers["cache-control"]
    )
    assert file.headers["content-disposition"].startswith('attachment; filename="days-')
    assert file.text.startswith("day,event,kind,number\r\n") and len(file.content) == ready["bytes"]
    for other in (anna, world.http()):
        assert (await other.get(ready["url"])).status_code in (401, 404)
    assert ready["url"] in (await olga.get("/admin/figures/exports")).text
    assert (await anna.post("/api/analytics/exports", json={"what": "days"})).status_code == 403
    assert (await anna.post("/settings/figures/exports", data={"days": "90"})).status_code == 303
    assert (await anna.post("/settings/figures/exports", data={"days": "90"})).status_code == 303
    full = await anna.post("/settings/figures/exports", data={"days": "90"})
    assert full.status_code == 422 and "Two exports are under way" in full.text
    assert [one["days"] for one in (await anna.get("/api/analytics/exports")).json()["items"]] == [90, 90]


async def test_the_rooms_of_figures(world: World) -> None:
    olga, anna = await staff(world), await member(world, "anna")
    empty = (await anna.get("/settings/figures")).text
    assert "Nothing to count yet" in empty
    await anna.post("/posts", data={"text": "Tea <b>now</b>"})
    await world.drain()
    await olga.post(f"/posts/{await newest(anna)}/like", data={"back": "/"})
    await world.drain()
    own = (await anna.get("/settings/figures?days=7")).text
    assert "Tea &lt;b&gt;now" in own and 'aria-current="true"' in own and 'role="img"' in own
    for days in ("7", "30", "90", "365", "nonsense"):
        page = (await olga.get(f"/admin/figures?days={days}")).text
        assert 'class="heat"' in page and 'class="steps"' in page and "Tea &lt;b&gt;now" in page
        assert "style=" not in page.replace("<link", ""), "the content policy refuses it"
    assert "by week" in (await olga.get("/admin/figures?days=365")).text
    assert (await olga.post("/admin/figures/exports", data={"what": "teapots"})).status_code == 422


async def newest(browser: httpx.AsyncClient) -> str:
    return str((await browser.get("/api/feed")).json()["items"][0]["id"])


async def test_one_chooses_whether_one_is_counted_by_name(world: World) -> None:
    anna = await member(world, "anna")
    assert (await anna.get("/api/analytics/choice")).json() == {"counted": True}
    page = (await anna.get("/settings/privacy")).text
    assert 'name="counted" value="1" checked' in page
    assert (await anna.post("/settings/privacy", data={"private": "1"})).status_code == 303
    assert (await anna.get("/api/analytics/choice")).json() == {"counted": False}
    assert (await anna.put("/api/analytics/choice", json={"counted": True})).json() == {"counted": True}
    assert (await world.http().get("/api/analytics/choice")).status_code == 401


async def test_what_was_noted_waits_for_analytics(world: World, monkeypatch: Any) -> None:
    anna, boris = await member(world, "anna"), await member(world, "boris")
    post = (await anna.post("/posts", data={"text": "tea"})).headers["location"]
    await boris.get(post)
    with monkeypatch.context() as patch:
        patch.setattr(noting, "WAITING", 7)
        for _ in range(9):
            await world.browser().get(post)
    await told(world)
    assert (await views(anna))["viewed"] == 6, "with who was here, as much as may wait"
