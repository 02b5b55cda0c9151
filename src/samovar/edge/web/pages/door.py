"""Coming and going: sign up, sign in, second step, sign out, forgotten passwords, verification."""

from typing import Any

import litestar
from litestar import Response
from litestar.params import FromPath

from samovar.contracts.identity import Grant, LinkExpired, OtpRequired, Suspended, WrongOtp
from samovar.edge.present.times import rfc3339
from samovar.edge.web.pages.frame import Frame, Req, form_of, local, redirect, told
from samovar.edge.web.pages.ticket import seal, unseal
from samovar.kernel.context import current_call
from samovar.kernel.errors import AppError, Unavailable


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge, identity = frame.edge, frame.edge.identity

    def enter(grant: Grant, back: str, said: str = "") -> Response[Any]:
        return redirect(back, said, (frame.session_cookie(grant.cookie_token, grant.expires_in),))

    @litestar.get("/signup", include_in_schema=False)
    async def signup_form(request: Req) -> Response[Any]:
        if current_call().actor is not None:
            return redirect("/")
        return await frame.page(request, "signup.html", values={"back": request.query_params.get("back", "")})

    @litestar.post("/signup", status_code=200, include_in_schema=False)
    async def signup(request: Req) -> Response[Any]:
        form = await form_of(request)
        await frame.me(request)
        try:
            grant = await identity.register(
                username=form.get("username", "").strip(), email=form.get("email", "").strip(),
                password=form.get("password", ""), locale=current_call().locale,
                device=_device(request), browser=True,
            )  # fmt: skip
        except Unavailable:
            raise
        except AppError as error:
            return await frame.page(request, "signup.html", 422, values=form, errors=told(error))
        return enter(grant, local(form.get("back", "") or "/"), "welcome")

    @litestar.get("/login", include_in_schema=False)
    async def login_form(request: Req) -> Response[Any]:
        back = local(request.query_params.get("back", ""))
        if current_call().actor is not None:
            return redirect(back)
        return await frame.page(request, "login.html", values={"back": back})

    @litestar.post("/login", status_code=200, include_in_schema=False)
    async def login(request: Req) -> Response[Any]:
        form = await form_of(request)
        name = form.get("username", form.get("name", "")).strip()
        return await sign_in(request, name, form.get("password", ""), None, local(form.get("back", "")))

    @litestar.post("/login/otp", status_code=200, include_in_schema=False)
    async def login_otp(request: Req) -> Response[Any]:
        form = await form_of(request)
        back = local(form.get("back", ""))
        ticket = unseal(edge.secret, form.get("ticket", ""), edge.clock.now())
        if ticket is None:
            return redirect("/login")
        return await sign_in(request, ticket.name, ticket.password, form.get("otp", "").strip(), back)

    async def sign_in(request: Req, name: str, password: str, otp: str | None, back: str) -> Response[Any]:
        await frame.me(request)
        try:
            grant = await identity.login(
                name=name, password=password, otp=otp, device=_device(request), browser=True
            )
        except (OtpRequired, WrongOtp) as error:
            wrong = isinstance(error, WrongOtp)
            return await frame.page(
                request, "login_otp.html", 422 if wrong else 200, values={"back": back},
                ticket=seal(edge.secret, name, password, edge.clock.now()),
                errors={"otp": told(error)["form"]} if wrong else {},
            )  # fmt: skip
        except Suspended as error:
            until = error.data.get("until", 0)
            return await frame.page(
                request, "login.html", 403, values={"username": name, "back": back},
                suspended={
                    "until": rfc3339(until) if until else None,
                    "notice": local(error.data.get("notice") or "/"),
                },
            )  # fmt: skip
        except Unavailable:
            raise
        except AppError as error:
            return await frame.page(
                request, "login.html", 422, values={"username": name, "back": back}, errors=told(error)
            )
        return enter(grant, back)

    @litestar.get("/logout", include_in_schema=False)
    async def logout_form(request: Req) -> Response[Any]:
        if current_call().actor is None:
            return redirect("/")
        return await frame.page(request, "logout.html", back=local(request.headers.get("referer", "/")))

    @litestar.post("/logout", status_code=200, include_in_schema=False)
    async def logout() -> Response[Any]:
        call = current_call()
        if call.actor is not None and call.session is not None:
            await identity.logout()
            frame.sessions.forget(call.session)
        return redirect("/", cookies=(frame.no_session_cookie(),))

    @litestar.get("/forgot", include_in_schema=False)
    async def forgot_form(request: Req) -> Response[Any]:
        return await frame.page(request, "forgot.html")

    @litestar.post("/forgot", status_code=200, include_in_schema=False)
    async def forgot(request: Req) -> Response[Any]:
        form = await form_of(request)
        await frame.me(request)
        try:
            await identity.forgot_password(name=form.get("email", "").strip())
        except Unavailable:
            raise
        except AppError as error:
            return await frame.page(request, "forgot.html", 422, values=form, errors=told(error))
        return await frame.page(request, "forgot.html", sent=True)

    @litestar.get("/reset/{token:str}", include_in_schema=False)
    async def reset_form(request: Req, token: FromPath[str]) -> Response[Any]:
        return await frame.page(request, "reset.html", token=token)

    @litestar.post("/reset/{token:str}", status_code=200, include_in_schema=False)
    async def reset(request: Req, token: FromPath[str]) -> Response[Any]:
        form = await form_of(request)
        await frame.me(request)
        try:
            await identity.reset_password(token=token, password=form.get("password", ""))
        except LinkExpired:
            return await frame.page(request, "reset.html", 422, token=token, state="failed")
        except Unavailable:
            raise
        except AppError as error:
            return await frame.page(request, "reset.html", 422, token=token, errors=told(error))
        return redirect("/login", "password")

    @litestar.get("/verify/{token:str}", include_in_schema=False)
    async def verify(request: Req, token: FromPath[str]) -> Response[Any]:
        try:
            await identity.verify_email(token=token)
        except Unavailable:
            raise
        except AppError:
            return await frame.page(request, "verify_email.html", 400, state="failed")
        return await frame.page(request, "verify_email.html", state="done")

    @litestar.post("/verify/resend", status_code=200, include_in_schema=False)
    async def resend(request: Req) -> Response[Any]:
        frame.need_member()
        form = await form_of(request)
        await identity.send_verification()
        return redirect(local(form.get("back", "") or "/settings/account"), "sent")

    return [
        signup_form, signup, login_form, login, login_otp, logout_form, logout, forgot_form, forgot,
        reset_form, reset, verify, resend,
    ]  # fmt: skip


def _device(request: Req) -> str:
    return request.headers.get("user-agent", "")[:200]
