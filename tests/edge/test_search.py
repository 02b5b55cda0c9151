"""Search over HTTP: the API, the pages, and what of a text can't become HTML."""

import re

import pytest

from samovar.edge.present.search import with_marks
from tests.edge.test_pages import member
from tests.services.posts.helpers import write
from tests.world import World

NASTY = '<img src=x onerror="alert(1)"> samovar & <b>"quotes"</b>'


async def test_everything_in_groups(world: World) -> None:
    anna = await world.person("anna")
    post = await write(anna, "Green tea in the garden #teatime")
    await anna.profiles.update(bio="Tea, mostly")
    await world.drain()
    found = (await world.http().get("/api/search", params={"q": "tea"})).json()
    assert found["query"] == "tea"
    assert [user["username"] for user in found["users"]["items"]] == ["anna"]
    assert found["users"]["highlights"] == {str(anna.id): "<mark>Tea</mark>, mostly"}
    assert [item["id"] for item in found["posts"]["items"]] == [str(post.id)]
    assert found["posts"]["highlights"] == {
        str(post.id): "Green <mark>tea</mark> in the garden #<mark>teatime</mark>"
    }
    assert found["tags"]["items"] == [{"tag": "teatime", "items": 1, "url": "/tags/teatime"}]


async def test_each_group_with_pages_and_filters(world: World) -> None:
    anna, http = await world.person("anna"), world.http()
    posts = [str((await write(anna, f"teaspoon {number}")).id) for number in range(5)]
    await world.drain()
    found = (
        await http.get("/api/search/posts", params={"q": "teaspoon", "sort": "newest", "limit": 2})
    ).json()
    assert [item["id"] for item in found["items"]] == posts[:2:-1]
    more = {"q": "teaspoon", "sort": "newest", "limit": 2, "cursor": found["next"]}
    assert [item["id"] for item in (await http.get("/api/search/posts", params=more)).json()["items"]] == [
        posts[2], posts[1],
    ]  # fmt: skip
    third = {"q": "teaspoon", "sort": "newest", "limit": 2, "page": 3}
    assert [
        item["id"] for item in (await http.get("/api/search/posts", params=third)).json()["items"]
    ] == posts[:1]
    for more, number in (
        ({"from": "@anna"}, 5), ({"from": "@nobody"}, 0), ({"lang": "ru"}, 0), ({"has": "media"}, 0),
        ({"after": "2030-01-01"}, 0), ({"before": "2030-01-01"}, 5),
    ):  # fmt: skip
        answer = await http.get("/api/search/posts", params={"q": "teaspoon"} | more)
        assert len(answer.json()["items"]) == number, more
    assert len((await http.get("/api/search/users", params={"q": "ann"})).json()["items"]) == 1
    assert (await http.get("/api/search/suggest", params={"q": "@ann"})).json()[0]["url"] == "/@anna"


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "a" * 301,
        "q=x&sort=odd",
        "q=x&page=200",
        "q=x&cursor=z",
        "q=x&cursor=99999",
        "q=x&after=soon",
        "q=x&limit=0",
    ],
)
async def test_too_much_is_refused_in_words(world: World, query: str) -> None:
    answer = await world.http().get(f"/api/search/posts?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]


async def test_deep_pages_say_what_to_do(world: World) -> None:
    answer = await world.http().get("/api/search/posts?q=tea&page=60")
    assert (answer.status_code, answer.json()["code"]) == (400, "search.too_deep")
    page = await world.browser().get("/search?q=tea&kind=posts&page=900")
    assert page.status_code == 422 and "first 1,000 results" in page.text


async def test_kept_searches_are_ones_own(world: World) -> None:
    browser, other = await member(world, "anna"), await member(world, "boris")
    kept = (await browser.post("/api/search/saved", json={"query": " green   tea ", "kind": "posts"})).json()
    assert (kept["query"], kept["kind"], kept["sort"]) == ("green tea", "posts", "best")
    again = (await browser.post("/api/search/saved", json={"query": "green tea", "kind": "posts"})).json()
    assert again == kept
    assert (await browser.get("/api/search/saved")).json()["items"] == [kept]
    assert (await other.get("/api/search/saved")).json()["items"] == []
    assert (await other.delete(f"/api/search/saved/{kept['id']}")).status_code == 404
    assert (await browser.delete(f"/api/search/saved/{kept['id']}")).json() == kept
    assert (await browser.delete(f"/api/search/saved/{kept['id']}")).status_code == 404
    assert (await browser.post("/api/search/saved", json={"query": " "})).status_code == 400
    assert (await browser.post("/api/search/saved", json={"query": "x", "more": 1})).status_code == 400
    for method, path in (
        ("GET", "search/saved"),
        ("GET", "recommendations/users"),
        ("GET", "recommendations/posts"),
    ):
        assert (await world.http().request(method, f"/api/{path}")).status_code == 401


async def test_a_kept_search_comes_back_by_its_form(world: World) -> None:
    browser = await member(world, "anna")
    form = {"q": "green tea", "kind": "posts", "sort": "newest", "from": "@anna"}
    answer = await browser.post("/search/saved", data=form)
    assert answer.status_code == 303
    page = (await browser.get("/search")).text
    assert "green tea from:@anna" in page
    [address] = re.findall(r'action="(/search/saved/\d+/delete)"', page)
    gone = await browser.post(address)
    assert gone.status_code == 303
    undo = (await browser.get(gone.headers["location"])).text
    assert 'name="q" value="green tea from:@anna"' in undo and "is deleted" in undo
    form = {"q": "green tea from:@anna", "kind": "posts", "sort": "newest"}
    assert (await browser.post("/search/saved", data=form)).status_code == 303
    assert len((await browser.get("/api/search/saved")).json()["items"]) == 1


async def test_nothing_of_a_text_becomes_html(world: World) -> None:
    anna = await world.person("anna")
    post = await write(anna, NASTY)
    await anna.profiles.update(bio=NASTY)
    await world.drain()
    for query in ("samovar", "quotes", "img", "onerror", "amp", "quot", "b"):
        found = (await world.http().get("/api/search", params={"q": query})).json()
        for html in (*found["posts"]["highlights"].values(), *found["users"]["highlights"].values()):
            assert set(re.findall(r"<[^>]*>", html)) <= {"<mark>", "</mark>"}, html
        page = (await world.browser().get("/search", params={"q": query})).text
        assert "<img src=x" not in page and "<b>&#34;" not in page and 'onerror="' not in page
    assert f'id="p{post.id}"' in (await world.browser().get("/search?q=samovar")).text
    page = (await world.browser().get("/search", params={"q": '"><script>alert(1)</script>'})).text
    assert "<script>alert" not in page


def test_marks_stand_around_words_of_text_only() -> None:
    html = '<p><a href="/tags/tea" rel="tag">#tea</a> &amp; amp, Tea</p>'
    assert with_marks(html, ("tea", "amp", "href", "p")) == (
        '<p><a href="/tags/tea" rel="tag">#<mark>tea</mark></a> &amp; <mark>amp</mark>, <mark>Tea</mark></p>'
    )
    assert with_marks(html, ()) == html


async def test_the_page_shows_what_was_found_and_where_to_go_on(world: World) -> None:
    anna, browser = await world.person("anna"), await member(world, "boris")
    for number in range(23):
        await write(anna, f"teaspoon {number}")
    await world.drain()
    page = (await browser.get("/search?q=teaspoon")).text
    assert "<mark>teaspoon</mark>" in page and "kind=posts" in page and 'role="search"' in page
    posts = (await browser.get("/search?q=teaspoon&kind=posts&sort=newest")).text
    assert posts.count('class="post"') == 20
    [address] = re.findall(r'href="(/search\?[^"]*cursor=[^"]*)"', posts)
    more = await browser.get(address.replace("&amp;", "&"), headers={"hx-request": "true"})
    assert more.text.count('class="post"') == 3 and "<html" not in more.text
    assert "Nothing found" in (await browser.get("/search?q=unheardof")).text
    for odd in (
        "/search",
        "/search?q=",
        "/search?kind=odd&sort=odd&page=x",
        "/search?has=media",
        "/search?lang=ru",
    ):
        assert (await browser.get(odd)).status_code == 200, odd
    long = await browser.get("/search?q=" + "a" * 301)
    assert long.status_code == 422 and "at most 300 characters" in long.text
    assert 'action="/search"' in (await browser.get("/explore")).text
