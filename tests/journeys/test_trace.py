"""One trace through everything: HTTP, calls, the outbox, those who hear of it, what is done later."""

from opentelemetry.trace import SpanKind

from tests.spans import is_below, trace_of, traced
from tests.world import PASSWORD, World


async def registered(world: World) -> str:
    made = await world.http().post(
        "/api/auth/register", json={"username": "anna", "email": "anna@example.org", "password": PASSWORD}
    )
    await world.drain()
    return str(made.json()["access_token"])


async def test_one_trace_from_http_to_the_consumer(world: World) -> None:
    token = await registered(world)
    with traced() as spans:
        answer = await world.http(token).post("/api/posts", json={"text": "tea"})
        assert answer.status_code == 201, answer.text
        request = spans.named("POST /api/posts", SpanKind.SERVER)
        trace_id = trace_of(request)
        assert answer.headers["traceresponse"].split("-")[1] == trace_id
        assert request.attributes is not None
        assert request.attributes["http.response.status_code"] == 201
        assert request.attributes["samovar.request_id"] == answer.headers["x-request-id"]
        if world.kind == "grpc":
            here, there = (
                spans.named("posts.create", SpanKind.CLIENT), spans.named("posts.create", SpanKind.SERVER),
            )  # fmt: skip
            assert is_below(here, request) and is_below(there, here)
        else:
            here = there = spans.named("posts.create")
            assert is_below(here, request)
        before = len(spans.all)
        await world.drain()
        heard = spans.named("feed hears ItemCreated", SpanKind.CONSUMER)
        assert is_below(heard, there)
        assert [f"{link.context.trace_id:032x}" for link in heard.links] == [trace_id]
        assert {trace_of(span) for span in spans.all[before:] if span.name.startswith("feed hears")} == {
            trace_id
        }
        everything = [span for span in spans.all if span.kind is not SpanKind.CONSUMER]
        assert {trace_of(span) for span in everything if "posts." in span.name} == {trace_id}
        world.clock.advance(24 * 3600)
        await world.drain()
        done = [span for span in spans.all if " does " in span.name]
        assert done and trace_id not in {trace_of(span) for span in done}, "a job begins a trace of its own"
