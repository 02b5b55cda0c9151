"""What every page has: who looks, in which language and theme, and how to answer a form."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie

from samovar.edge.edge import Edge
from samovar.edge.present.media import MediaView
from samovar.edge.present.people import Author, author_of
from samovar.edge.uploads import is_multipart
from samovar.edge.web import i18n
from samovar.edge.web.pages.aside import Aside, around
from samovar.edge.web.pages.parts import Parts
from samovar.edge.web.render import Renderer
from samovar.kernel.authz import permissions_of, signed_in
from samovar.kernel.context import continue_as, current_call
from samovar.kernel.errors import AppError, Unauthenticated

Req = Request[Any, Any, Any]
THEMES: Final = ("auto", "light", "dark")
YEAR: Final = 31_536_000
LANGUAGES: Final = (("", "—"), ("en", "English"), ("ru", "Русский"))
#: What a page may say after a form was sent, by the word in its cookie.
SAID: Final = {
    "saved": "Saved",
    "posted": "Posted",
    "deleted": "Deleted",
    "voted": "Your vote is counted",
    "sent": "A letter is on its way",
    "password": "The password is changed",
    "revoked": "Signed out there",
    "otp_off": "The second factor is off",
    "welcome": "Welcome. Your place at the table is ready",
    "gone": "Your account is deleted",
    "device_gone": "This device is told no more",
    "tomorrow": "You will be reminded tomorrow",
    "next_week": "You will be reminded in a week",
    "appealed": "Somebody will look at it once more",
    "muted": "You will hear no more of this",
    "unmuted": "You will hear of this again",
    "job_run": "The job runs in a moment",
    "job_cancelled": "The job is taken away",
    "job_done": "This job is done, or runs just now",
    "job_periodic": "This job comes again and again: it can’t be cancelled",
    "replayed": "They are on their way again",
    "dropped": "They are thrown away",
    "none_chosen": "There was nothing to do",
    "search_kept": "The search is kept",
}


class SiteContext(msgspec.Struct, frozen=True):
    """The community, as templates know it."""

    name: str
    description: str
    registrations_open: bool
    reactions: tuple[Any, ...]


class Frame:
    """Makes pages; holds what all of them need."""

    def __init__(self, edge: Edge, parts: Parts, renderer: Renderer) -> None:
        self.edge = edge
        self.renderer = renderer
        (
            self.sessions, self.people, self.posts, self.lists, self.inboxes, self.media, self.uploads,
            self.found, self.figures,
        ) = parts  # fmt: skip
        #: The script of the pages' worker.
        self.worker = b""
        self._reactions: tuple[Any, ...] | None = None

    async def site(self) -> SiteContext:
        """The community, as every page shows it."""
        if self._reactions is None:
            self._reactions = (await self.edge.reactions.types()).items
        site = self.edge.site
        return SiteContext(
            site.name, i18n.translate(site.description), site.registrations_open, self._reactions
        )

    async def me(self, request: Req) -> Author | None:
        """The person who looks; also settles the language of everything that follows."""
        if "me" in request.state:
            known: Author | None = request.state["me"]
            return known
        call = current_call()
        locale, theme = request.cookies.get("locale", ""), request.cookies.get("theme", "")
        author = None
        if call.actor is not None:
            found = await self.edge.profiles.get_many(ids=[call.actor])
            if found.items:
                profile = found.items[0]
                author = author_of(profile)
                locale, theme = profile.locale or locale, profile.theme or theme
        request.state["me"] = author
        request.state["theme"] = theme if theme in THEMES else "auto"
        if locale in i18n.LOCALES and locale != call.locale:
            continue_as(msgspec.structs.replace(call, locale=locale))
        return author

    async def unread(self, request: Req) -> int:
        """What the badge says. A page does not fail for it."""
        if current_call().actor is None or is_htmx(request):
            return 0
        try:
            return (await self.edge.notifications.unread()).unread
        except AppError:
            return 0

    async def context(self, request: Req, **more: Any) -> dict[str, Any]:
        """The variables of a template: those of every page, and the page's own."""
        me = await self.me(request)
        return {
            "me": me,
            "locale": i18n.locale(),
            "theme": request.state["theme"],
            "site": await self.site(),
            "unread": await self.unread(request),
            "staff": is_staff(),
            "path": request.url.path,
            "here": here(request),
            "flash": _flash(request),
            **more,
        }

    async def page(self, request: Req, template: str, status: int = 200, **more: Any) -> Response[str]:
        """A whole page."""
        context = await self.context(request, **more)
        answer = self.renderer.page(request, template, context, status)
        if context["flash"]:
            answer.delete_cookie("said")
        return answer

    async def fragment(self, request: Req, template: str, status: int = 200, **more: Any) -> Response[str]:
        """A piece of a page, for htmx."""
        return self.renderer.page(
            request, f"fragments/{template}", await self.context(request, **more), status
        )

    def to_sign_in(self, request: Req) -> Response[Any]:
        """Lead a stranger to the door and back."""
        if is_htmx(request):
            return Response("", status_code=401)
        back = here(request) if request.method == "GET" else local(request.headers.get("referer", "/"))
        return redirect(f"/login?back={_quoted(back)}")

    def need_member(self) -> int:
        """Raises Unauthenticated for strangers."""
        return signed_in(current_call())

    def session_cookie(self, token: str, seconds: int) -> Cookie:
        return Cookie(
            key=self.sessions.cookie_name, value=token, path="/", max_age=seconds, httponly=True,
            secure=self.edge.secure, samesite="lax",
        )  # fmt: skip

    def no_session_cookie(self) -> Cookie:
        """Takes the session's cookie away from the browser."""
        return Cookie(
            key=self.sessions.cookie_name, value="", path="/", max_age=0, httponly=True,
            secure=self.edge.secure, samesite="lax",
        )  # fmt: skip

    async def aside(self, people: int = 3, tags: int = 6) -> Aside:
        """What stands beside the column. A part that does not answer is left out."""
        return await around(self.edge, self.people, people, tags)

    async def composer(self, mode: str = "new", **more: Any) -> dict[str, Any]:
        """The variables of a composer."""
        rules = await self.edge.posts.rules()
        return {
            "mode": mode,
            "action": "/posts",
            "text": "",
            "in_reply_to": None,
            "quote": None,
            "post_id": "",
            "visibility": "public",
            "language": i18n.locale(),
            "languages": LANGUAGES,
            "content_warning": "",
            "poll": None,
            "max_length": rules.text_limit,
            "max_options": rules.poll_options,
            "idempotency_key": secrets.token_hex(12),
            "back": "",
            "errors": {},
            "media": (),
            **more,
        }

    async def form(self, request: Req, purposes: Mapping[str, str]) -> dict[str, Any]:
        """A sent form that may hold files: as `form_of`, with `files` by field and `refused` in words."""
        if not is_multipart(request):
            return {**await form_of(request), "files": {}, "refused": {}}
        sent = await self.uploads.take(request, purposes)
        return {
            **{name: texts[-1] for name, texts in sent.fields.items()},
            "lists": sent.fields,
            "files": sent.files,
            "refused": {name: detail_of(error) for name, error in sent.refused.items()},
        }

    async def files_of(self, ids: Sequence[int]) -> tuple[MediaView, ...]:
        """The caller's own among these files, for the composer."""
        found = await self.media.by_ids(ids)
        own = [found[one] for one in ids if one in found and found[one].owner_id == current_call().actor]
        return tuple(self.media.view(medium) for medium in own)


