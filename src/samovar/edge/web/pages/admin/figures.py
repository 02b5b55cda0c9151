"""The room of figures: how the community is doing, in plots; and the same as files."""

import asyncio
from typing import Any, Final, NamedTuple

import litestar
from litestar import Response

from samovar.edge.present.figures import SummaryView, date_of, export_view
from samovar.edge.present.plots import Cell, Plot, day_text, plotted, shades
from samovar.edge.web import i18n
from samovar.edge.web.pages import admin
from samovar.edge.web.pages.frame import Frame, Req, form_of, redirect
from samovar.edge.web.pages.own_figures import CHOICES, days_of, tile
from samovar.kernel.errors import Conflict, Invalid

ROOM: Final = "figures"
#: Lines of lists, and weeks of cohorts.
LISTED, WEEKS = 10, 8


class Cohort(NamedTuple):
    """A row of the heat table."""

    label: str
    people: int
    cells: tuple[Cell, ...]


class Step(NamedTuple):
    """A step of the way in."""

    label: str
    people: int
    percent: int


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    analytics = frame.edge.analytics
    address = "/admin/figures/exports"

    async def page(request: Req, days: int, status: int = 200, **more: Any) -> Response[str]:
        admin.enter(ROOM)
        await frame.me(request)
        summary, popular, active, cohorts, steps, exports = await asyncio.gather(
            analytics.summary(days=days),
            frame.figures.popular("", days, LISTED),
            frame.figures.active(days, LISTED),
            analytics.retention(weeks=WEEKS),
            analytics.funnel(days=days),
            analytics.exports(),
        )
        shown = frame.figures.summary(summary)
        ways = (
            (i18n.translate("Joined"), steps.registered),
            (i18n.translate("Followed somebody"), steps.followed),
            (i18n.translate("Wrote something"), steps.posted),
            (i18n.translate("Came back on another day"), steps.returned),
        )  # fmt: skip
        return await admin.show(
            frame, request, ROOM, "figures.html", status, days=days, choices=CHOICES, summary=shown,
            tiles=_tiles(shown), plots=_plots(shown, summary.first), popular=popular, active=active,
            cohorts=[
                Cohort(day_text(date_of(one.first)), one.people, shades(one.people, one.here))
                for one in cohorts.items
            ],
            steps=[
                Step(label, people, round(100 * people / steps.registered) if steps.registered else 0)
                for label, people in ways
            ],
            exports=tuple(map(export_view, exports.items)), address=address, **more,
        )  # fmt: skip

    @litestar.get("/admin/figures", include_in_schema=False)
    async def figures(request: Req) -> Response[str]:
        return await page(request, days_of(request.query_params.get("days", "")))

    @litestar.get(address, include_in_schema=False)
    async def exports(request: Req) -> Response[str]:
        admin.enter(ROOM)
        found = tuple(map(export_view, (await analytics.exports()).items))
        return await frame.fragment(request, "exports.html", exports=found, address=address)

    @litestar.post(address, status_code=200, include_in_schema=False)
    async def begin(request: Req) -> Response[Any]:
        admin.enter(ROOM)
        form = await form_of(request)
        days = days_of(form.get("days", ""))
        try:
            await analytics.begin_export(what=form.get("what", ""), days=days)
        except (Conflict, Invalid) as error:
            await frame.me(request)
            return await page(request, days, 422, errors={"form": i18n.translate(error.message)})
        return redirect(f"/admin/figures?days={days}#files")

    return [figures, exports, begin]


def _tiles(shown: SummaryView) -> list[tuple[str, int, int, int | None]]:
    """What stands at the top: who is here, and what happened."""
    numbers = [
        (i18n.translate("Members"), shown.members, shown.members_before),
        (i18n.translate("Here today"), shown.daily.now, shown.daily.before),
        (i18n.translate("Here in 7 days"), shown.weekly.now, shown.weekly.before),
        (i18n.translate("Here in 30 days"), shown.monthly.now, shown.monthly.before),
    ]
    for name, label in (
        ("registered", i18n.translate("New members")), ("created", i18n.translate("Posts and replies")),
        ("reacted", i18n.translate("Reactions")), ("viewed", i18n.translate("Views")),
    ):  # fmt: skip
        one = shown.series[name]
        numbers.append((label, one.total, one.before))
    return [tile(label, now, before) for label, now, before in numbers]


def _plots(shown: SummaryView, first: int) -> dict[str, Plot]:
    return {
        name: plotted(date_of(first), one.values, mean=name == "active") for name, one in shown.series.items()
    }
