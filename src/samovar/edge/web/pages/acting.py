"""Forms about posts: write, edit, delete, react, repost, bookmark, pin, vote."""

from typing import Any, Final

import litestar
import msgspec
from litestar import Response
from litestar.params import FromPath

from samovar.contracts.common import ItemRef, Scope
from samovar.contracts.posts import MediaIds, PollDraft, Post
from samovar.edge.present.posts import PostView
from samovar.edge.web import i18n
from samovar.edge.web.pages.frame import Frame, Req, form_of, is_htmx, local, redirect, told
from samovar.edge.web.pages.reading import greeting, one_post
from samovar.kernel.context import continue_as, current_call
from samovar.kernel.errors import AppError, Invalid, NotFound, RateLimited
from samovar.kernel.ids import parse_id

PLAIN_ACTS: Final = frozenset({"repost", "unrepost", "bookmark", "unbookmark", "pin", "unpin"})


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge, posts = frame.edge, frame.posts

    @litestar.get("/compose", include_in_schema=False)
    async def compose(request: Req) -> Response[Any]:
        frame.need_member()
        me = await frame.me(request)
        query = request.query_params
        composer = await composer_for(query, me.username if me else "")
        composer["back"] = local(query.get("back", "")) if query.get("back") else composer["back"]
        if is_htmx(request):
            return await frame.fragment(request, "composer.html", composer=composer, into="")
        return await frame.page(request, "compose.html", composer=composer)

    async def composer_for(query: Any, own_name: str) -> dict[str, Any]:
        if query.get("in_reply_to_id"):
            post = await one_post(frame, query["in_reply_to_id"])
            return await frame.composer(
                "reply", in_reply_to=post, back=post.url, visibility=post.visibility,
                text=greeting(post, own_name), content_warning=post.content_warning,
            )  # fmt: skip
        if query.get("quote_of_id"):
            post = await one_post(frame, query["quote_of_id"])
            return await frame.composer("quote", quote=post, back=post.url)
        if query.get("edit"):
            post = await one_post(frame, query["edit"])
            if not post.viewer.own:
                raise NotFound
            return await frame.composer(
                "edit", action=f"/posts/{post.id}/edit", post_id=post.id, text=post.text, back=post.url,
                content_warning=post.content_warning, language=post.language, visibility=post.visibility,
                media=post.media,
            )  # fmt: skip
        mention = str(query.get("mention", ""))[:30]
        return await frame.composer(
            text=f"@{mention} " if mention else "", visibility="mentioned" if mention else "public"
        )

    @litestar.post("/posts", status_code=200, include_in_schema=False)
    async def create(request: Req) -> Response[Any]:
        frame.need_member()
        form = await frame.form(request, {"file": ""})
        into = form.get("into", "")
        key = form.get("idempotency_key", "")[:64]
        if key:
            continue_as(msgspec.structs.replace(current_call(), idempotency_key=key))
        files = await chosen(form)
        try:
            check_files(form)
            made = await edge.posts.create(**draft_of(form), media_ids=files)
        except (Invalid, RateLimited) as error:
            await frame.me(request)
            return await again(request, form, into, error)
        await frame.lists.note_made(made.id)
        shown = await posts.one(made)
        if not is_htmx(request):
            return redirect(
                shown.url if not form.get("in_reply_to_id") else _thread_of(form, shown), "posted"
            )
        fresh = await fresh_composer(form, into)
        return await frame.fragment(
            request, "posted.html", 201, post=shown, into=into, composer=fresh,
            here=local(form.get("back", "/")), path=local(form.get("back", "/")),
        )  # fmt: skip

    async def fresh_composer(form: dict[str, Any], into: str) -> dict[str, Any]:
        if into == "replies" and form.get("in_reply_to_id"):
            parent = await one_post(frame, form["in_reply_to_id"])
            return await frame.composer("reply", in_reply_to=parent, visibility=parent.visibility)
        return await frame.composer()

    async def again(request: Req, form: dict[str, Any], into: str, error: AppError) -> Response[Any]:
        """The composer once more, with everything that was written and what is wrong with it."""
        names = {f"poll.{part}": "poll" for part in ("options", "expires_in", "multiple")}
        errors = told(error, {**names, "media_ids": "media"})
        composer = await frame.composer(
            text=form.get("text", ""),
            content_warning=form.get("content_warning", ""),
            visibility=form.get("visibility", "public"),
            language=form.get("language", ""),
            media=await frame.files_of(await chosen(form)),
            back=local(form.get("back", "/")),
            errors={
                key: text
                for key, text in errors.items()
                if key in ("text", "poll", "content_warning", "media")
            }
            or {"form": " ".join(errors.values())},
        )
        if form.get("in_reply_to_id"):
            composer.update(mode="reply", in_reply_to=await one_post(frame, form["in_reply_to_id"]))
        elif form.get("quote_of_id"):
            composer.update(mode="quote", quote=await one_post(frame, form["quote_of_id"]))
        if form.get("with_poll"):
            composer["poll"] = {
                "options": [option for option in form["lists"].get("poll_option", []) if option],
                "expires_in": _seconds(form),
                "multiple": bool(form.get("poll_multiple")),
            }
        if is_htmx(request):
            return await frame.fragment(request, "composer.html", 422, composer=composer, into=into)
        return await frame.page(request, "compose.html", 422, composer=composer)

    @litestar.get("/posts/{post_id:str}/delete", include_in_schema=False)
    async def ask_delete(request: Req, post_id: FromPath[str]) -> Response[str]:
        frame.need_member()
        post = await one_post(frame, post_id)
        await frame.me(request)
        return await frame.page(
            request, "confirm.html", post=post, action=f"/posts/{post.id}/delete",
            title=i18n.translate("Delete this post?"), text=i18n.translate("It can’t be brought back."),
            submit=i18n.translate("Delete"), back=local(request.query_params.get("back", post.url)),
        )  # fmt: skip

    @litestar.post("/posts/{post_id:str}/delete", status_code=200, include_in_schema=False)
    async def delete(request: Req, post_id: FromPath[str]) -> Response[Any]:
        frame.need_member()
        number = parse_id(post_id)
        if number is None:
            raise NotFound
        form = await form_of(request)
        await edge.posts.delete(id=number)
        if is_htmx(request):
            return Response("", media_type="text/html")
        return redirect(local(form.get("back", "/")), "deleted")

    @litestar.post("/posts/{post_id:str}/{act:str}", status_code=200, include_in_schema=False)
    async def do(request: Req, post_id: FromPath[str], act: FromPath[str]) -> Response[Any]:
        frame.need_member()
        number = parse_id(post_id)
        if number is None:
            raise NotFound
        form = await frame.form(request, {"file": ""} if act == "edit" else {})
        back = local(form.get("back", "/"))
        if act == "edit":
            return await edit(request, number, form)
        if act == "vote":
            return await vote(request, number, form, back)
        if act in PLAIN_ACTS:
            post: Post = await getattr(edge.posts, act)(id=number)
            shown = await posts.one(post)
        else:
            shown = await react(number, act, form)
        if is_htmx(request):
            page = back.partition("#")[0]
            return await frame.fragment(request, "post_actions.html", post=shown, here=page, path=page)
        return redirect(back)

    async def react(number: int, act: str, form: dict[str, Any]) -> PostView:
        item = ItemRef(kind="post", id=number)
        wanted = form.get("type", "")
        if act == "like":
            await edge.reactions.react(item=item, type="like")
        elif act == "unlike":
            await edge.reactions.unreact(item=item, type="like")
        elif act == "react" and wanted:
            await edge.reactions.react(item=item, type=wanted[:40])
        elif act == "react":
            before = await one_post(frame, str(number))
            if before.viewer.reaction:
                await edge.reactions.unreact(item=item, type=before.viewer.reaction)
        else:
            raise NotFound
        return await one_post(frame, str(number))

    async def edit(request: Req, number: int, form: dict[str, Any]) -> Response[Any]:
        files = await chosen(form)
        try:
            check_files(form)
            made = await edge.posts.edit(
                id=number, media=MediaIds(ids=files), text=form.get("text", ""),
                language=form.get("language"),
                content_warning=form.get("content_warning", "") if form.get("with_warning") else "",
            )  # fmt: skip
        except Invalid as error:
            await frame.me(request)
            composer = await frame.composer(
                "edit", action=f"/posts/{number}/edit", post_id=str(number), text=form.get("text", ""),
                content_warning=form.get("content_warning", ""), back=local(form.get("back", "/")),
                errors=told(error, {"media_ids": "media"}), media=await frame.files_of(files),
            )  # fmt: skip
            if is_htmx(request):
                return await frame.fragment(request, "composer.html", 422, composer=composer, into="")
            return await frame.page(request, "compose.html", 422, composer=composer)
        shown = await posts.one(made)
        if is_htmx(request):
            return await frame.fragment(request, "posted.html", post=shown, into="", composer=None)
        return redirect(shown.url, "saved")

    async def chosen(form: dict[str, Any]) -> tuple[int, ...]:
        """Files of a form: those that were there, but for what was left out, and those sent with it. What
        they show is noted."""
        lists = form["lists"]
        dropped = set(lists.get("media_drop", []))
        texts = lists.get("media_ids", [])[:20]
        alts = lists.get("media_alt", [])
        kept = [
            (number, alts[place] if place < len(alts) else "")
            for place, text in enumerate(texts)
            if text not in dropped and (number := parse_id(text)) is not None
        ]
        known = await frame.media.by_ids([number for number, _ in kept])
        for number, alt in kept:
            medium = known.get(number)
            if medium is not None and medium.owner_id == current_call().actor and alt.strip() != medium.alt:
                await edge.media.update(id=number, alt=alt)
        sent = [medium.id for medium in form["files"].get("file", ())]
        return tuple(dict.fromkeys([*(number for number, _ in kept), *sent]))

    async def vote(request: Req, number: int, form: dict[str, Any], back: str) -> Response[Any]:
        choices = [
            int(text) for text in form["lists"].get("choice", []) if text.isdecimal() and len(text) < 4
        ]
        shown = await posts.one(await edge.posts.vote(id=number, choices=choices))
        if is_htmx(request):
            return await frame.fragment(request, "poll.html", post=shown, here=back.partition("#")[0])
        return redirect(back, "voted")

    return [compose, create, ask_delete, delete, do]


