"""The rooms of the machine and their API: who may enter, and what is done there."""

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import MetaData, insert

from samovar.contracts.logs import Entry
from samovar.contracts.operations import OPERATIONS
from samovar.kernel.clock import SECOND
from samovar.kernel.contract import encode
from samovar.kernel.db import Query
from samovar.kernel.errors import Forbidden, Invalid, NotFound, Unauthenticated
from samovar.kernel.inbox import retries_table
from samovar.kernel.jobs import jobs_table
from samovar.kernel.outbox import Envelope
from samovar.kernel.store import Tx
from tests.world import PASSWORD, World

READS = (
    "/api/admin/services", "/api/admin/jobs", "/api/admin/jobs?service=posts&state=waiting",
    "/api/admin/dead-letters", "/api/admin/logs", "/api/admin/metrics", "/api/admin/settings",
    "/api/admin/limits", "/api/admin/networks", "/admin/jobs", "/admin/dead-letters", "/admin/logs",
    "/admin/metrics", "/admin/settings",
)  # fmt: skip
WRITES = (
    ("POST", "/api/admin/jobs/posts/1/run", None), ("POST", "/api/admin/jobs/posts/1/cancel", None),
    ("POST", "/api/admin/dead-letters/posts/replay", {"all": True}),
    ("POST", "/api/admin/dead-letters/posts/drop", {"ids": ["1"]}),
    ("PUT", "/api/admin/limits/post", {"rule": "off"}),
    ("PUT", "/api/admin/networks", {"network": "192.0.2.1", "stand": "block"}),
    ("POST", "/api/admin/networks/remove", {"network": "192.0.2.1"}),
)  # fmt: skip
FORMS = (
    "/admin/jobs/posts/1/run", "/admin/jobs/posts/1/cancel", "/admin/dead-letters/posts/replay",
    "/admin/dead-letters/posts/drop", "/admin/settings/limits", "/admin/settings/networks",
    "/admin/settings/networks/remove",
)  # fmt: skip


async def browser_of(world: World, name: str, *roles: str) -> httpx.AsyncClient:
    """Somebody's browser, signed in with these roles."""
    person = await world.person(name)
    if roles:
        await world.system.identity.set_roles(user_id=person.id, roles=("user", *roles))
    browser = world.browser()
    answer = await browser.post("/login", data={"username": name, "password": PASSWORD})
    assert answer.status_code == 303
    return browser


async def give_up(world: World, service: str, key: str, *, error: str = "RuntimeError('cold')") -> int:
    """An event that a service has given up."""
    db = world.house.kits[service].db
    number = world.house.ids()
    sent = Envelope(
        id=number, type="samovar.identity.v1.UserRegistered", source="identity", key=key, version=1, time=0,
        payload='{"user_id":"x"}',
    )  # fmt: skip
    row = {
        "event_id": number, "key": key, "envelope": encode(sent).decode(), "attempts": 5,
        "next_at": world.clock.now(), "state": "dead", "error": error,
    }  # fmt: skip
    add = Query(insert(retries_table(service, MetaData())))

    async def work(tx: Tx) -> None:
        await tx.run(add, **row)

    await db.write(work)
    return number


async def schedule(world: World, service: str, name: str, key: str, **more: Any) -> int:
    """A job of a service as it stands in its table."""
    db, number = world.house.kits[service].db, world.house.ids()
    row = {
        "id": number, "name": name, "key": key, "run_at": world.clock.now() + 60 * SECOND, "payload": None,
        "attempts": 0, "leased_until": None, "state": "waiting", "error": "", **more,
    }  # fmt: skip
    add = Query(insert(jobs_table(service, MetaData())))

    async def work(tx: Tx) -> None:
        await tx.run(add, **row)

    await db.write(work)
    return number


async def test_strangers_and_members_find_nothing_there(world: World) -> None:
    stranger, member = world.browser(), await browser_of(world, "anna")
    for http in (stranger, member):
        for path in READS:
            assert (await http.get(path)).status_code == 404, path
        for method, path, body in WRITES:
            assert (await http.request(method, path, json=body)).status_code == 404, path
        for path in FORMS:
            assert (await http.post(path, data={"all": "1"})).status_code == 404, path