def is_staff() -> bool:
    """Whether any of the back rooms is open to the caller."""
    call = current_call()
    return call.actor is not None and bool(permissions_of(call.roles))


def here(request: Req) -> str:
    """The address of this page, within the site."""
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def local(address: str) -> str:
    """An address within the site; anything else becomes the first page."""
    if "://" in address:
        address = "/" + address.split("://", 1)[1].partition("/")[2]
    if not address.startswith("/") or address.startswith("//") or "\\" in address or len(address) > 500:
        return "/"
    return address if address.isprintable() else "/"


def _quoted(address: str) -> str:
    return quote(address, safe="/")


def redirect(address: str, said: str = "", cookies: tuple[Cookie, ...] = ()) -> Response[Any]:
    """See another page; `said` is a word of SAID that it shows."""
    where = quote(address, safe="/?#[]@!$&'()*+,;=:~%")
    answer: Response[Any] = Response(
        "", status_code=303, headers={"location": where}, cookies=list(cookies), media_type="text/html"
    )
    if said:
        answer.set_cookie(key="said", value=said, max_age=30, path="/", httponly=True, samesite="lax")
    return answer


def is_htmx(request: Req) -> bool:
    return request.headers.get("hx-request") == "true"


def _flash(request: Req) -> list[dict[str, str]]:
    word = request.cookies.get("said", "")
    return [{"text": i18n.translate(SAID[word])}] if word in SAID else []


async def form_of(request: Req) -> dict[str, Any]:
    """A sent form: text by name; names in the plural keep their lists in `lists`."""
    form = await request.form()
    values: dict[str, Any] = {key: str(value) for key, value in form.items() if isinstance(value, str)}
    values["lists"] = {
        key: [str(v) for v in form.getall(key) if isinstance(v, str)] for key in set(form.keys())
    }
    return values


def detail_of(error: AppError) -> str:
    """What to tell of an error that has no form to stand in."""
    return " ".join(i18n.translate(text) for text in error.fields.values() or (error.message,))


def told(error: AppError, names: Mapping[str, str] | None = None) -> dict[str, str]:
    """An error's texts by field, in the reader's language; what has no field stands under `form`."""
    if isinstance(error, Unauthenticated) and not error.fields and error.code == "unauthenticated":
        raise error
    renamed = {(names or {}).get(name, name): i18n.translate(text) for name, text in error.fields.items()}
    if error.code == "rate_limited":
        return {"form": i18n.translate("Too many attempts. Please wait a little.")}
    return renamed or {"form": i18n.translate(error.message)}
