"""One's own figures: how people respond to what one makes; and the same as a file."""

import asyncio
from typing import Any, Final

import litestar
from litestar import Response

from samovar.edge.present.figures import date_of, export_view
from samovar.edge.present.plots import change, plotted
from samovar.edge.web import i18n
from samovar.edge.web.pages.frame import Frame, Req, form_of, redirect
from samovar.edge.web.pages.settings import show
from samovar.kernel.errors import Conflict

#: Periods to choose from, in days.
CHOICES: Final = (7, 30, 90, 365)
USUAL: Final = 30
LISTED: Final = 10


def days_of(text: str) -> int:
    """The period that an address names; the usual one when it names none of ours."""
    return int(text) if text in map(str, CHOICES) else USUAL


def tile(label: str, now: int, before: int) -> tuple[str, int, int, int | None]:
    """What a tile says."""
    return label, now, before, change(now, before)


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    analytics = frame.edge.analytics
    address = "/settings/figures/exports"

    async def page(request: Req, days: int, status: int = 200, **more: Any) -> Response[str]:
        frame.need_member()
        await frame.me(request)
        own, files = await asyncio.gather(analytics.mine(days=days), analytics.exports())
        shown = await frame.figures.own(own, LISTED)
        series = shown.series
        labels = (
            ("viewed", i18n.translate("Views of my posts")), ("visited", i18n.translate("Visits to my page")),
            ("followed", i18n.translate("New followers")), ("reacted", i18n.translate("Reactions")),
            ("replied", i18n.translate("Replies")), ("shared", i18n.translate("Reposts and quotes")),
        )  # fmt: skip
        return await show(
            frame, request, "figures", status, days=days, choices=CHOICES, best=shown.best,
            tiles=[tile(label, series[name].total, series[name].before) for name, label in labels],
            plots={name: plotted(date_of(own.first), one.values) for name, one in series.items()},
            nothing=not any(any(one.values) or one.before for one in series.values()),
            exports=tuple(export_view(one) for one in files.items if one.what == "mine"), address=address,
            **more,
        )  # fmt: skip

    @litestar.get("/settings/figures", include_in_schema=False)
    async def figures(request: Req) -> Response[str]:
        return await page(request, days_of(request.query_params.get("days", "")))

    @litestar.get(address, include_in_schema=False)
    async def exports(request: Req) -> Response[str]:
        frame.need_member()
        files = (await analytics.exports()).items
        found = tuple(export_view(one) for one in files if one.what == "mine")
        return await frame.fragment(request, "exports.html", exports=found, address=address)

    @litestar.post(address, status_code=200, include_in_schema=False)
    async def begin(request: Req) -> Response[Any]:
        frame.need_member()
        days = days_of((await form_of(request)).get("days", ""))
        try:
            await analytics.begin_export(what="mine", days=days)
        except Conflict as error:
            await frame.me(request)
            return await page(request, days, 422, errors={"form": i18n.translate(error.message)})
        return redirect(f"/settings/figures?days={days}#files")

    return [figures, exports, begin]