async def test_staff_of_other_rooms_may_not_enter(world: World) -> None:
    moderator = await browser_of(world, "mira", "moderator")
    for path in READS:
        assert (await moderator.get(path)).status_code == 403, path
    for method, path, body in WRITES:
        assert (await moderator.request(method, path, json=body)).status_code == 403, path
    for path in FORMS:
        assert (await moderator.post(path, data={"all": "1"})).status_code == 403, path


async def test_admins_enter_all_of_them(world: World) -> None:
    admin = await browser_of(world, "olga", "admin")
    for path in READS:
        assert (await admin.get(path)).status_code == 200, path
    for path in ("/api/admin/jobs?service=nothing", "/admin/jobs?service=nothing",
                 "/api/admin/dead-letters?service=nothing"):  # fmt: skip
        assert (await admin.get(path)).status_code == 404, path
    for path in (
        "/api/admin/jobs?state=odd", "/api/admin/jobs?service=posts&cursor=x", "/api/admin/logs?level=odd",
        "/api/admin/logs?cursor=x", "/api/admin/dead-letters?service=posts&cursor=--1",
    ):  # fmt: skip
        assert (await admin.get(path)).status_code == 400, path


async def test_every_service_tells_how_it_fares(world: World) -> None:
    admin = await browser_of(world, "olga", "admin")
    await give_up(world, "feed", "7")
    await schedule(world, "posts", "poll_end", "1", state="dead", error="cold", attempts=10)
    await schedule(world, "posts", "poll_end", "2", run_at=world.clock.now() - 90 * SECOND)
    await schedule(world, "posts", "poll_end", "3", leased_until=world.clock.now() + SECOND)
    found = {one["service"]: one for one in (await admin.get("/api/admin/services")).json()["items"]}
    assert set(found) == set(world.house.workers)
    posts = found["posts"]
    assert (posts["dead_jobs"], posts["due_jobs"], posts["running_jobs"], posts["oldest_due"]) == (
        1,
        1,
        1,
        90.0,
    )
    assert found["feed"]["dead_letters"] == 1 and found["feed"]["process"] == "all"


async def test_a_service_out_of_reach_says_so_and_hides_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from samovar.kernel.errors import Unavailable

    admin = await browser_of(world, "olga", "admin")

    async def away(**_: Any) -> Any:
        raise Unavailable

    for name in ("get_vitals", "jobs", "dead_letters"):
        monkeypatch.setattr(world.house.peers.get(OPERATIONS, "feed"), name, away)
    found = {one["service"]: one for one in (await admin.get("/api/admin/services")).json()["items"]}
    assert not found["feed"]["reached"] and found["posts"]["reached"]
    assert "does not answer" in (await admin.get("/admin/jobs")).text
    assert (await admin.get("/api/admin/dead-letters")).status_code == 200


