"""Settings of one's own: profile, address and password, second factor, devices, privacy, looks."""

from typing import Any

import litestar
import segno
from litestar import Response
from litestar.params import FromPath

from samovar.contracts.identity import Session
from samovar.contracts.profiles import Field, FieldList
from samovar.edge.present.times import rfc3339
from samovar.edge.web import i18n
from samovar.edge.web.pages.frame import THEMES, YEAR, Frame, Req, form_of, is_htmx, local, redirect, told
from samovar.kernel.context import current_call
from samovar.kernel.errors import AppError, Invalid, NotFound, Unavailable
from samovar.kernel.ids import parse_id

FIELDS = 4


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    return [
        *_profile(frame),
        *_account(frame),
        *_security(frame),
        *_sessions(frame),
        *_privacy(frame),
        *_looks(frame),
    ]


async def show(frame: Frame, request: Req, section: str, status: int = 200, **more: Any) -> Response[str]:
    return await frame.page(request, f"settings/{section}.html", status, section=section, **more)


def _profile(frame: Frame) -> list[Any]:
    edge = frame.edge

    @litestar.get("/settings", include_in_schema=False)
    async def first() -> Response[Any]:
        return redirect("/settings/profile")

    @litestar.get("/settings/profile", include_in_schema=False)
    async def profile(request: Req) -> Response[str]:
        user_id = frame.need_member()
        found = await edge.profiles.get_many(ids=[user_id])
        if not found.items:
            raise NotFound
        return await show(frame, request, "profile", values=_values(found.items[0]), max_fields=FIELDS)

    @litestar.post("/settings/profile", status_code=200, include_in_schema=False)
    async def save(request: Req) -> Response[Any]:
        frame.need_member()
        form = await frame.form(request, {"avatar": "avatar", "header": "header"})
        pairs = zip(form["lists"].get("field_name", []), form["lists"].get("field_value", []), strict=False)
        fields = tuple(
            Field(name=name, value=value) for name, value in pairs if name.strip() and value.strip()
        )
        try:
            if form["refused"]:
                raise Invalid(fields=form["refused"])
            await edge.profiles.update(
                display_name=form.get("display_name", ""), bio=form.get("bio", ""),
                fields=FieldList(items=fields), avatar_media_id=_picture(form, "avatar"),
                header_media_id=_picture(form, "header"),
            )  # fmt: skip
        except Unavailable:
            raise
        except AppError as error:
            await frame.me(request)
            kept = (await edge.profiles.get_many(ids=[frame.need_member()])).items[0]
            values = {**_values(kept), **form, "fields": [{"name": f.name, "value": f.value} for f in fields]}
            return await show(
                frame, request, "profile", 422, values=values, errors=told(error), max_fields=FIELDS
            )
        return redirect("/settings/profile", "saved")

    return [first, profile, save]


def _picture(form: dict[str, Any], name: str) -> int | None:
    """The picture that was sent, 0 to take it away, None to leave it."""
    sent = form["files"].get(name)
    return sent[-1].id if sent else 0 if form.get(f"no_{name}") else None


def _values(profile: Any) -> dict[str, Any]:
    return {
        "display_name": profile.display_name,
        "bio": profile.bio,
        "avatar_id": profile.avatar_media_id,
        "header_id": profile.header_media_id,
        "fields": [{"name": field.name, "value": field.value} for field in profile.fields],
    }


