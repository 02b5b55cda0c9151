"""What the forms of the back rooms have in common: deciding, taking back, what went wrong."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import litestar
from litestar import Response
from litestar.params import FromPath

from samovar.contracts.moderation import Action
from samovar.edge.gateway.problems import STATUS
from samovar.edge.web.pages.admin.rooms import enter
from samovar.edge.web.pages.frame import Frame, Req, form_of, local, redirect
from samovar.kernel.authz import may
from samovar.kernel.clock import DAY
from samovar.kernel.context import current_call
from samovar.kernel.errors import AppError, NotFound, Unauthenticated, Unavailable
from samovar.kernel.ids import parse_id

#: Actions in the order to offer them, with the permission that each takes.
TO_ITEMS: Final = (("hide", "content.hide"), ("sensitive", "content.mark"), ("delete", "content.delete"))
TO_PEOPLE: Final = (
    ("warn", "accounts.warn"), ("silence", "accounts.silence"), ("suspend", "accounts.suspend"),
    ("ban", "accounts.ban"),
)  # fmt: skip
#: Terms to choose from, in days; 0: for good.
TERMS: Final = (0, 1, 3, 7, 30, 90, 365)
TIMED: Final = frozenset({"hide", "sensitive", "silence", "suspend"})


def offered(kind: str) -> list[str]:
    """Actions that the caller may take on such a subject."""
    call = current_call()
    every = TO_PEOPLE if kind == "person" else TO_ITEMS
    return [type for type, permission in every if may(call, permission)]


def number_of(text: str) -> int:
    """An id of an address or a form. Raises NotFound."""
    found = parse_id(text)
    if found is None:
        raise NotFound
    return found


def ids_of(texts: Sequence[str]) -> tuple[int, ...]:
    """Ids of a form, each once."""
    return tuple(dict.fromkeys(number for text in texts[:100] if (number := parse_id(text)) is not None))


def actions_of(form: Mapping[str, Any], now: int) -> tuple[Action, ...]:
    """What a form wants done, and for how long."""
    days = form.get("days", "0")
    term = int(days) if days.isdecimal() and len(days) < 5 else 0
    until = now + term * DAY if term else 0
    return tuple(
        Action(type=type[:20], until=until if type in TIMED else 0)
        for type in form["lists"].get("action", [])[:10]
    )


def back_with(back: str, **more: str) -> Response[Any]:
    """Return to a page, which says what was done and how to undo it."""
    path, _, query = local(back).partition("?")
    kept = "&".join(
        part for part in query.split("&") if part and part.partition("=")[0] not in ("done", "undo")
    )
    return redirect(f"{path}?{'&'.join(filter(None, [kept, urlencode(more)]))}")


def done_of(request: Req) -> dict[str, Any]:
    """What a page says of what was just done: the number of things, and decisions that can be taken back."""
    number = request.query_params.get("done", "")
    undo = ids_of(request.query_params.get("undo", "").split(","))
    return {"done": int(number) if number.isdecimal() and len(number) < 4 else None, "undo": undo}


def refused(error: AppError) -> int:
    """The status of a page that says what is wrong; what has no place on a page goes on."""
    if isinstance(error, (Unavailable, Unauthenticated, NotFound)):
        raise error
    status = STATUS[error.status]
    return 422 if status == 400 else status


def routes(frame: Frame) -> list[Any]:
    """Routes that several rooms lead to."""
    api = frame.edge.moderation

    @litestar.post("/admin/decisions/undo", status_code=200, include_in_schema=False)
    async def undo(request: Req) -> Response[Any]:
        enter("reports")
        form = await form_of(request)
        ids = ids_of(form["lists"].get("decision", []))
        for decision_id in ids[:50]:
            await api.undo(decision_id=decision_id, why=form.get("why", ""))
        return back_with(form.get("back", "") or "/admin/reports", done=str(len(ids)))

    @litestar.get("/admin/decisions/{decision:str}", include_in_schema=False)
    async def decision(decision: FromPath[str]) -> Response[Any]:
        enter("reports")
        found = await api.get_decision(id=number_of(decision), key="")
        return redirect(f"/admin/reports/{found.case_id}")

    return [undo, decision]
