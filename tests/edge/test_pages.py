"""Pages without a browser: forms, refusals and what goes over the wire."""

import gzip

import httpx

from tests.world import PASSWORD, World


async def member(world: World, name: str = "anna") -> httpx.AsyncClient:
    """Somebody's browser, signed in."""
    await world.person(name)
    browser = world.browser()
    answer = await browser.post("/login", data={"username": name, "password": PASSWORD})
    assert answer.status_code == 303
    return browser


async def test_a_form_leads_back_to_a_page_with_a_name_in_any_script(world: World) -> None:
    browser = await member(world)
    made = await browser.post("/posts", data={"text": "#утро"})
    post_id = made.headers["location"].rpartition("/")[2]
    answer = await browser.post(f"/posts/{post_id}/like", data={"back": f"/tags/утро#p{post_id}"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/tags/%D1%83%D1%82%D1%80%D0%BE#p{post_id}"


async def test_a_form_never_leads_to_another_site(world: World) -> None:
    browser = await member(world)
    for back in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = await browser.post("/settings/appearance", data={"theme": "dark", "back": back})
        assert answer.headers["location"] in ("/", "/settings/appearance"), back


async def test_a_piece_of_a_page_returns_to_the_page_it_stands_on(world: World) -> None:
    browser = await member(world)
    made = await browser.post("/posts", data={"text": "Good morning"})
    post_id = made.headers["location"].rpartition("/")[2]
    answer = await browser.post(
        f"/posts/{post_id}/like", data={"back": f"/explore#p{post_id}"}, headers={"hx-request": "true"}
    )
    assert f'name="back" value="/explore#p{post_id}"' in answer.text


async def test_a_post_is_deleted_by_its_form(world: World) -> None:
    browser = await member(world)
    made = await browser.post("/posts", data={"text": "Not for long"})
    address = made.headers["location"]
    post_id = address.rpartition("/")[2]
    assert "Not for long" in (await browser.get(f"/posts/{post_id}/delete")).text
    answer = await browser.post(f"/posts/{post_id}/delete", data={"back": "/explore"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/explore")
    assert (await browser.get(address)).status_code == 404


async def test_nonsense_in_a_poll_keeps_what_was_written(world: World) -> None:
    browser = await member(world)
    form = {"text": "Tea?", "with_poll": "1", "poll_option": ["Yes", "No"], "poll_expires_in": "soon"}
    answer = await browser.post("/posts", data=form)
    assert answer.status_code == 422
    assert "Tea?" in answer.text
    assert 'value="Yes"' in answer.text


async def test_what_the_gateway_refuses_is_a_page_for_people_and_a_problem_for_programs(world: World) -> None:
    browser = world.browser()
    strange = {"sec-fetch-site": "cross-site", "accept-language": "ru"}
    page = await browser.post("/settings/appearance", data={"theme": "dark"}, headers=strange)
    assert page.status_code == 403
    assert page.headers["content-type"].startswith("text/html")
    assert '<html lang="ru"' in page.text
    assert "Запрос пришёл с другого сайта" in page.text
    problem = await browser.post("/api/auth/login", json={}, headers=strange)
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == "cross_site"
    assert problem.json()["detail"].startswith("Запрос пришёл с другого сайта")


async def test_an_error_page_knows_who_reads_it(world: World) -> None:
    browser = await member(world)
    page = await browser.get("/nothing")
    assert page.status_code == 404
    assert 'href="/@anna"' in page.text
    assert 'href="/login' not in page.text


async def test_limits_are_said_in_the_readers_language(world: World) -> None:
    browser = await member(world)
    russian = {"accept-language": "ru"}
    await browser.post("/settings/appearance", data={"locale": "ru"})
    page = await browser.post("/settings/profile", data={"display_name": "я" * 60}, headers=russian)
    assert "Не длиннее 50 знаков." in page.text


async def test_only_pages_are_compressed(world: World) -> None:
    browser = await member(world)
    packed = {"accept-encoding": "gzip"}
    page = await browser.get("/about", headers=packed)
    assert page.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in page.headers["vary"]
    assert len(page.content) > int(page.headers["content-length"])
    plain = await browser.get("/about", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == page.text
    again = await browser.get("/about", headers={**packed, "if-none-match": page.headers["etag"]})
    assert again.status_code == 304
    assert "content-encoding" not in again.headers
    for method, path in (("GET", "/api/openapi.json"), ("POST", "/settings/security/nothing")):
        answer = await browser.request(method, path, headers=packed)
        assert len(answer.content) > 1024
        assert "content-encoding" not in answer.headers


async def test_the_length_of_a_compressed_page_tells_little(world: World) -> None:
    browser = world.browser()
    lengths = set()
    for _ in range(12):
        async with browser.stream("GET", "/about", headers={"accept-encoding": "gzip"}) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert b"<html" in gzip.decompress(raw)
        lengths.add(len(raw))
    assert len(lengths) > 3
