"""The room of rules: who is looked at first, what rules do by themselves, what people are told."""

from typing import Any, Final

import litestar
from litestar import Response
from litestar.params import FromPath

from samovar.contracts.moderation import Rule
from samovar.edge.web.pages.admin.acts import number_of, refused
from samovar.edge.web.pages.admin.rooms import enter, show
from samovar.edge.web.pages.frame import Frame, Req, form_of, redirect, told
from samovar.kernel.errors import AppError, NotFound

LEVELS: Final = ("new", "basic", "trusted")
OUTCOMES: Final = ("queue", "sensitive", "hold", "hide", "refuse")
#: Rules of this name and kind are the switches of looking first.
GATE: Final = "gate"


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge, api = frame.edge, frame.edge.moderation

    def gates_of(rules: Any) -> dict[str, Rule]:
        return {rule.kinds[0]: rule for rule in rules if rule.name == GATE and len(rule.kinds) == 1}

    async def page_of(
        request: Req, errors: dict[str, str] | None = None, status: int = 200, **more: Any
    ) -> Response[str]:
        rules = (await api.rules()).items
        return await show(
            frame, request, "rules", "rules.html", status, kinds=edge.kinds, levels=LEVELS,
            gates=gates_of(rules), rules=[rule for rule in rules if rule.name != GATE],
            reasons=(await api.reasons()).items, errors=errors or {}, **{"tried": None, "values": {}} | more,
        )  # fmt: skip

    async def rule_page(
        request: Req, rule: Rule, errors: dict[str, str] | None = None, status: int = 200
    ) -> Response[str]:
        return await show(
            frame, request, "rules", "rule.html", status, rule=rule, kinds=edge.kinds, levels=LEVELS,
            outcomes=OUTCOMES, reasons=(await api.reasons()).items, errors=errors or {},
        )  # fmt: skip

    @litestar.get("/admin/rules", include_in_schema=False)
    async def rules(request: Req) -> Response[str]:
        enter("rules")
        return await page_of(request)

    @litestar.post("/admin/rules/gates", status_code=200, include_in_schema=False)
    async def gates(request: Req) -> Response[Any]:
        """Whose items are looked at before others see them."""
        enter("rules")
        form = await form_of(request)
        kept = gates_of((await api.rules()).items)
        for kind in edge.kinds:
            levels = tuple(level for level in LEVELS if level in form["lists"].get(kind, []))
            known = kept.get(kind)
            if known is not None and not levels:
                await api.remove_rule(id=known.id)
            elif levels and (known is None or known.levels != levels):
                await api.save_rule(
                    id=known.id if known else 0, name=GATE, kinds=(kind,), levels=levels, words=(), hosts=(),
                    links=0, per_hour=0, media=False, outcome="hold", reason="first_posts", on=True,
                )  # fmt: skip
        return redirect("/admin/rules", "saved")

    @litestar.post("/admin/rules/try", status_code=200, include_in_schema=False)
    async def attempt(request: Req) -> Response[Any]:
        enter("rules")
        form = await form_of(request)
        level = form.get("level", "") if form.get("level") in LEVELS else "new"
        kind = form.get("kind", "") if form.get("kind") in edge.kinds else edge.kinds[0]
        try:
            tried = await api.try_rules(
                rule=None, kind=kind, level=level, text=form.get("text", ""), media=bool(form.get("media"))
            )
        except AppError as error:
            status = refused(error)
            await frame.me(request)
            return await page_of(request, told(error), status, values=form)
        return await page_of(request, tried=tried, values=form)

    @litestar.post("/admin/rules/reasons", status_code=200, include_in_schema=False)
    async def reason(request: Req) -> Response[Any]:
        enter("rules")
        form = await form_of(request)
        try:
            if form.get("do") == "remove":
                await api.remove_reason(key=form.get("key", ""))
            else:
                texts = {name: form.get(name, "") for name in ("title_en", "text_en", "title_ru", "text_ru")}
                await api.save_reason(key=form.get("key", "").strip(), builtin=False, **texts)
        except AppError as error:
            status = refused(error)
            await frame.me(request)
            return await page_of(request, told(error), status, values=form)
        return redirect("/admin/rules#reasons", "saved")

    @litestar.get("/admin/rules/{rule:str}", include_in_schema=False)
    async def one(request: Req, rule: FromPath[str]) -> Response[str]:
        enter("rules")
        if rule == "new":
            return await rule_page(request, Rule(outcome="queue", on=True))
        number = number_of(rule)
        found = next((one for one in (await api.rules()).items if one.id == number), None)
        if found is None:
            raise NotFound
        return await rule_page(request, found)

    @litestar.post("/admin/rules/{rule:str}", status_code=200, include_in_schema=False)
    async def save(request: Req, rule: FromPath[str]) -> Response[Any]:
        enter("rules")
        form = await form_of(request)
        number = 0 if rule == "new" else number_of(rule)
        lists = form["lists"]
        wanted = Rule(
            id=number, name=form.get("name", ""), kinds=tuple(lists.get("kind", [])[:20]),
            levels=tuple(lists.get("level", [])[:5]), words=_lines(form.get("words", "")),
            hosts=_lines(form.get("hosts", "")), links=_number(form.get("links", "")),
            per_hour=_number(form.get("per_hour", "")), media=bool(form.get("media")),
            outcome=form.get("outcome", ""), reason=form.get("reason", ""), on=bool(form.get("on")),
        )  # fmt: skip
        try:
            if form.get("do") == "remove":
                await api.remove_rule(id=number)
            else:
                values = {name: getattr(wanted, name) for name in Rule.__struct_fields__}
                await api.save_rule(**values)
        except AppError as error:
            status = refused(error)
            await frame.me(request)
            return await rule_page(request, wanted, told(error), status)
        return redirect("/admin/rules", "saved")

    return [rules, gates, attempt, reason, one, save]


def _lines(text: str) -> tuple[str, ...]:
    """Entries of a list that somebody typed: a line or what commas part."""
    parts = (part.strip() for line in text.splitlines() for part in line.split(","))
    return tuple([part for part in parts if part][:1000])


def _number(text: str) -> int:
    text = text.strip() or "0"
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else -1