def _account(frame: Frame) -> list[Any]:
    identity = frame.edge.identity

    @litestar.get("/settings/account", include_in_schema=False)
    async def account(request: Req) -> Response[str]:
        frame.need_member()
        return await show(frame, request, "account", account=await identity.me())

    @litestar.post("/settings/email", status_code=200, include_in_schema=False)
    async def email(request: Req) -> Response[Any]:
        frame.need_member()
        form = await form_of(request)
        try:
            await identity.change_email(
                password=form.get("email_password", ""), email=form.get("email", "").strip()
            )
        except Unavailable:
            raise
        except AppError as error:
            return await refused(request, error, {"password": "email_password"}, form)
        return redirect("/settings/account", "sent")

    @litestar.post("/settings/password", status_code=200, include_in_schema=False)
    async def password(request: Req) -> Response[Any]:
        frame.need_member()
        form = await form_of(request)
        try:
            await identity.change_password(
                password=form.get("current_password", ""), new_password=form.get("new_password", "")
            )
        except Unavailable:
            raise
        except AppError as error:
            return await refused(request, error, {"password": "current_password"}, form)
        return redirect("/settings/account", "password")

    async def refused(
        request: Req, error: AppError, names: dict[str, str], form: dict[str, Any]
    ) -> Response[str]:
        await frame.me(request)
        errors = told(error, names)
        if error.code == "identity.wrong_password":
            errors = {names["password"]: i18n.translate(error.message)}
        return await show(
            frame, request, "account", 422, account=await identity.me(), errors=errors,
            values={"email": form.get("email", "")},
        )  # fmt: skip

    @litestar.get("/settings/delete", include_in_schema=False)
    async def ask_delete(request: Req) -> Response[str]:
        frame.need_member()
        return await show(frame, request, "delete")

    @litestar.post("/settings/delete", status_code=200, include_in_schema=False)
    async def delete(request: Req) -> Response[Any]:
        frame.need_member()
        form = await form_of(request)
        await frame.me(request)
        if form.get("confirm") != "yes":
            errors = {"form": i18n.translate("Tick the box to show that you mean it.")}
            return await show(frame, request, "delete", 422, errors=errors)
        try:
            await identity.delete_account(password=form.get("password", ""))
        except Unavailable:
            raise
        except AppError as error:
            errors = {"password": i18n.translate(error.message)}
            return await show(frame, request, "delete", 422, errors=errors)
        session = current_call().session
        if session is not None:
            frame.sessions.forget(session)
        return redirect("/", "gone", (frame.no_session_cookie(),))

    return [account, email, password, ask_delete, delete]


def _security(frame: Frame) -> list[Any]:
    identity = frame.edge.identity

    async def state(request: Req, answer_status: int = 200, **more: Any) -> Response[str]:
        account = await identity.me()
        now: dict[str, Any] = {
            "state": "on" if account.otp_enabled else "off",
            "codes_left": account.recovery_codes_left,
        }
        return await show(frame, request, "security", answer_status, **{**now, **more})

    @litestar.get("/settings/security", include_in_schema=False)
    async def security(request: Req) -> Response[str]:
        frame.need_member()
        return await state(request)

    @litestar.post("/settings/security/{step:str}", status_code=200, include_in_schema=False)
    async def do(request: Req, step: FromPath[str]) -> Response[Any]:
        frame.need_member()
        form = await form_of(request)
        await frame.me(request)
        try:
            if step == "start":
                secret = await identity.begin_otp(password=form.get("password", ""))
                return await state(request, state="setup", secret=secret.secret, **_qr(secret.uri))
            if step == "confirm":
                codes = await identity.confirm_otp(code=form.get("otp", "").strip())
                return await state(request, state="codes", codes=codes.codes)
            if step == "codes":
                codes = await identity.renew_recovery_codes(password=form.get("password", ""))
                return await state(request, state="codes", codes=codes.codes)
            if step == "disable":
                await identity.disable_otp(
                    password=form.get("password", ""), code=form.get("otp", "").strip()
                )
                return redirect("/settings/security", "otp_off")
            if step == "cancel":
                return redirect("/settings/security")
        except Unavailable:
            raise
        except AppError as error:
            return await wrong(request, step, form, error)
        raise NotFound

    async def wrong(request: Req, step: str, form: dict[str, Any], error: AppError) -> Response[str]:
        text = i18n.translate(error.message)
        if error.code == "identity.wrong_password":
            return await state(request, 422, errors={"password": text})
        if step == "confirm" and form.get("secret"):
            again = {"secret": form["secret"], **_qr(form.get("uri", ""))}
            return await state(request, 422, state="setup", errors={"otp": text}, **again)
        field = "otp" if step == "disable" else "form"
        errors = {field: text}
        return await state(request, 422, errors=errors)

    return [security, do]


def _qr(uri: str) -> dict[str, Any]:
    """The picture of an otpauth address, as a data address, and the address itself."""
    if not uri.startswith("otpauth://") or len(uri) > 500:
        return {"qr": "", "otpauth_url": ""}
    return {"qr": segno.make(uri, error="m").svg_data_uri(scale=4, border=2), "otpauth_url": uri}