def check_files(form: dict[str, Any]) -> None:
    """Raises Invalid when a file that came with the form was refused."""
    for text in form["refused"].values():
        raise Invalid(fields={"media_ids": text})


def draft_of(form: dict[str, Any]) -> dict[str, Any]:
    """A composer's form as the arguments of Create. Raises Invalid."""
    visibility = form.get("visibility", "public")
    if visibility not in ("public", "unlisted", "followers", "mentioned"):
        raise Invalid(fields={"form": "Choose who can see it."})
    poll = None
    if form.get("with_poll"):
        poll = PollDraft(
            options=tuple(option for option in form["lists"].get("poll_option", []) if option.strip()),
            expires_in=_seconds(form),
            multiple=bool(form.get("poll_multiple")),
        )
    warning = form.get("content_warning", "").strip()
    return {
        "text": form.get("text", ""),
        "visibility": Scope(visibility),
        "in_reply_to_id": _id_in(form, "in_reply_to_id"),
        "quote_of_id": _id_in(form, "quote_of_id"),
        "content_warning": warning if warning and form.get("with_warning") else None,
        "language": form.get("language", ""),
        "poll": poll,
    }


def _seconds(form: dict[str, Any]) -> int:
    """How long a poll lasts; 0 for what is no number, which posts refuses."""
    text = form.get("poll_expires_in", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _id_in(form: dict[str, Any], name: str) -> int | None:
    if not form.get(name):
        return None
    number = parse_id(form[name])
    if number is None:
        raise NotFound
    return number


def _thread_of(form: dict[str, Any], shown: PostView) -> str:
    back = local(form.get("back", ""))
    return f"{back.partition('#')[0]}#p{shown.id}" if back != "/" else shown.url
