"""The desk over HTTP: who may know of it, who may do what, and a member's side of it."""

import httpx
import pytest

from tests.services.media.pictures import jpeg, member, send
from tests.services.moderation.helpers import write
from tests.world import PASSWORD, Person, World

#: By route: what strangers, members, support, moderators and admins are answered.
READS = {
    "/api/moderation/overview": (404, 404, 403, 200, 200),
    "/api/moderation/cases": (404, 404, 403, 200, 200),
    "/api/moderation/cases/77": (404, 404, 403, 404, 404),
    "/api/moderation/appeals": (404, 404, 403, 200, 200),
    "/api/moderation/decisions": (404, 404, 403, 200, 200),
    "/api/moderation/held": (404, 404, 403, 200, 200),
    "/api/moderation/reasons": (404, 404, 403, 200, 200),
    "/api/moderation/audit": (404, 404, 403, 403, 200),
    "/api/moderation/rules": (404, 404, 403, 403, 200),
    "/api/moderation/people": (404, 404, 200, 200, 200),
    "/api/moderation/people/77/notes": (404, 404, 403, 200, 200),
    "/api/moderation/roles": (404, 404, 403, 403, 200),
    "/admin": (404, 404, 303, 200, 200),
    "/admin/reports": (404, 404, 403, 200, 200),
    "/admin/reports/77": (404, 404, 403, 404, 404),
    "/admin/appeals": (404, 404, 403, 200, 200),
    "/admin/content": (404, 404, 403, 200, 200),
    "/admin/content?tab=held": (404, 404, 403, 200, 200),
    "/admin/people": (404, 404, 200, 200, 200),
    "/admin/people/77": (404, 404, 404, 404, 404),
    "/admin/roles": (404, 404, 403, 403, 200),
    "/admin/rules": (404, 404, 403, 403, 200),
    "/admin/rules/new": (404, 404, 403, 403, 200),
    "/admin/audit": (404, 404, 403, 403, 200),
    "/admin/files": (404, 404, 403, 200, 200),
    "/api/moderation/files": (404, 404, 403, 200, 200),
}
ACT = {"actions": [{"type": "hide"}], "kind": "post", "id": "77", "reason": "spam"}
RULE = {"name": "Tea", "outcome": "queue", "words": ["tea"]}
WRITES = [
    ("POST", "/api/moderation/cases/77/claim", {"version": 1}, (404, 404, 403, 404, 404)),
    ("POST", "/api/moderation/cases/77/notes", {"text": "Hm"}, (404, 404, 403, 404, 404)),
    ("POST", "/api/moderation/cases/dismiss", {"ids": ["77"]}, (404, 404, 403, 200, 200)),
    ("POST", "/api/moderation/actions", ACT, (404, 404, 403, 404, 404)),
    ("POST", "/api/moderation/decisions/77/undo", {}, (404, 404, 403, 404, 404)),
    ("POST", "/api/moderation/appeals/77/judge", {"accept": True}, (404, 404, 403, 404, 404)),
    ("POST", "/api/moderation/files/judge", {"ids": ["77"], "review": "approved"}, (404, 404, 403, 200, 200)),
    ("POST", "/api/moderation/held/approve", {"ids": ["77"]}, (404, 404, 403, 200, 200)),
    ("PUT", "/api/moderation/reasons/own", {"title_en": "Own"}, (404, 404, 403, 403, 200)),
    ("DELETE", "/api/moderation/reasons/own", None, (404, 404, 403, 403, 200)),
    ("POST", "/api/moderation/rules", RULE, (404, 404, 403, 403, 200)),
    ("PUT", "/api/moderation/rules/77", RULE, (404, 404, 403, 403, 404)),
    ("DELETE", "/api/moderation/rules/77", None, (404, 404, 403, 403, 200)),
    ("POST", "/api/moderation/rules/try", {"text": "Tea"}, (404, 404, 403, 403, 200)),
    ("PUT", "/api/moderation/people/77/roles", {"roles": []}, (404, 404, 403, 403, 404)),
    ("PUT", "/api/moderation/roles/cook", {"permissions": ["reports.see"]}, (404, 404, 403, 403, 200)),
    ("DELETE", "/api/moderation/roles/cook", None, (404, 404, 403, 403, 200)),
]


