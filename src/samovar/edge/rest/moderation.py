"""`/api/reports`, `/api/decisions` for members, `/api/moderation` for staff."""

from typing import Annotated, Any, Literal

import msgspec
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from samovar.contracts.moderation import Action
from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.present import desk_views as views
from samovar.edge.present.desk import Desk
from samovar.edge.present.judging import Judging, WaitingFilesView
from samovar.edge.present.times import rfc3339
from samovar.edge.rest.auth import Body
from samovar.edge.rest.common import Changed, Cursor, Done, ItemId, Limit, get, item_id, post
from samovar.edge.rest.posts import reference
from samovar.kernel.authz import guard, signed_in
from samovar.kernel.context import current_call
from samovar.kernel.errors import Invalid

Ids = Annotated[list[str], msgspec.Meta(max_length=50)]
Key = Annotated[str, QueryParameter(max_length=100, description="From a letter, instead of signing in.")]
Name = Annotated[str, PathParameter(max_length=40, description="A name.")]
PersonId = Annotated[str, QueryParameter(max_length=20, description="Of a person; all without it.")]


class ReportBody(Body):
    """What is reported and why: an item by `kind` and `id`, or a person by the kind `person`."""

    kind: Annotated[str, msgspec.Meta(max_length=40)]
    id: Annotated[str, msgspec.Meta(max_length=20)]
    reason: Literal["spam", "rude", "harassment", "illegal", "wrong_place", "other"]
    text: str = ""


class AppealBody(Body):
    """Why another look is needed."""

    text: str
    key: str = ""


class VersionBody(Body):
    """The version of a case that one has seen."""

    version: int


class TextBody(Body):
    """A text."""

    text: str


class FilesBody(Body):
    """Files that were looked at, and what is decided."""

    ids: Ids
    review: Literal["approved", "rejected"]
    #: Take neither rejected ones nor what looks like them again.
    ban: bool = False
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class CasesBody(Body):
    """Cases, by their ids."""

    ids: Ids


class ActionBody(Body):
    """One thing to do, and for how many seconds; for good without them."""

    type: Literal["hide", "sensitive", "delete", "warn", "silence", "suspend", "ban"]
    seconds: Annotated[int, msgspec.Meta(ge=1, le=315_360_000)] | None = None


class ActBody(Body):
    """A decision: in `cases`, or about an item or person without one."""

    actions: Annotated[list[ActionBody], msgspec.Meta(max_length=4)]
    cases: Ids = msgspec.field(default_factory=list)
    kind: str = ""
    id: str | None = None
    reason: str = ""
    message: str = ""
    #: Of the one case, as one has seen it.
    version: int = 0


class WhyBody(Body):
    """Why, in words."""

    why: str = ""


class JudgeBody(Body):
    """Whether an appeal is right, and what to answer."""

    accept: bool
    answer: str = ""


class OverviewView(msgspec.Struct, kw_only=True, frozen=True):
    """What waits, and the last seven days."""

    open_cases: int
    oldest_case_at: str | None
    unassigned: int
    open_appeals: int
    oldest_appeal_at: str | None
    held: int
    oldest_held_at: str | None
    decisions: int
    undone: int
    reports: int


def member_routes(edge: Edge, desk: Desk) -> list[Router]:
    """What members do: report, read decisions about themselves, appeal."""
    api = edge.moderation

    @post("/", status_code=200, summary="Report an item or a person; doing it again changes nothing")
    async def report(data: JSONBody[ReportBody]) -> Done:
        signed_in(current_call())
        number = reference(data.id, "id") or 0
        await api.report(kind=data.kind, id=number, reason=data.reason, text=data.text)
        return Done()

    @get("/{decision:str}", summary="A decision about oneself, or with the key from a letter")
    async def decision(decision: ItemId, key: Key = "") -> views.DecisionView:
        found = await api.get_decision(id=item_id(decision), key=key)
        return (await desk.decisions([found]))[0]

    @post("/{decision:str}/appeal", status_code=200, summary="Ask for another look, once")
    async def appeal(decision: ItemId, data: JSONBody[AppealBody]) -> views.DecisionView:
        found = await api.appeal(decision_id=item_id(decision), text=data.text, key=data.key)
        return (await desk.decisions([found]))[0]

    return [
        Router("/reports", tags=["moderation"], route_handlers=[report]),
        Router("/decisions", tags=["moderation"], route_handlers=[decision, appeal]),
    ]


