"""`/api/moderation/rules` and `reasons`: what the community's rules are, and what people are told."""

from typing import Any, Literal

import msgspec
from litestar.params import JSONBody

from samovar.contracts.moderation import Rule
from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.present import desk_views as views
from samovar.edge.present.desk import rule_view
from samovar.edge.rest.auth import Body
from samovar.edge.rest.common import Done, ItemId, delete, get, post, put
from samovar.edge.rest.moderation import Name, staff_id


class ReasonBody(Body):
    """A reason in both languages; one of them may be empty."""

    title_en: str = ""
    text_en: str = ""
    title_ru: str = ""
    text_ru: str = ""


class RuleBody(Body):
    """A rule: all that it names must be so."""

    name: str
    outcome: Literal["queue", "sensitive", "hide", "hold", "refuse"]
    kinds: list[str] = msgspec.field(default_factory=list)
    levels: list[str] = msgspec.field(default_factory=list)
    words: list[str] = msgspec.field(default_factory=list)
    hosts: list[str] = msgspec.field(default_factory=list)
    links: int = 0
    per_hour: int = 0
    media: bool = False
    reason: str = ""
    on: bool = True


class TryBody(Body):
    """A text to try the rules on, and a rule that is not saved yet."""

    text: str
    kind: str = "post"
    level: Literal["new", "basic", "trusted"] = "new"
    media: bool = False
    rule: RuleBody | None = None


class VerdictView(msgspec.Struct, kw_only=True, frozen=True):
    """What the rules say; an empty outcome lets it through."""

    outcome: str
    rules: tuple[str, ...]
    reason: str


class ReasonView(msgspec.Struct, frozen=True, kw_only=True):
    """A reason to choose from, in both languages."""

    key: str
    title_en: str
    text_en: str
    title_ru: str
    text_ru: str
    builtin: bool


class ReasonListView(msgspec.Struct, kw_only=True, frozen=True):
    """All reasons."""

    items: tuple[ReasonView, ...]
    next: str | None = None


class RuleListView(msgspec.Struct, kw_only=True, frozen=True):
    """All rules."""

    items: tuple[views.RuleView, ...]
    next: str | None = None


def routes(edge: Edge) -> Router:
    """Routes below /api/moderation."""
    api = edge.moderation

    @get("/reasons", summary="Reasons to choose from")
    async def reasons() -> ReasonListView:
        found = (await api.reasons()).items
        return ReasonListView(items=tuple(ReasonView(**msgspec.structs.asdict(one)) for one in found))

    @put("/reasons/{name:str}", summary="Make a reason or change it")
    async def save_reason(name: Name, data: JSONBody[ReasonBody]) -> Done:
        await api.save_reason(key=name, builtin=False, **msgspec.structs.asdict(data))
        return Done()

    @delete(
        "/reasons/{name:str}", status_code=200, summary="Remove a reason; a built-in one becomes as it was"
    )
    async def remove_reason(name: Name) -> Done:
        await api.remove_reason(key=name)
        return Done()

    @get("/rules", summary="The community's rules")
    async def rules() -> RuleListView:
        return RuleListView(items=tuple(map(rule_view, (await api.rules()).items)))

    @post("/rules", status_code=200, summary="Make a rule")
    async def make_rule(data: JSONBody[RuleBody]) -> views.RuleView:
        return rule_view(await api.save_rule(id=0, **msgspec.structs.asdict(data)))

    @put("/rules/{rule:str}", summary="Change a rule, or switch it on or off")
    async def change_rule(rule: ItemId, data: JSONBody[RuleBody]) -> views.RuleView:
        number = staff_id(rule, "rules.change")
        return rule_view(await api.save_rule(id=number, **msgspec.structs.asdict(data)))

    @delete("/rules/{rule:str}", status_code=200, summary="Remove a rule")
    async def remove_rule(rule: ItemId) -> Done:
        await api.remove_rule(id=staff_id(rule, "rules.change"))
        return Done()

    @post("/rules/try", status_code=200, summary="What the rules would say of a text")
    async def attempt(data: JSONBody[TryBody]) -> VerdictView:
        rule = None if data.rule is None else Rule(**_tuples(msgspec.structs.asdict(data.rule)))
        found = await api.try_rules(
            rule=rule, kind=data.kind[:40], level=data.level, text=data.text, media=data.media
        )
        return VerdictView(outcome=found.outcome, rules=tuple(map(str, found.rule_ids)), reason=found.reason)

    return Router(
        "/moderation",
        tags=["moderation"],
        route_handlers=[
            reasons, save_reason, remove_reason, rules, make_rule, change_rule, remove_rule, attempt
        ],
    )  # fmt: skip


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