async def browser_of(world: World, name: str, *roles: str) -> tuple[Person, httpx.AsyncClient]:
    """Somebody with roles, and their browser."""
    person = await world.person(name, "user", *roles)
    if roles:
        await world.system.identity.set_roles(user_id=person.id, roles=list(roles))
    browser = world.browser()
    answer = await browser.post("/login", data={"username": name, "password": PASSWORD})
    assert answer.status_code == 303
    return person, browser


async def five(world: World) -> list[httpx.AsyncClient]:
    """A stranger, a member, support, a moderator, an admin."""
    staff = [("member",), ("helper", "support"), ("marta", "moderator"), ("chief", "admin")]
    return [world.browser(), *[(await browser_of(world, *one))[1] for one in staff]]


async def test_who_reads_what(world: World) -> None:
    browsers = await five(world)
    wrong = []
    for path, expected in READS.items():
        found = tuple([(await browser.get(path)).status_code for browser in browsers])
        if found != expected:
            wrong.append((path, found))
    assert not wrong


async def test_who_does_what(world: World) -> None:
    browsers = await five(world)
    wrong = []
    for method, path, body, expected in WRITES:
        found = tuple([(await browser.request(method, path, json=body)).status_code for browser in browsers])
        if found != expected:
            wrong.append((method, path, found))
    assert not wrong