def routes(edge: Edge, desk: Desk) -> Router:
    """What staff do, below /api/moderation."""
    api = edge.moderation
    judging = Judging(edge, desk.people, desk.media)

    @get("/overview", summary="What waits")
    async def overview() -> OverviewView:
        found = await api.overview()
        values = msgspec.structs.asdict(found)
        times = {name: _when(value) for name, value in values.items() if name.endswith("_at")}
        return OverviewView(**(values | times))

    @get("/cases", summary="Cases; open ones by reports and age")
    async def cases(
        status: FromQuery[str] = "open",
        kind: FromQuery[str] = "",
        reason: FromQuery[str] = "",
        assigned: FromQuery[str] = "",
        person: PersonId = "",
        cursor: Cursor = "",
        limit: Limit = 20,
    ) -> views.CasePageView:
        page = await api.cases(
            state=status[:20], kind=kind[:40], reason=reason[:40], assigned=assigned[:10],
            person_id=reference(person or None, "person") or 0, reporter_id=0, cursor=cursor, limit=limit,
        )  # fmt: skip
        return views.CasePageView(items=await desk.cases(page.items), next=page.next or None)

    @get("/cases/{case:str}", summary="A case with reports, evidence, notes and history")
    async def case(case: ItemId) -> views.CaseFileView:
        return await desk.file(await api.open(id=staff_id(case)))

    def claiming(path: str, summary: str, claim: bool) -> Any:
        @post(f"/cases/{{case:str}}/{path}", status_code=200, summary=summary, operation_id=f"case_{path}")
        async def handler(case: ItemId, data: JSONBody[VersionBody]) -> views.CaseView:
            found = await api.claim(id=staff_id(case), version=data.version, claim=claim)
            return (await desk.cases([found]))[0]

        return handler

    @post("/cases/{case:str}/notes", status_code=200, summary="Note something for other moderators")
    async def note(case: ItemId, data: JSONBody[TextBody]) -> views.NoteView:
        found = await api.add_note(case_id=staff_id(case), person_id=0, text=data.text)
        return (await desk.notes([found]))[0]

    @post("/cases/dismiss", status_code=200, summary="Close cases in which nothing was wrong")
    async def dismiss(data: JSONBody[CasesBody]) -> Done:
        known_to_staff("reports.see")
        await api.dismiss(case_ids=_ids(data.ids), version=0)
        return Done()

    @post("/actions", status_code=200, summary="Decide: in cases, or about an item or person")
    async def act(data: JSONBody[ActBody]) -> views.DecisionPageView:
        known_to_staff("reports.see")
        now = edge.clock.now()
        made = await api.act(
            case_ids=_ids(data.cases), kind=data.kind[:40],
            subject_ids=(reference(data.id, "id") or 0,) if data.id else (),
            actions=tuple(
                Action(type=one.type, until=now + one.seconds * 1_000_000 if one.seconds else 0)
                for one in data.actions
            ),
            reason=data.reason, message=data.message, version=data.version,
        )  # fmt: skip
        return views.DecisionPageView(items=await desk.decisions(made.items), next=None)

    @get("/decisions", summary="Decisions, newest first")
    async def decisions(
        person: PersonId = "", by: PersonId = "", cursor: Cursor = "", limit: Limit = 20
    ) -> views.DecisionPageView:
        page = await api.decisions(
            person_id=reference(person or None, "person") or 0, by_id=reference(by or None, "by") or 0,
            cursor=cursor, limit=limit,
        )  # fmt: skip
        return views.DecisionPageView(items=await desk.decisions(page.items), next=page.next or None)

    @post("/decisions/{decision:str}/undo", status_code=200, summary="Take a decision back")
    async def undo(decision: ItemId, data: JSONBody[WhyBody]) -> views.DecisionView:
        found = await api.undo(decision_id=staff_id(decision), why=data.why)
        return (await desk.decisions([found]))[0]

    @get("/appeals", summary="Appeals that wait, or those judged")
    async def appeals(
        status: FromQuery[str] = "open", cursor: Cursor = "", limit: Limit = 20
    ) -> views.DecisionPageView:
        page = await api.appeals(state=status[:20], cursor=cursor, limit=limit)
        return views.DecisionPageView(items=await desk.decisions(page.items), next=page.next or None)

    @post("/appeals/{decision:str}/judge", status_code=200, summary="Accept an appeal or reject it")
    async def judge(decision: ItemId, data: JSONBody[JudgeBody]) -> views.DecisionView:
        found = await api.judge(decision_id=staff_id(decision), accept=data.accept, answer=data.answer)
        return (await desk.decisions([found]))[0]

    @get("/audit", summary="Who did what, to whom, when and why")
    async def audit(
        actor: PersonId = "",
        person: PersonId = "",
        action: FromQuery[str] = "",
        cursor: Cursor = "",
        limit: Limit = 20,
    ) -> views.LinePageView:
        page = await api.audit(
            actor_id=reference(actor or None, "actor") or 0,
            person_id=reference(person or None, "person") or 0, action=action[:40], kind="", subject_id=0,
            cursor=cursor, limit=limit,
        )  # fmt: skip
        return views.LinePageView(items=await desk.lines(page.items), next=page.next or None)

    @get("/held", summary="Items that wait to be approved, oldest first")
    async def held(cursor: Cursor = "", limit: Limit = 20) -> views.HeldPageView:
        page = await api.held(kind="", cursor=cursor, limit=limit)
        return views.HeldPageView(items=await desk.held(page.items), next=page.next or None)

    @post("/held/approve", status_code=200, summary="Let items that wait be seen")
    async def approve(data: JSONBody[CasesBody]) -> Done:
        known_to_staff("content.hide")
        await api.approve(case_ids=_ids(data.ids))
        return Done()

    @get("/files", summary="Files that wait until a moderator has looked, oldest first")
    async def files(cursor: Cursor = "", limit: Limit = 20) -> WaitingFilesView:
        known_to_staff("content.hide")
        return await judging.waiting(cursor, limit)

    @post("/files/judge", status_code=200, summary="Approve or reject files that wait")
    async def judge_files(data: JSONBody[FilesBody]) -> Changed:
        known_to_staff("content.hide")
        judged = await judging.judge(_ids(data.ids), data.review, ban=data.ban, reason=data.reason)
        return Changed(count=judged)

    return Router(
        "/moderation",
        tags=["moderation"],
        route_handlers=[
            files, judge_files, overview, cases, case, claiming("claim", "Take a case", claim=True),
            claiming("release", "Give a case back", claim=False), note, dismiss, act, decisions, undo,
            appeals,
            judge, audit, held, approve,
        ],
    )  # fmt: skip


def known_to_staff(permission: str) -> None:
    """Before anything is said of a body: strangers and members know nothing of what staff do."""
    guard(current_call(), permission)


def staff_id(text: str, permission: str = "reports.see") -> int:
    """An id in a path, once it is sure that the caller may know of it."""
    known_to_staff(permission)
    return item_id(text)


def _ids(texts: list[str]) -> tuple[int, ...]:
    found = tuple(reference(text, "ids") or 0 for text in texts)
    if len(set(found)) < len(found):
        raise Invalid(fields={"ids": "Each once."})
    return found


def _when(time: int) -> str | None:
    return rfc3339(time) if time else None
