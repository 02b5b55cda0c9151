"""The room of roles: what each may do."""

from typing import Any

import litestar
from litestar import Response

from samovar.edge.present.desk import role_view
from samovar.edge.rest.staff import remove_role, save_role
from samovar.edge.web.pages.admin.acts import refused
from samovar.edge.web.pages.admin.rooms import enter, show
from samovar.edge.web.pages.frame import Frame, Req, form_of, redirect, told
from samovar.kernel.authz import ALL_PERMISSIONS, may
from samovar.kernel.context import current_call
from samovar.kernel.errors import AppError


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge = frame.edge

    async def page_of(
        request: Req, errors: dict[str, str] | None = None, status: int = 200,
        values: dict[str, Any] | None = None,
    ) -> Response[str]:  # fmt: skip
        call = current_call()
        found = tuple(map(role_view, (await edge.identity.roles()).items))
        return await show(
            frame, request, "roles", "roles.html", status, roles=found, values=values or {},
            permissions=[one for one in ALL_PERMISSIONS if may(call, one)], errors=errors or {},
            everything=ALL_PERMISSIONS,
        )  # fmt: skip

    @litestar.get("/admin/roles", include_in_schema=False)
    async def roles(request: Req) -> Response[str]:
        enter("roles")
        return await page_of(request)

    @litestar.post("/admin/roles", status_code=200, include_in_schema=False)
    async def save(request: Req) -> Response[Any]:
        enter("roles")
        form = await form_of(request)
        name = form.get("name", "").strip()
        try:
            if form.get("do") == "remove":
                await remove_role(edge, name)
            else:
                await save_role(edge, name, form["lists"].get("permission", [])[:60])
        except AppError as error:
            status = refused(error)
            await frame.me(request)
            return await page_of(request, told(error), status, form)
        return redirect("/admin/roles", "saved")

    return [roles, save]
