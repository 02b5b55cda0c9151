"""Making and changing posts."""

import hashlib
import secrets
from collections.abc import Sequence

from samovar.contracts.common import ItemRef, Scope
from samovar.contracts.items import ItemCreated
from samovar.contracts.posts import (
    CannotRepost,
    PostEdited,
)
from samovar.kernel.authz import signed_in
from samovar.kernel.clock import SECOND
from samovar.kernel.context import Call
from samovar.kernel.errors import Conflict, Forbidden, Internal, Invalid, NotFound, Unauthenticated
from samovar.kernel.kit import Kit
from samovar.kernel.store import Tx
from samovar.services.posts.clients import Files, People
from samovar.services.posts.domain.post import (
    FILES,
    SCOPES,
    VERSIONS,
    Draft,
    Poll,
    PollDraft,
    Post,
    Seen,
    Version,
    counted,
    narrower,
    poll_problem,
)
from samovar.services.posts.domain.text import (
    clean_line,
)
from samovar.services.posts.repository import polls, posts
from samovar.services.posts.service.admission import Admission
from samovar.services.posts.service.common import (
    KIND,
    POLL_END,
    Pace,
    audience_of,
    item_changed,
    post_created,
)
from samovar.services.posts.service.composing import Composer, Content
from samovar.services.posts.service.marks import may_pass_on
from samovar.services.posts.service.reading import Reading