async def test_a_job_that_was_given_up_runs_again(world: World) -> None:
    admin = await browser_of(world, "olga", "admin")
    number = await schedule(
        world, "posts", "poll_end", "999", state="dead", error="KeyError('tea')", attempts=10
    )
    (job,) = (await admin.get("/api/admin/jobs?state=dead")).json()["items"]
    assert (job["service"], job["id"], job["error"], job["attempts"]) == (
        "posts",
        str(number),
        "KeyError('tea')",
        10,
    )
    assert "KeyError" in (await admin.get("/admin/jobs")).text
    answer = await admin.post(f"/admin/jobs/posts/{number}/run", data={"back": "/admin/jobs?state=dead"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/jobs?state=dead")
    await world.drain()
    assert (await admin.get("/api/admin/jobs?state=dead")).json()["items"] == []
    assert (await admin.post(f"/api/admin/jobs/posts/{number}/run")).status_code == 404, "it is done"


async def test_jobs_are_cancelled_but_not_periodic_ones(world: World) -> None:
    admin = await browser_of(world, "olga", "admin")
    number = await schedule(world, "posts", "poll_end", "999")
    assert (await admin.post(f"/api/admin/jobs/posts/{number}/cancel")).status_code == 200
    assert (await admin.post(f"/api/admin/jobs/posts/{number}/cancel")).status_code == 404
    every = (await admin.get("/api/admin/jobs?service=limits")).json()["items"]
    assert [job["periodic"] for job in every] == [True]
    assert (await admin.post(f"/api/admin/jobs/limits/{every[0]['id']}/cancel")).status_code == 409
    answer = await admin.post(f"/admin/jobs/limits/{every[0]['id']}/cancel")
    assert answer.status_code == 303
    assert "comes again and again" in (await admin.get("/admin/jobs")).text
    running = await schedule(world, "posts", "poll_end", "5", leased_until=world.clock.now() + 60 * SECOND)
    assert (await admin.post(f"/api/admin/jobs/posts/{running}/run")).status_code == 404


async def test_dead_letters_are_tried_again_or_thrown_away(world: World) -> None:
    admin = await browser_of(world, "olga", "admin")
    first, second, third = [await give_up(world, "feed", key) for key in ("1", "2", "3")]
    page = (await admin.get("/api/admin/dead-letters?service=feed&limit=2")).json()
    assert [one["id"] for one in page["items"]] == [str(first), str(second)]
    rest = (await admin.get(f"/api/admin/dead-letters?service=feed&cursor={page['next']}")).json()
    assert [one["id"] for one in rest["items"]] == [str(third)] and rest["next"] is None
    assert page["items"][0]["type"] == "samovar.identity.v1.UserRegistered"
    for body, count in (({"ids": [str(first)]}, 1), ({"ids": [str(first), "5"]}, 0), ({}, 0)):
        answer = await admin.post("/api/admin/dead-letters/feed/replay", json=body)
        assert (answer.status_code, answer.json()["count"]) == (200, count)
    assert (await admin.get("/api/admin/services")).json()["items"]
    answer = await admin.post("/api/admin/dead-letters/feed/drop", json={"ids": [str(second)]})
    assert answer.json()["count"] == 1
    answer = await admin.post("/api/admin/dead-letters/feed/replay", json={"all": True})
    assert answer.json()["count"] == 1
    for body in ({"ids": ["x"]}, {"ids": ["9" * 20]}, {"ids": ["1"] * 1001}, {"odd": 1}, {"ids": 5}):
        answer = await admin.post("/api/admin/dead-letters/feed/drop", json=body)
        assert answer.status_code == 400, body
    assert (await admin.post("/api/admin/dead-letters/nothing/drop", json={"all": True})).status_code == 404


async def test_what_operators_do_stands_in_the_audit_log(world: World) -> None:
    await world.system.identity.save_role(
        name="engineer", permissions=("system.see", "system.run"), fixed=False, people=0
    )
    engineer = await browser_of(world, "egor", "engineer")
    letter, job = await give_up(world, "feed", "1"), await schedule(world, "posts", "poll_end", "999")
    for method, path, body in (
        ("POST", "/api/admin/dead-letters/feed/replay", {"ids": [str(letter)]}),
        ("POST", "/api/admin/dead-letters/feed/replay", {"ids": [str(letter)]}),  # nothing: not noted
        ("POST", f"/api/admin/jobs/posts/{job}/cancel", None),
        ("PUT", "/api/admin/limits/post", {"rule": "5 at once, 2 a minute"}),
        ("PUT", "/api/admin/networks", {"network": "192.0.2.1", "stand": "block", "reason": "a flood"}),
    ):
        assert (await engineer.request(method, path, json=body)).status_code == 200, path
    await engineer.post("/admin/settings/networks/remove", data={"network": "192.0.2.1"})
    assert (await engineer.get("/api/moderation/audit")).status_code == 403
    admin = await browser_of(world, "olga", "admin")
    log = (await admin.get("/api/moderation/audit?action=machine.")).json()["items"]
    assert [line["action"].removeprefix("machine.") for line in reversed(log)] == [
        "letters_replayed", "job_cancelled", "limit_changed", "network_listed", "network_removed",
    ]  # fmt: skip
    assert {line["actor"]["username"] for line in log} == {"egor"}
    assert log[2]["why"] == "post" and "5 at once, 2 a minute" in log[2]["after"]
    page = (await admin.get("/admin/audit?action=machine.")).text
    assert "Dead letters tried again" in page and "a flood" in page


async def test_dead_letters_by_their_page(world: World) -> None:
    admin = await browser_of(world, "olga", "admin")
    first, second = await give_up(world, "feed", "1"), await give_up(world, "graph", "2", error="<b>odd</b>")
    text = (await admin.get("/admin/dead-letters")).text
    assert "&lt;b&gt;odd" in text and f'value="{first}"' in text and f'value="{second}"' in text
    form = {"ids": str(first), "back": "/admin/dead-letters?service=feed"}
    sure = await admin.post("/admin/dead-letters/feed/drop", data=form)
    assert sure.status_code == 200 and "Throw dead letters away?" in sure.text
    assert len((await admin.get("/api/admin/dead-letters?service=feed")).json()["items"]) == 1
    assert (await admin.post("/admin/dead-letters/feed/drop", data=form | {"sure": "1"})).status_code == 303
    assert (await admin.get("/api/admin/dead-letters?service=feed")).json()["items"] == []
    assert "are thrown away" in (await admin.get("/admin/dead-letters")).text
    assert (await admin.post("/admin/dead-letters/graph/replay", data={"all": "1"})).status_code == 303
    assert (await admin.get("/api/admin/dead-letters")).json()["items"] == []
    assert (await admin.post("/admin/dead-letters/graph/replay")).status_code == 303
    assert "nothing to do" in (await admin.get("/admin/dead-letters")).text


async def test_logs_are_found_by_words_and_ids(world: World) -> None:
    admin = await browser_of(world, "olga", "admin")
    now = world.clock.now()
    await world.system.logs.append(entries=(
        Entry(id=1, at=now, level="info", event="kettle on", process="all", fields='{"cups":2}'),
        Entry(id=2, at=now, level="error", event="kettle dry", process="edge", request_id="abc",
              trace_id="t9", fields='{"exception":"Traceback <script>"}'),
    ))  # fmt: skip
    found = (await admin.get("/api/admin/logs?q=KETTLE&level=warning")).json()["items"]
    assert [(one["event"], one["request_id"]) for one in found] == [("kettle dry", "abc")]
    page = (await admin.get("/admin/logs?request=abc")).text
    assert "kettle dry" in page and "kettle on" not in page and "&lt;script&gt;" in page
    assert "Nothing was said" in (await admin.get("/admin/logs?trace=none")).text


async def test_figures_of_the_last_half_hour(world: World) -> None:
    admin = await browser_of(world, "olga", "admin")
    assert "Too early to tell" in (await admin.get("/admin/metrics")).text
    ring = world.edge.edge.ring
    ring.sample()
    for count in (5, 1):
        for _ in range(count):
            await admin.get("/api/site")
        world.clock.advance(10)
        ring.sample()
    found = (await admin.get("/api/admin/metrics")).json()
    assert found["process"] == "all" and found["every"] == 10
    first, second = found["samples"]
    assert first["requests"] >= 0.5 and 0.1 <= second["requests"] < first["requests"]
    assert first["p50"] > 0 and first["p95"] >= first["p50"] and first["memory"] > 1e6
    page = (await admin.get("/admin/metrics")).text
    assert page.count("<polyline") == 9 and "Grafana" not in page


@pytest.mark.settings(
    SAMOVAR_EDGE__GRAFANA="https://grafana.example.org", SAMOVAR_LOGS__LOKI_PASSWORD="hush hush"
)
async def test_settings_in_force_without_secrets(world: World) -> None:
    admin = await browser_of(world, "olga", "admin")
    text = (await admin.get("/api/admin/settings")).text
    found = {one["name"]: one["settings"] for one in (await admin.get("/api/admin/settings")).json()["items"]}
    said = {one["key"]: (one["value"], one["origin"]) for one in found["edge"]}
    assert said["grafana"] == ("https://grafana.example.org", "environment")
    assert said["max_body"] == ("1048576", "default")
    assert {one["key"]: one["value"] for one in found["logs"]}["loki_password"] == "(set)"
    assert "hush" not in text and "hush" not in (await admin.get("/admin/settings")).text
    assert {"site", "process", "postgresql", "identity", "limits"} <= set(found)
    assert "https://grafana.example.org" in (await admin.get("/admin/metrics")).text


async def test_limits_are_changed_by_form_and_by_api(world: World) -> None:
    admin = await browser_of(world, "olga", "admin")
    form = {"action": "post", "rule": "5 at once, 1 a minute"}
    answer = await admin.post("/admin/settings/limits", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/settings#limit-post")
    page = (await admin.get("/admin/settings")).text
    assert "5 at once, 1 a minute" in page and "60 at once, 30 a minute" in page
    wrong = await admin.post("/admin/settings/limits", data={"action": "post", "rule": "many"})
    assert wrong.status_code == 422 and re.search(r'value="many"[^>]*aria-invalid="true"', wrong.text)
    assert (
        await admin.post("/admin/settings/limits", data={"action": "post", "reset": "1"})
    ).status_code == 303
    rules = {one["action"]: one for one in (await admin.get("/api/admin/limits")).json()["items"]}
    assert not rules["post"]["changed"]
    answer = await admin.put("/api/admin/limits/post", json={"rule": "off"})
    assert answer.json() == {
        "action": "post", "rule": "off", "declared": "60 at once, 30 a minute", "changed": True,
    }  # fmt: skip
    assert (await admin.put("/api/admin/limits/post", json={"rule": "many"})).status_code == 400
    assert (await admin.put("/api/admin/limits/sleep", json={"rule": "off"})).status_code == 404


async def test_networks_are_listed_by_form_and_by_api(world: World) -> None:
    admin = await browser_of(world, "olga", "admin")
    form = {"network": "192.0.2.0/24", "stand": "block", "hours": "24", "reason": "floods"}
    assert (await admin.post("/admin/settings/networks", data=form)).status_code == 303
    (one,) = (await admin.get("/api/admin/networks")).json()["items"]
    assert (one["network"], one["stand"], one["reason"]) == ("192.0.2.0/24", "block", "floods")
    assert "192.0.2.0/24" in (await admin.get("/admin/settings")).text
    for more in ({"network": "odd"}, {"hours": "odd"}, {"network": "127.0.0.1"}):
        wrong = await admin.post("/admin/settings/networks", data=form | more)
        assert wrong.status_code == 422, more
    assert "shut yourself out" in wrong.text
    answer = await admin.put(
        "/api/admin/networks", json={"network": "2001:db8::1", "stand": "allow", "hours": 1}
    )
    assert answer.json()["until"].endswith("Z")
    for body in ({"network": "odd", "stand": "block"}, {"network": "192.0.2.1", "stand": "odd"},
                 {"network": "192.0.2.1", "stand": "block", "hours": -1}):  # fmt: skip
        assert (await admin.put("/api/admin/networks", json=body)).status_code == 400, body
    assert (
        await admin.post("/api/admin/networks/remove", json={"network": "2001:db8::1"})
    ).status_code == 200
    form = {"network": "192.0.2.0/24"}
    assert (await admin.post("/admin/settings/networks/remove", data=form)).status_code == 303
    assert (await admin.get("/api/admin/networks")).json()["items"] == []


async def test_the_contract_asks_who_may_itself(world: World) -> None:
    anna = await world.person("anna")
    refusals = (
        (world.stranger, Unauthenticated),
        (anna, Forbidden),
        (world.as_(anna.id, "moderator"), Forbidden),
    )
    for caller, refusal in refusals:
        desk = caller.of(OPERATIONS, "posts")
        for ask in (desk.get_vitals(), desk.jobs(), desk.dead_letters(), desk.run_job(id=1),
                    desk.cancel_job(id=1), desk.replay(all=True), desk.drop(all=True)):  # fmt: skip
            with pytest.raises(refusal):
                await ask
    desk = world.as_(anna.id, "admin").of(OPERATIONS, "posts")
    for ask, wrong in (
        (desk.run_job(id=1), NotFound), (desk.cancel_job(id=1), NotFound),
        (desk.jobs(cursor="9" * 30), Invalid), (desk.drop(ids=[1] * 1001), Invalid),
    ):  # fmt: skip
        with pytest.raises(wrong):
            await ask