async def test_a_report_and_its_way_over_the_api(world: World) -> None:
    anna, anna_browser = await browser_of(world, "anna")
    _, boris = await browser_of(world, "boris")
    _, marta = await browser_of(world, "marta", "moderator")
    post = await write(anna, "Buy kettles")
    report = {"kind": "post", "id": str(post.id), "reason": "spam", "text": "Again"}
    assert (await world.http().post("/api/reports", json=report)).status_code == 401
    assert (await boris.post("/api/reports", json=report)).json() == {"done": True}
    assert (await anna_browser.post("/api/reports", json=report)).status_code == 400
    for wrong in ({"reason": "dull"}, {"id": "x"}, {"colour": "red"}, {"text": "a" * 1001}):
        assert (await boris.post("/api/reports", json=report | wrong)).status_code == 400
    assert (await boris.post("/api/reports", json=report | {"id": "77"})).status_code == 404
    (case,) = (await marta.get("/api/moderation/cases")).json()["items"]
    assert (case["reports"], case["reasons"], case["person"]["username"]) == (1, {"spam": 1}, "anna")
    taken = await marta.post(f"/api/moderation/cases/{case['id']}/claim", json={"version": case["version"]})
    assert taken.json()["assignee"]["username"] == "marta"
    stale = await marta.post(f"/api/moderation/cases/{case['id']}/claim", json={"version": case["version"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "moderation.stale")
    act = {
        "cases": [case["id"]], "actions": [{"type": "hide", "seconds": 3600}], "reason": "spam",
        "message": "Once is enough.",
    }  # fmt: skip
    (decision,) = (await marta.post("/api/moderation/actions", json=act)).json()["items"]
    assert decision["by"]["username"] == "marta"
    assert decision["actions"][0]["until"] is not None
    assert (await boris.get(f"/api/posts/{post.id}")).status_code == 404
    own = (await anna_browser.get(f"/api/posts/{post.id}")).json()
    assert (own["hidden"], own["held"]) == (True, False)

    shown = (await anna_browser.get(f"/api/decisions/{decision['id']}")).json()
    assert (shown["reason_title"], shown["by"], shown["case_id"]) == ("Advertising and spam", None, None)
    assert (await boris.get(f"/api/decisions/{decision['id']}")).status_code == 404
    appeal = f"/api/decisions/{decision['id']}/appeal"
    assert (await anna_browser.post(appeal, json={"text": "short"})).status_code == 400
    assert (await anna_browser.post(appeal, json={"text": "They are for our fair."})).status_code == 200
    assert (await anna_browser.post(appeal, json={"text": "They are for our fair."})).status_code == 409
    judge = f"/api/moderation/appeals/{decision['id']}/judge"
    judged = (await marta.post(judge, json={"accept": True, "answer": "Right."})).json()
    assert judged["appeal"]["state"] == "accepted"
    assert (await boris.get(f"/api/posts/{post.id}")).status_code == 200
    file = (await marta.get(f"/api/moderation/cases/{case['id']}")).json()
    assert [line["action"] for line in reversed(file["history"])] == [
        "case.claimed", "decision.hide", "appeal.made", "appeal.accepted",
    ]  # fmt: skip
    assert [one["exhibit"]["text"] for one in file["evidence"]] == ["Buy kettles"]


async def test_a_member_reports_and_appeals_on_pages(world: World) -> None:
    anna, anna_browser = await browser_of(world, "anna")
    _, boris = await browser_of(world, "boris")
    _, marta = await browser_of(world, "marta", "moderator")
    post = await write(anna, "Buy kettles")
    assert f"/report?kind=post&amp;id={post.id}" in (await boris.get(f"/@anna/{post.id}")).text
    ask = await boris.get(f"/report?kind=post&id={post.id}&back=/explore")
    assert "Buy kettles" in ask.text
    assert (await anna_browser.get(f"/report?kind=post&id={post.id}")).status_code == 404
    assert (await world.browser().get(f"/report?kind=post&id={post.id}")).status_code == 303
    form = {"kind": "post", "id": str(post.id), "back": "/explore"}
    wrong = await boris.post("/report", data=form | {"reason": "dull"})
    assert wrong.status_code == 422
    sent = await boris.post("/report", data=form | {"reason": "spam", "text": "Again"})
    assert "Thank you" in sent.text
    assert f'action="/users/{anna.id}/mute"' in sent.text
    assert 'href="/explore"' in sent.text

    queue = (await marta.get("/admin/reports")).text
    assert "Buy kettles" in queue
    (case,) = (await marta.get("/api/moderation/cases")).json()["items"]
    page = (await marta.get(case["url"])).text
    assert "Again" in page
    done = await marta.post(
        f"{case['url']}/act",
        data={"action": "hide", "reason": "spam", "message": "<b>Once</b>", "version": "0"},
    )
    assert done.status_code == 303
    assert "Done in 1 case." in (await marta.get(done.headers["location"])).text
    (decision,) = (await marta.get("/api/moderation/decisions")).json()["items"]

    told = (await anna_browser.get(decision["url"])).text
    for text in (
        "What you wrote is hidden.",
        "Advertising and spam",
        "&lt;b&gt;Once&lt;/b&gt;",
        "Your appeal",
    ):
        assert text in told
    assert (await boris.get(decision["url"])).status_code == 404
    assert (await world.browser().get(decision["url"])).status_code == 303
    short = await anna_browser.post(decision["url"], data={"text": "no"})
    assert (short.status_code, "Write a little more." in short.text) == (422, True)
    assert (await anna_browser.post(decision["url"], data={"text": "For our own fair."})).status_code == 303
    assert "For our own fair." in (await marta.get("/admin/appeals")).text
    refused = await marta.post(f"/admin/appeals/{decision['id']}", data={"do": "reject", "answer": ""})
    assert refused.status_code == 422
    await marta.post(f"/admin/appeals/{decision['id']}", data={"do": "accept", "answer": "Right."})
    assert "Accepted." in (await anna_browser.get(decision["url"])).text
    assert (await boris.get(f"/@anna/{post.id}")).status_code == 200


async def test_files_of_what_is_deleted_come_no_more(world: World) -> None:
    anna, sender = await member(world, "anna")
    boris, _ = await browser_of(world, "boris")
    _, marta = await browser_of(world, "marta", "moderator")
    photo = int((await send(sender, jpeg(640, 480))).json()["id"])
    post = await write(anna, "Look", media_ids=[photo])
    await boris.moderation.report(kind="post", id=post.id, reason="illegal", text="")
    (case,) = (await marta.get("/api/moderation/cases")).json()["items"]
    assert "ban_files" in (await marta.get(case["url"])).text
    # A decision without a reason is refused, and bans nothing.
    refused = await marta.post(f"{case['url']}/act", data={"action": "hide", "ban_files": "1"})
    assert refused.status_code == 422
    assert (await send(sender, jpeg(640, 480, quality=40))).status_code == 201
    decided = {"action": "delete", "reason": "illegal", "version": "0", "ban_files": "1"}
    assert (await marta.post(f"{case['url']}/act", data=decided)).status_code == 303
    await world.drain()
    answer = await send(sender, jpeg(640, 480, quality=60))
    assert (answer.status_code, answer.json()["code"]) == (403, "media.banned")
    _, chief = await browser_of(world, "chief", "admin")
    log = (await chief.get("/api/moderation/audit")).json()["items"]
    assert [line["after"] for line in log if line["action"] == "files.banned"] == [f'"{photo}"']


@pytest.mark.settings(SAMOVAR_MEDIA__REVIEW_FIRST="true")
async def test_files_wait_until_a_moderator_has_looked(world: World) -> None:
    anna, sender = await member(world, "anna")
    _, browser = await browser_of(world, "boris")
    _, marta = await browser_of(world, "marta", "moderator")
    good, bad = [int((await send(sender, jpeg(*size))).json()["id"]) for size in ((640, 480), (300, 500))]
    post = await write(anna, "Look", media_ids=[good, bad])
    assert "Waiting for the moderators" in (await browser.get(f"/@anna/{post.id}")).text
    waiting = (await marta.get("/api/moderation/files")).json()["items"]
    assert [(one["file"]["id"], one["author"]["username"]) for one in waiting] == [
        (str(good), "anna"), (str(bad), "anna"),
    ]  # fmt: skip
    # The moderator sees what nobody else does.
    assert (await marta.get(waiting[0]["file"]["url"])).status_code == 200
    assert (await browser.get(waiting[0]["file"]["url"].partition("?")[0])).status_code == 404
    page = (await marta.get("/admin/files")).text
    assert f'value="{good}"' in page and "@anna" in page
    assert (await marta.post("/admin/files", data={"do": "approved"})).status_code == 422
    approved = await marta.post("/admin/files", data={"do": "approved", "item": [str(good)]})
    assert approved.status_code == 303
    # Of somebody of the same rank nothing is rejected, nor half done.
    _, peer_sender = await member(world, "peter", "user", "moderator")
    peer = (await world.system.identity.by_username(usernames=["peter"])).items[0]
    await world.system.identity.set_roles(user_id=peer.id, roles=["moderator"])
    theirs = (await send(peer_sender, jpeg(200, 700))).json()["id"]
    refused = {"ids": [theirs], "review": "rejected", "ban": True}
    assert (await marta.post("/api/moderation/files/judge", json=refused)).status_code == 403
    assert (await send(peer_sender, jpeg(200, 700, quality=40))).status_code == 201
    judged = {"ids": [str(bad), "77"], "review": "rejected", "ban": True, "reason": "spam"}
    assert (await marta.post("/api/moderation/files/judge", json=judged)).json() == {"count": 1}
    seen = (await browser.get(f"/@anna/{post.id}")).text
    assert "Waiting for the moderators" not in seen and "Taken away by the moderators" in seen
    assert f'value="{bad}"' not in (await marta.get("/admin/files")).text
    assert (await send(sender, jpeg(300, 500, quality=40))).json()["code"] == "media.banned"
    _, chief = await browser_of(world, "chief", "admin")
    log = (await chief.get("/admin/audit?action=files.")).text
    assert "File approved" in log and "File rejected" in log


async def test_many_cases_at_once_and_back(world: World) -> None:
    anna, _ = await browser_of(world, "anna")
    _, boris = await browser_of(world, "boris")
    _, marta = await browser_of(world, "marta", "moderator")
    posts = [await write(anna, f"Kettle {number}") for number in range(3)]
    for post in posts:
        await boris.post("/api/reports", json={"kind": "post", "id": str(post.id), "reason": "spam"})
    cases = [case["id"] for case in (await marta.get("/api/moderation/cases")).json()["items"]]
    nothing = await marta.post("/admin/reports/many", data={"do": "hide", "reason": "spam"})
    assert nothing.status_code == 422
    done = await marta.post("/admin/reports/many", data={"case": cases, "do": "hide", "reason": "spam"})
    page = (await marta.get(done.headers["location"])).text
    assert "Done in 3 cases." in page
    undo = [one["id"] for one in (await marta.get("/api/moderation/decisions")).json()["items"]]
    assert all(f'name="decision" value="{one}"' in page for one in undo)
    assert (await boris.get(f"/@anna/{posts[0].id}")).status_code == 404
    await marta.post("/admin/decisions/undo", data={"decision": undo, "back": "/admin/reports"})
    assert (await boris.get(f"/@anna/{posts[0].id}")).status_code == 200
    # A closed case can't be decided again, and the page says so.
    again = await marta.post("/admin/reports/many", data={"case": cases, "do": "hide", "reason": "spam"})
    assert (again.status_code, "This case is closed." in again.text) == (409, True)


async def test_who_is_suspended_reads_why_at_the_door(world: World) -> None:
    anna, anna_browser = await browser_of(world, "anna")
    _, marta = await browser_of(world, "marta", "moderator")
    done = await marta.post(
        f"/admin/people/{anna.id}/act",
        data={"action": "suspend", "days": "7", "reason": "harassment", "message": ""},
    )
    assert done.status_code == 303
    assert (await anna_browser.get("/settings/account")).status_code == 303
    door = await world.browser().post("/login", data={"username": "anna", "password": PASSWORD})
    assert door.status_code == 403
    assert "This account is suspended until" in door.text
    address = door.text.partition('<a href="/decisions/')[2].partition('"')[0]
    page = await world.browser().get(f"/decisions/{address.replace('&amp;', '&')}")
    assert "Harassment" in page.text
    key = address.partition("key=")[2]
    number = address.partition("?")[0]
    appeal = await world.browser().post(
        f"/decisions/{number}", data={"key": key, "text": "It was my brother."}
    )
    assert appeal.status_code == 303
    refused = await world.http().post("/api/auth/login", json={"username": "anna", "password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.suspended")
    assert refused.json()["see"] == f"/decisions/{address}"
    assert "This account is suspended." in (await world.browser().get("/@anna")).text
    person = (await marta.get(f"/admin/people/{anna.id}")).text
    assert "Suspended until" in person


async def test_rooms_of_rules_roles_and_people_work_by_their_forms(world: World) -> None:
    anna, anna_browser = await browser_of(world, "anna")
    _, chief = await browser_of(world, "chief", "admin")
    await chief.post("/admin/rules/gates", data={"post": ["new"]})
    held = await anna_browser.post("/posts", data={"text": "Hello all"})
    assert "Only you and moderators see this" in (await anna_browser.get(held.headers["location"])).text
    await world.drain()
    (waits,) = (await chief.get("/api/moderation/held")).json()["items"]
    assert "Hello all" in (await chief.get("/admin/content?tab=held")).text
    await chief.post("/admin/content", data={"item": waits["case_id"], "do": "approve", "tab": "held"})
    assert (await world.browser().get(held.headers["location"])).status_code == 200
    await chief.post("/admin/rules/gates", data={})
    assert (await chief.get("/api/moderation/rules")).json()["items"] == []

    rule = {"name": "Casinos", "words": "casino*\nroulette", "outcome": "refuse", "reason": "spam", "on": "1"}
    assert (await chief.post("/admin/rules/new", data=rule)).status_code == 303
    refused = await anna_browser.post("/posts", data={"text": "Casinos!"})
    assert (refused.status_code, "Advertising and spam" in refused.text) == (422, True)
    tried = await chief.post("/admin/rules/try", data={"text": "roulette", "level": "new", "kind": "post"})
    assert "Refuse with the reason" in tried.text
    assert (await chief.post("/admin/rules/new", data=rule | {"outcome": "boil"})).status_code == 422
    reason = {"key": "own", "title_en": "Our own", "text_en": "", "title_ru": "Наша", "text_ru": ""}
    assert (await chief.post("/admin/rules/reasons", data=reason)).status_code == 303
    assert "Our own" in (await chief.get("/admin/rules")).text

    role = {"name": "gardener", "permission": ["reports.see", "content.mark"]}
    assert (await chief.post("/admin/roles", data=role)).status_code == 303
    assert (await chief.post("/admin/roles", data={"name": "gardener"})).status_code == 422
    assert (
        await chief.post(f"/admin/people/{anna.id}/roles", data={"role": ["gardener"]})
    ).status_code == 303
    world.clock.advance(60)
    assert (await anna_browser.get("/admin/reports")).status_code == 200
    assert (await anna_browser.get("/admin/roles")).status_code == 403
    await chief.post(f"/admin/people/{anna.id}/notes", data={"text": "Knows her beans."})
    assert "Knows her beans." in (await chief.get(f"/admin/people/{anna.id}")).text
    found = (await chief.get("/admin/people?q=ann")).text
    assert "anna@example.org" in found
    log = (await chief.get("/admin/audit?person=@anna")).text
    assert "Roles given" in log
    assert "Nothing is noted" in (await chief.get("/admin/audit?person=@nobody")).text


@pytest.mark.parametrize(
    "path", ["/admin/reports/x", "/decisions/x", "/report?kind=kettle&id=1", "/admin/rules/x"]
)
async def test_strange_addresses_are_not_there(world: World, path: str) -> None:
    _, chief = await browser_of(world, "chief", "admin")
    assert (await chief.get(path)).status_code == 404