def _sessions(frame: Frame) -> list[Any]:
    identity = frame.edge.identity

    @litestar.get("/settings/sessions", include_in_schema=False)
    async def sessions(request: Req) -> Response[str]:
        frame.need_member()
        listed = [_session(session) for session in (await identity.sessions()).items]
        return await show(frame, request, "sessions", sessions=listed)

    @litestar.post("/settings/sessions/{session_id:str}/revoke", status_code=200, include_in_schema=False)
    async def revoke(session_id: FromPath[str]) -> Response[Any]:
        frame.need_member()
        number = parse_id(session_id)
        if number is None or number not in {session.id for session in (await identity.sessions()).items}:
            raise NotFound
        await identity.revoke_session(session_id=number)
        frame.sessions.forget(number)
        return redirect("/settings/sessions", "revoked")

    @litestar.post("/settings/sessions/revoke_others", status_code=200, include_in_schema=False)
    async def revoke_others() -> Response[Any]:
        frame.need_member()
        await identity.revoke_other_sessions()
        return redirect("/settings/sessions", "revoked")

    return [sessions, revoke, revoke_others]


def _session(session: Session) -> dict[str, Any]:
    agent = session.device
    phone = any(word in agent for word in ("Mobile", "Android", "iPhone"))
    return {
        "id": str(session.id), "device": device_name(agent), "current": session.current,
        "kind": "app" if not session.browser else "phone" if phone else "computer",
        "address": session.address, "created_at": rfc3339(session.created_at),
        "last_seen_at": rfc3339(session.last_seen_at),
    }  # fmt: skip


def device_name(agent: str) -> str:
    """A browser's long name for itself as people say it: "Firefox, Linux"."""
    browsers = ("Edg", "OPR", "YaBrowser", "Firefox", "Chrome", "Safari")
    names = {"Edg": "Edge", "OPR": "Opera", "YaBrowser": "Yandex"}
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
    browser = next((name for name in browsers if name in agent), "")
    system = next((name for name in systems if name in agent), "")
    known = [part for part in (names.get(browser, browser), system) if part]
    return ", ".join(known) or agent[:60] or i18n.translate("Unknown device")


def _privacy(frame: Frame) -> list[Any]:
    graph, analytics = frame.edge.graph, frame.edge.analytics

    @litestar.get("/settings/privacy", include_in_schema=False)
    async def privacy(request: Req) -> Response[str]:
        frame.need_member()
        found = await graph.get_privacy()
        values = {
            "private": found.private,
            "hide_followers": found.hide_followers,
            "counted": (await analytics.get_choice()).counted,
        }
        blocked = (await graph.blocked(cursor="", limit=100)).user_ids
        muted = (await graph.muted(cursor="", limit=100)).user_ids
        authors = await frame.people.authors([*blocked, *muted])
        return await show(
            frame, request, "privacy", values=values,
            blocked=[authors[user_id] for user_id in blocked if user_id in authors],
            muted=[authors[user_id] for user_id in muted if user_id in authors],
        )  # fmt: skip

    @litestar.post("/settings/privacy", status_code=200, include_in_schema=False)
    async def save(request: Req) -> Response[Any]:
        frame.need_member()
        form = await form_of(request)
        await graph.set_privacy(
            private=bool(form.get("private")), hide_followers=bool(form.get("hide_followers"))
        )
        await analytics.set_choice(counted=bool(form.get("counted")))
        return redirect("/settings/privacy", "saved")

    return [privacy, save]


def _looks(frame: Frame) -> list[Any]:
    @litestar.get("/settings/appearance", include_in_schema=False)
    async def appearance(request: Req) -> Response[str]:
        return await show(frame, request, "appearance")

    @litestar.post("/settings/appearance", status_code=200, include_in_schema=False)
    async def save(request: Req) -> Response[Any]:
        form = await form_of(request)
        locale, theme = form.get("locale", ""), form.get("theme", "")
        if current_call().actor is not None:
            await frame.edge.profiles.update(
                locale=locale if locale in i18n.LOCALES else None, theme=theme if theme in THEMES else None
            )
        if is_htmx(request):
            answer: Response[Any] = Response("", media_type="text/html")
        else:
            answer = redirect(local(form.get("back", "") or "/settings/appearance"), "saved")
        for name, value, known in (("locale", locale, i18n.LOCALES), ("theme", theme, THEMES)):
            if value in known:
                answer.set_cookie(
                    key=name, value=value, max_age=YEAR, path="/", samesite="lax", secure=frame.edge.secure
                )
        return answer

    return [appearance, save]