class Writing:
    """An author's work."""

    def __init__(
        self, kit: Kit, reading: Reading, people: People, files: Files, admission: Admission
    ) -> None:
        self._db = kit.db
        self._clock = kit.clock
        self._ids = kit.ids
        self._once = kit.once
        self._pace = Pace(kit)
        self._reading = reading
        self._composer = Composer(kit, people)
        self._files = files
        self._admission = admission

    async def create(self, call: Call, draft: Draft) -> Seen:
        """Publish a post. The same idempotency key answers with the same post."""
        author = signed_in(call)
        if draft.visibility not in ("", *SCOPES):
            raise Invalid(fields={"visibility": "Choose public, unlisted, followers or mentioned."})
        if draft.poll is not None and (problem := poll_problem(draft.poll)):
            raise Invalid(fields=problem)
        _check_files(draft.media_ids)
        content = await self._composer.compose(
            draft.text, draft.content_warning, draft.language,
            alone=draft.poll is None and draft.quote_of_id is None and not draft.media_ids,
        )  # fmt: skip
        parent = await self._answered(call, draft.reply_to_id)
        quoted = await self._quoted(call, draft.quote_of_id)
        await self._pace.keep(call)
        if draft.media_ids:
            # The same request sent again makes the same claim.
            await self._files.claim(draft.media_ids, _claim(call), None)
        judged = await self._admission.ask(author, content, draft.media_ids, edited=False)
        post = judged.on(self._post(author, draft, content, parent))
        poll = None if draft.poll is None else self._poll(post, draft.poll)
        made: Post | None = None

        async def write(tx: Tx) -> ItemRef:
            nonlocal made
            made = None

            async def effect() -> ItemRef:
                nonlocal made
                made = await self._add(tx, post, poll, quoted)
                await judged.tell(tx, made)
                return ItemRef(kind=KIND, id=made.id)

            return await self._once(tx, call, "posts.create", draft, ItemRef, effect)

        stored = await self._db.write(write)
        if made is None:
            return await self._reading.one(call, stored.id)
        if draft.media_ids:
            await self._files.attach(ItemRef(kind=KIND, id=made.id), author, draft.media_ids)
        return Seen(made, poll and poll._replace(post_id=made.id))

    async def _answered(self, call: Call, post_id: int | None) -> Post | None:
        if post_id is None:
            return None
        return (await self._reading.one(call, post_id)).post

    async def _quoted(self, call: Call, post_id: int | None) -> Post | None:
        if post_id is None:
            return None
        post = (await self._reading.one(call, post_id)).post
        if not await may_pass_on(self._reading, call, post):
            raise CannotRepost
        return post

    def _post(self, author: int, draft: Draft, content: Content, parent: Post | None) -> Post:
        bound = "public" if parent is None else parent.visibility
        return Post(
            id=0,
            author_id=author,
            text=content.text,
            html=content.html,
            visibility=narrower(draft.visibility or bound, bound),
            language=content.language,
            content_warning=content.warning,
            created_at=self._clock.now(),
            edited_at=0,
            reply_to_id=parent and parent.id,
            reply_to_author_id=parent and parent.author_id,
            root_id=parent.root_id if parent else 0,
            quote_of_id=draft.quote_of_id,
            has_poll=draft.poll is not None,
            mentions=content.mentions,
            tags=content.tags,
            media_ids=list(draft.media_ids) or None,
            replies=0,
            reposts=0,
            quotes=0,
            hidden=False,
            version=1,
            held=False,
            sensitive=False,
            told=True,
        )

    def _poll(self, post: Post, draft: PollDraft) -> Poll:
        options = [clean_line(option) for option in draft.options]
        ends = post.created_at + draft.expires_in * SECOND
        return Poll(0, options, [0] * len(options), draft.multiple, ends, 0)

    async def _add(self, tx: Tx, post: Post, poll: Poll | None, quoted: Post | None) -> Post:
        post = await self._insert(tx, post)
        if not await posts.count_author(tx, post.author_id, 1 if counted(post.visibility) else 0):
            raise Unauthenticated
        if counted(post.visibility):
            if post.reply_to_id and not await posts.count(tx, "replies", post.reply_to_id, 1):
                raise NotFound
            if quoted is not None and not await posts.count(tx, "quotes", quoted.id, 1):
                raise NotFound
        if poll is not None:
            await polls.add(tx, poll._replace(post_id=post.id))
            await tx.schedule(POLL_END, str(post.id), poll.expires_at)
        if post.told:
            await tx.publish(post_created(post, quoted and quoted.author_id))
        await tx.publish(
            ItemCreated(
                kind=KIND,
                id=post.id,
                author_id=post.author_id,
                audience=audience_of(post),
                created_at=post.created_at,
                tags=tuple(post.tags or ()),
                in_reply_to=ItemRef(kind=KIND, id=post.reply_to_id) if post.reply_to_id else None,
                in_reply_to_author_id=post.reply_to_author_id or 0,
                language=post.language,
                media_ids=tuple(post.media_ids or ()),
            )
        )
        if post.hidden:
            await tx.publish(item_changed(post))
        return post

    async def _insert(self, tx: Tx, post: Post) -> Post:
        for _ in range(3):
            # Below its parent also when another process's clock is ahead: threads are read by id.
            fresh = max(self._ids(), (post.reply_to_id or 0) + 1)
            placed = post._replace(id=fresh, root_id=post.root_id or fresh)
            if await posts.add(tx, placed):
                return placed
        raise Internal

    async def edit(
        self,
        call: Call,
        post_id: int,
        text: str,
        warning: str | None,
        language: str | None,
        files: Sequence[int] | None = None,
    ) -> Seen:
        """Change one's own post; absent parts stay. Writing the same again changes nothing."""
        author = signed_in(call)
        seen = await self._reading.one(call, post_id)
        old = seen.post
        if old.author_id != author:
            raise Forbidden
        content = await self._composer.compose(
            text,
            old.content_warning if warning is None else warning,
            old.language if language is None else language,
            alone=not (old.has_poll or (old.media_ids if files is None else files) or old.quote_of_id),
        )
        await self._pace.keep(call)
        item = ItemRef(kind=KIND, id=post_id)
        if files is not None:
            _check_files(files)
        kept_files = tuple(old.media_ids or ()) if files is None else tuple(files)
        judged = await self._admission.ask(author, content, kept_files, edited=True)
        if files:
            await self._files.claim(files, f"{KIND}:{post_id}", item)
        now = self._clock.now()

        async def write(tx: Tx) -> Post:
            post = await posts.one(tx, post_id)
            if post is None:
                raise NotFound
            changed = post._replace(
                text=content.text, html=content.html, content_warning=content.warning,
                language=content.language, mentions=content.mentions, tags=content.tags,
                media_ids=post.media_ids if files is None else list(files) or None,
            )  # fmt: skip
            if changed == post:
                return post
            if await posts.count_versions(tx, post_id) >= VERSIONS:
                raise Conflict("This post was changed too often already.")
            former = Version(post.text, post.html, post.content_warning, post.edited_at or post.created_at)
            await posts.add_version(tx, post_id, post.version, former)
            changed = judged.on_edited(changed._replace(edited_at=now, version=post.version + 1))
            await posts.edit(tx, changed)
            await judged.tell(tx, changed)
            await tx.publish(_edited(changed, post))
            kept = set(changed.media_ids or ())
            freed = [media_id for media_id in post.media_ids or () if media_id not in kept]
            await tx.publish(item_changed(changed, freed))
            return changed

        post = await self._db.write(write)
        if files:
            await self._files.attach(item, author, files)
        return seen._replace(post=post)


def _edited(post: Post, before: Post) -> PostEdited:
    """Tells of an edit. Who is mentioned in what waits for a moderator hears of it when it is shown."""
    mentioned = [user_id for user_id, _ in post.mentions or ()]
    known = {user_id for user_id, _ in before.mentions or ()}
    return PostEdited(
        post_id=post.id,
        author_id=post.author_id,
        edited_at=post.edited_at,
        visibility=Scope(post.visibility),
        mentioned_ids=tuple(mentioned),
        newly_mentioned_ids=tuple(one for one in mentioned if one not in known) if post.told else (),
        root_id=post.root_id,
    )


def _check_files(ids: Sequence[int]) -> None:
    """Raises Invalid for too many files, or one that comes twice."""
    if len(ids) > FILES:
        raise Invalid(fields={"media_ids": "A post takes at most four pictures or films."})
    if len(set(ids)) < len(ids):
        raise Invalid(fields={"media_ids": "Each picture or film once."})


def _claim(call: Call) -> str:
    """Names a request that takes files."""
    if not call.idempotency_key:
        return secrets.token_hex(12)
    return hashlib.sha256(f"{call.actor} {call.idempotency_key}".encode()).hexdigest()[:24]
