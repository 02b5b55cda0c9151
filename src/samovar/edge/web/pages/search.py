"""Search, and what one may like to see."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import litestar
import msgspec
from litestar import Response
from litestar.params import FromPath

from samovar.contracts.search import HitPage
from samovar.edge.present.posts import PostView
from samovar.edge.present.search import PERSON, with_marks
from samovar.edge.rest.search import find, find_tags
from samovar.edge.web.pages.frame import LANGUAGES, Frame, Req, form_of, is_htmx, redirect, told
from samovar.edge.web.pages.reading import cursor_of
from samovar.kernel.authz import signed_in
from samovar.kernel.context import current_call
from samovar.kernel.errors import AppError, Invalid, NotFound
from samovar.kernel.ids import parse_id

TABS: Final = ("all", "posts", "users", "tags")
#: Filters as they stand in addresses, and how the text of a query says them.
FILTERS: Final = {"from": "from", "after": "after", "before": "before", "lang": "lang", "has": "has"}
LONGEST: Final = 300


class Asked(msgspec.Struct, frozen=True):
    """What an address asks for."""

    q: str
    kind: str
    sort: str
    filters: Mapping[str, str]

    @property
    def empty(self) -> bool:
        return not self.q.strip() and not self.filters

    @property
    def query(self) -> dict[str, str]:
        """The address's own parameters, without those that say nothing."""
        found = {"q": self.q, "kind": "" if self.kind == "all" else self.kind}
        found["sort"] = "" if self.sort == "best" else self.sort
        return {name: value for name, value in {**found, **self.filters}.items() if value}

    @property
    def text(self) -> str:
        """The same as the text of one query."""
        said = [f"{FILTERS[name]}:{value}" for name, value in self.filters.items()]
        return " ".join([self.q.strip(), *said]).strip()

    def tab(self, kind: str) -> str:
        """The address of the same in another tab."""
        return "/search?" + urlencode({**self.query, "kind": kind})

    @property
    def more(self) -> dict[str, Any]:
        """What the contract is asked beside the text."""
        filters = self.filters
        return {
            "newest": self.sort == "newest", "author": filters.get("from", ""),
            "after": filters.get("after", ""), "before": filters.get("before", ""),
            "language": filters.get("lang", ""), "has_media": "has" in filters,
        }  # fmt: skip


def asked_of(values: Mapping[str, str]) -> Asked:
    """What parameters or a form ask for."""
    kind, sort = values.get("kind", ""), values.get("sort", "")
    filters = {
        name: str(values.get(name, "")).strip()[:64] for name in FILTERS if str(values.get(name, "")).strip()
    }
    if "has" in filters:
        filters["has"] = "media"
    return Asked(
        q=str(values.get("q", ""))[: LONGEST + 1],
        kind=kind if kind in TABS else "all",
        sort="newest" if sort == "newest" else "best",
        filters=filters,
    )


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge, found = frame.edge, frame.found

    @litestar.get("/search", include_in_schema=False)
    async def search(request: Req) -> Response[str]:
        asked = asked_of(request.query_params)
        await frame.me(request)
        context: dict[str, Any] = {"asked": asked, "languages": LANGUAGES[1:], "error": ""}
        status = 200
        try:
            context |= await shown(asked, cursor_of(request), _page_of(request))
        except Invalid as error:
            if is_htmx(request):
                raise
            context["error"], status = " ".join(told(error).values()), 422
        if is_htmx(request) and cursor_of(request) and asked.kind in ("posts", "users"):
            name = "found_people.html" if asked.kind == "users" else "found_posts.html"
            return await frame.fragment(request, name, **context)
        if current_call().actor is not None and (asked.empty or status == 200):
            context["saved"] = (await edge.search.saved()).items
        forgot = asked_of({"q": request.query_params.get("forgot", ""), "sort": asked.sort})
        return await frame.page(
            request, "search.html", status, **context, forgot=forgot.q, aside=await frame.aside()
        )

    async def shown(asked: Asked, cursor: str, page: int) -> dict[str, Any]:
        if asked.empty:
            return {}
        text, at = asked.q, {"cursor": cursor, "page": page}
        context: dict[str, Any] = {}
        if asked.kind in ("all", "users"):
            some = {"limit": 3} if asked.kind == "all" else {"limit": 20, **at}
            context["people"] = await found.people(await find(edge, text, (PERSON,), **some))
        if asked.kind in ("all", "tags"):
            context["tags"] = (await find_tags(edge, text, 6 if asked.kind == "all" else 50)).items
        if asked.kind in ("all", "posts"):
            some = {"limit": 10} if asked.kind == "all" else {"limit": 20, **at}
            hits = await find(edge, text, (), **asked.more, **some)
            context["posts"] = await marked(hits)
            context["next"] = hits.next or None
        if asked.kind == "users":
            context["next"] = context["people"].next
        return context

    async def marked(hits: HitPage) -> list[PostView]:
        """The posts with what was asked for marked in their text."""
        words = {str(hit.id): hit.words for hit in hits.items}
        return [
            msgspec.structs.replace(view, html=with_marks(view.html, words.get(view.id, ())))
            for view in (await found.items(hits)).items
        ]

    @litestar.post("/search/saved", status_code=200, include_in_schema=False)
    async def save(request: Req) -> Response[Any]:
        signed_in(current_call())
        asked = asked_of(await form_of(request))
        kind = "" if asked.kind == "all" else asked.kind
        try:
            await edge.search.save(query=asked.text, kind=kind, newest=asked.sort == "newest")
        except AppError as error:
            await frame.me(request)
            return await frame.page(
                request, "search.html", 422, asked=asked, languages=LANGUAGES[1:], forgot="",
                error=" ".join(told(error).values()), aside=await frame.aside(),
            )  # fmt: skip
        return redirect("/search?" + urlencode(asked.query), "search_kept")

    @litestar.post("/search/saved/{saved_id:str}/delete", status_code=200, include_in_schema=False)
    async def forget(saved_id: FromPath[str]) -> Response[Any]:
        signed_in(current_call())
        number = parse_id(saved_id)
        if number is None:
            raise NotFound
        gone = await edge.search.forget(id=number)
        query = {"forgot": gone.query, "kind": gone.kind, "sort": "newest" if gone.newest else ""}
        return redirect("/search?" + urlencode({name: text for name, text in query.items() if text}))

    return [search, save, forget]


def _page_of(request: Req) -> int:
    """The page that an address asks for; 0 for what is no number."""
    text = str(request.query_params.get("page", ""))
    return min(int(text), 1000) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
