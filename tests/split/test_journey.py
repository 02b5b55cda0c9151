"""Three people in a community of several processes, one of which is killed on the way."""

import asyncio

from tests.split.conftest import Make
from tests.split.people import Ledger, Member, Rotation, eventually

#: The feed in a process of its own, so that it can die alone.
GROUPS = {
    "people": ("identity", "profiles", "graph", "delivery"),
    "content": ("posts", "reactions", "media"),
    "feed": ("feed", "notifications", "realtime"),
    "desk": ("search", "analytics", "moderation", "limits", "logs"),
}


async def test_three_people_and_a_process_that_dies(make_split: Make) -> None:
    split = await make_split(groups=GROUPS)  # type: ignore[misc]
    ledger, rotation = Ledger(), Rotation(split)
    async with (
        Member(rotation, ledger, "anna") as anna,
        Member(rotation, ledger, "boris") as boris,
        Member(rotation, ledger, "clara") as clara,
    ):
        await boris.do("POST", f"/users/{anna.id}/follow")
        first = await anna.post("the samovar is on")

        async def home_is(member: Member, *texts: str) -> bool:
            return [item["text"] for item in (await member.do("GET", "/feed"))["items"]] == list(texts)

        await eventually(lambda: home_is(boris, "the samovar is on"))
        reply = await boris.post("coming", in_reply_to_id=first["id"])
        quote = await clara.post("so cosy", quote_of_id=first["id"])
        await boris.do("PUT", f"/posts/{first['id']}/reactions/like")

        async def counted() -> bool:
            counts = (await clara.do("GET", f"/posts/{first['id']}"))["counts"]
            return (counts["replies"], counts["quotes"], counts["reactions"]) == (1, 1, {"like": 1})

        await eventually(counted)
        # Feed dies; what needs it says so, the rest goes on; afterwards nothing is missing.
        feed = next(process for process in split.services if process.name.startswith("feed"))
        await asyncio.to_thread(feed.kill)
        meanwhile = await anna.post("is anybody there?")
        refused = await boris.ask("GET", "/feed")
        assert refused is not None and refused.status_code == 503 and int(refused.headers["retry-after"]) >= 1
        assert (await clara.do("GET", f"/posts/{meanwhile['id']}"))["text"] == "is anybody there?"
        await asyncio.to_thread(feed.start)
        await eventually(lambda: home_is(boris, "is anybody there?", "coming", "the samovar is on"))
        # Edit, delete, block.
        await anna.do("PUT", f"/posts/{first['id']}", text="the samovar sings")
        await eventually(lambda: home_is(boris, "is anybody there?", "coming", "the samovar sings"))
        await anna.do("DELETE", f"/posts/{meanwhile['id']}")
        await eventually(lambda: home_is(boris, "coming", "the samovar sings"))
        await anna.do("POST", f"/users/{boris.id}/block")
        await eventually(lambda: home_is(boris, "coming"))
        await boris.do("GET", f"/posts/{first['id']}", 404)
        assert (await clara.do("GET", f"/posts/{quote['id']}"))["quote"]["text"] == "the samovar sings"
        await clara.do("GET", f"/posts/{reply['id']}")
        # A session that is ended is ended at every edge at once.
        await clara.do("POST", "/auth/logout")
        for edge in split.edges:
            answer = await clara.http.get(
                f"{edge.url}/api/auth/validate", headers={"authorization": f"Bearer {clara.token}"}
            )
            assert answer.status_code == 401, edge.name
    assert set(await asyncio.to_thread(split.stop)) == {0}, "all have drained and ended by themselves"
