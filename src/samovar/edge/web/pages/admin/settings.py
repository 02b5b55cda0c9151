"""The room of settings: those in force, how often what may be done, and networks let through or kept out."""

from typing import Any, Final

import litestar
from litestar import Response

from samovar.edge.present.acts import Acts
from samovar.edge.present.machine import Machine, network_view, rule_view
from samovar.edge.present.staff import staff
from samovar.edge.rest.limits import may_change
from samovar.edge.web import i18n
from samovar.edge.web.pages.admin import show
from samovar.edge.web.pages.frame import Frame, Req, form_of, redirect, told
from samovar.edge.web.pages.reading import cursor_of
from samovar.kernel.authz import may
from samovar.kernel.context import current_call
from samovar.kernel.errors import AppError, Unavailable

#: What actions are called.
SAID: Final = {
    "read": "Reading pages and the API",
    "file": "Pictures and films",
    "write": "Everything that changes something",
    "sign-in": "Signing in and signing up, before it is known who",
    "search": "Searching",
    "report": "Reporting",
    "live": "Live connections",
    "guess": "Passwords for one account from one address",
    "guess-address": "Passwords for all accounts from one address",
    "guess-account": "Passwords for one account from unknown addresses",
    "code": "Codes of the second factor from one address",
    "code-account": "Codes of the second factor from unknown addresses",
    "register": "New accounts from one address",
    "letter": "Letters that one person asks for",
    "letter-address": "Letters that strangers ask for from one address",
    "post": "Writing, editing, voting and passing on",
    "react": "Reacting",
    "follow": "Following",
    "upload": "Uploading files",
}


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge, machine = frame.edge, Machine(frame.edge)
    acts = Acts(edge, machine)

    async def room(request: Req, status: int = 200, **more: Any) -> Response[str]:
        await frame.me(request)  # settles the language of the labels
        call = current_call()
        page = await edge.limits.networks(cursor=cursor_of(request), limit=50)
        return await show(
            frame, request, "settings", "settings.html", status,
            **{
                "sections": machine.settings(),
                "rules": [
                    (rule_view(rule), i18n.translate(SAID.get(rule.action, rule.action)))
                    for rule in (await edge.limits.rules()).items
                ],
                "networks": [network_view(network) for network in page.items],
                "more": f"/admin/settings?cursor={page.next}#networks" if page.next else "",
                "may_change": may(call, "rules.change") or may(call, "system.run"),
                "errors": {}, "wrong": "", "values": {}, **more,
            },
        )  # fmt: skip

    @litestar.get("/admin/settings", include_in_schema=False)
    async def settings(request: Req) -> Response[str]:
        staff("system.see")
        return await room(request)

    @litestar.post("/admin/settings/limits", status_code=200, include_in_schema=False)
    async def change(request: Req) -> Response[Any]:
        may_change()
        form = await form_of(request)
        action = form.get("action", "")
        rule = "" if form.get("reset") else form.get("rule", "")
        try:
            await acts.set_rule(action, rule)
        except Unavailable:
            raise
        except AppError as error:
            await frame.me(request)
            return await room(request, 422, wrong=action, values=form, errors=told(error))
        return redirect(f"/admin/settings#limit-{action}", "saved")

    @litestar.post("/admin/settings/networks", status_code=200, include_in_schema=False)
    async def list_(request: Req) -> Response[Any]:
        may_change()
        form = await form_of(request)
        hours = form.get("hours", "0")
        try:
            await acts.put_network(
                form.get("network", ""), form.get("stand", ""), form.get("reason", ""),
                int(hours) if hours.isascii() and hours.isdecimal() and len(hours) < 6 else -1,
            )  # fmt: skip
        except Unavailable:
            raise
        except AppError as error:
            await frame.me(request)
            return await room(request, 422, wrong="networks", values=form, errors=told(error))
        return redirect("/admin/settings#networks", "saved")

    @litestar.post("/admin/settings/networks/remove", status_code=200, include_in_schema=False)
    async def remove(request: Req) -> Response[Any]:
        may_change()
        await acts.remove_network((await form_of(request)).get("network", ""))
        return redirect("/admin/settings#networks", "saved")

    return [settings, change, list_, remove]
