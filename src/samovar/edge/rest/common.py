"""What the REST modules share: parameters, pages, documented refusals."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import litestar
import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter

from samovar.edge.gateway.problems import Problem
from samovar.edge.present.posts import VIEWS, PostPageView
from samovar.kernel.errors import NotFound
from samovar.kernel.ids import parse_id
from samovar.kernel.memo import Derived

Limit = Annotated[int, QueryParameter(ge=1, le=100, description="How many to answer with.")]
Cursor = Annotated[str, QueryParameter(max_length=200, description="From the last page's `next`.")]
Reference = Annotated[str, PathParameter(description="An id, `@name` or name.", max_length=64)]
ItemId = Annotated[str, PathParameter(description="An id.", max_length=20)]


class Changed(msgspec.Struct, kw_only=True, frozen=True):
    """How many it was done to."""

    count: int


class Done(msgspec.Struct, frozen=True):
    """It is done."""

    done: bool = True


_WHAT = {
    400: "Some of this is not right; `errors` says where.",
    401: "Nobody is signed in, or the proof is worthless.",
    403: "Not allowed.",
    404: "There is nothing here, or not for this caller.",
    405: "Not with this method.",
    409: "Clashes with what is there.",
    413: "Larger than we take.",
    415: "Not in this format.",
    429: "Too many requests; see Retry-After.",
    503: "Try again later; see Retry-After.",
}

#: Every route may refuse like this.
REFUSALS: dict[int, Any] = {
    status: ResponseSpec(
        Problem, description=text, media_type="application/problem+json", generate_examples=False
    )
    for status, text in _WHAT.items()
}

V = TypeVar("V")
Verb = Callable[..., Callable[[Callable[..., Any]], HTTPRouteHandler]]


def _documented(verb: Any) -> Verb:
    def route(path: str, **options: Any) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
        made: Callable[[Callable[..., Any]], HTTPRouteHandler] = verb(path, responses=REFUSALS, **options)
        return made

    return route


#: Litestar's decorators, with the refusals documented.
get, post, put, delete = (
    _documented(verb) for verb in (litestar.get, litestar.post, litestar.put, litestar.delete)
)


_json_of_item = Derived(msgspec.json.encode, VIEWS)


def json_of_page(page: PostPageView) -> bytes:
    """A list's JSON, its items encoded once for many readers."""
    items = b",".join(map(_json_of_item, page.items))
    return b'{"items":[%b],"next":%b}' % (items, msgspec.json.encode(page.next))


def as_json(encoded: bytes) -> Response[Any]:
    """An answer that is encoded already: the framework's own encoder would walk through the views again."""
    return Response(encoded, media_type="application/json")


def item_id(text: str) -> int:
    """The id in a path. Raises NotFound: a malformed id names nothing."""
    value = parse_id(text)
    if value is None:
        raise NotFound
    return value
