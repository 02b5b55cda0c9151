"""The contracts of posts, over its use cases."""

from collections.abc import Sequence
from typing import Final

import msgspec

from samovar.contracts import items, posts
from samovar.contracts.common import Audience, Done, Scope
from samovar.contracts.items import Authored, AuthoredList, Card, CardList, ExhibitList, ExhibitPage
from samovar.contracts.posts import PersonPage, PostList, PostPage, PostRules, ThreadView, VersionList
from samovar.kernel.context import current_call
from samovar.kernel.memo import Latest
from samovar.services.posts.domain.post import (
    FILES,
    OPEN,
    POLL_OPTIONS,
    Draft,
    Poll,
    PollDraft,
    Post,
    Seen,
    Written,
)
from samovar.services.posts.service import PostsService
from samovar.services.posts.service.common import KIND, audience_of
from samovar.services.posts.service.reading import KNOWN

_SCOPES: Final = {scope.value: scope for scope in Scope}
_SUMMARY: Final = 500


class PostsRpc:
    """samovar.posts."""

    def __init__(self, service: PostsService) -> None:
        self._reading = service.reading
        self._writing = service.writing
        self._removing = service.removing
        self._marks = service.marks
        self._voting = service.voting
        self._rules = PostRules(text_limit=service.text_limit, poll_options=POLL_OPTIONS, media_limit=FILES)

    async def create(
        self,
        *,
        text: str,
        visibility: Scope,
        in_reply_to_id: int | None = None,
        quote_of_id: int | None = None,
        content_warning: str | None = None,
        language: str,
        poll: posts.PollDraft | None = None,
        media_ids: Sequence[int] = (),
    ) -> posts.Post:
        draft = Draft(
            text=text,
            visibility="" if visibility == Scope.UNSPECIFIED else str(visibility),
            reply_to_id=in_reply_to_id,
            quote_of_id=quote_of_id,
            content_warning=content_warning or "",
            language=language,
            poll=None if poll is None else PollDraft(tuple(poll.options), poll.expires_in, poll.multiple),
            media_ids=tuple(media_ids),
        )
        return _post(await self._writing.create(current_call(), draft))

    async def get_many(self, *, ids: Sequence[int] = ()) -> PostList:
        return _list(await self._reading.get_many(current_call(), ids))

    async def edit(
        self,
        *,
        id: int,
        text: str,
        content_warning: str | None = None,
        language: str | None = None,
        media: posts.MediaIds | None = None,
    ) -> posts.Post:
        files = None if media is None else media.ids
        return _post(await self._writing.edit(current_call(), id, text, content_warning, language, files))

    async def delete(self, *, id: int) -> Done:
        await self._removing.delete(current_call(), id)
        return Done()

    async def history(self, *, id: int) -> VersionList:
        versions = await self._reading.history(current_call(), id)
        return VersionList(items=tuple(posts.Version(**version._asdict()) for version in versions))

    async def thread(self, *, id: int, limit: int, cursor: str) -> ThreadView:
        thread = await self._reading.thread(current_call(), id, limit, cursor)
        return ThreadView(
            ancestors=tuple(_post(seen) for seen in thread.above),
            post=_post(thread.post),
            descendants=tuple(_post(seen) for seen in thread.below),
            next=thread.next,
        )

    async def vote(self, *, id: int, choices: Sequence[int] = ()) -> posts.Post:
        return _post(await self._voting.vote(current_call(), id, choices))

    async def voters(self, *, id: int, cursor: str, limit: int) -> PersonPage:
        people, following = await self._voting.voters(current_call(), id, cursor, limit)
        return PersonPage(user_ids=tuple(people), next=following)

    async def repost(self, *, id: int) -> posts.Post:
        return _post(await self._marks.repost(current_call(), id))

    async def unrepost(self, *, id: int) -> posts.Post:
        return _post(await self._marks.unrepost(current_call(), id))

    async def reposters(self, *, id: int, cursor: str, limit: int) -> PersonPage:
        people, following = await self._reading.reposters(current_call(), id, cursor, limit)
        return PersonPage(user_ids=tuple(people), next=following)

    async def quotes(self, *, id: int, cursor: str, limit: int) -> PostPage:
        page = await self._reading.quotes(current_call(), id, cursor, limit)
        return PostPage(items=tuple(_post(seen) for seen in page.items), next=page.next)

    async def bookmark(self, *, id: int) -> posts.Post:
        return _post(await self._marks.bookmark(current_call(), id))

    async def unbookmark(self, *, id: int) -> posts.Post:
        return _post(await self._marks.unbookmark(current_call(), id))

    async def bookmarks(self, *, cursor: str, limit: int) -> PostPage:
        page = await self._reading.bookmarks(current_call(), cursor, limit)
        return PostPage(items=tuple(_post(seen) for seen in page.items), next=page.next)

    async def pin(self, *, id: int) -> posts.Post:
        return _post(await self._marks.pin(current_call(), id))

    async def unpin(self, *, id: int) -> posts.Post:
        return _post(await self._marks.unpin(current_call(), id))

    async def pinned(self, *, user_id: int) -> PostList:
        return _list(await self._reading.pinned(current_call(), user_id))

    async def rules(self) -> PostRules:
        return self._rules

    async def counts(self, *, user_ids: Sequence[int] = ()) -> posts.CountList:
        found = await self._reading.counts(user_ids)
        return posts.CountList(items=tuple(posts.Count(user_id=id, posts=count) for id, count in found))


class ItemsRpc:
    """samovar.items, for the kind "post"."""

    def __init__(self, service: PostsService) -> None:
        self._reading = service.reading
        self._removing = service.removing

    async def get_many(self, *, ids: Sequence[int] = ()) -> CardList:
        found = await self._reading.posts(current_call(), ids)
        return CardList(items=tuple([_card(post.id, post) for post in found]))

    async def documents(self, *, ids: Sequence[int] = (), after: int, limit: int) -> items.DocumentList:
        found, total = await self._reading.documents(current_call(), ids, after, limit)
        return items.DocumentList(items=tuple(map(_document, found)), total=total)

    async def set_hidden(self, *, id: int, hidden: bool, held: bool | None = None) -> Done:
        await self._removing.set_hidden(current_call(), id, hidden, bool(held))
        return Done()

    async def set_sensitive(self, *, id: int, sensitive: bool) -> Done:
        await self._removing.set_sensitive(current_call(), id, sensitive)
        return Done()

    async def remove(self, *, id: int) -> Done:
        await self._removing.remove(current_call(), id)
        return Done()

    async def examine(self, *, ids: Sequence[int] = ()) -> ExhibitList:
        found = await self._reading.examine(current_call(), ids)
        return ExhibitList(items=tuple(map(_exhibit, found)))

    async def latest(self, *, author_id: int, hidden: bool, cursor: str, limit: int) -> ExhibitPage:
        found, following = await self._reading.latest(current_call(), author_id, hidden, cursor, limit)
        return ExhibitPage(items=tuple(map(_exhibit, found)), next=following)

    async def authored(self, *, author_ids: Sequence[int] = ()) -> AuthoredList:
        found = await self._reading.counts(author_ids)
        return AuthoredList(items=tuple(Authored(author_id=id, items=count) for id, count in found))


class PersonalRpc:
    """samovar.personal, for what posts keeps."""

    def __init__(self, service: PostsService) -> None:
        self._erasing = service.erasing

    async def erase(self, *, user_id: int) -> Done:
        await self._erasing.erase(current_call(), user_id)
        return Done()


def _list(found: Sequence[Seen]) -> PostList:
    return PostList(items=tuple(map(_post, found)))


def _post(seen: Seen) -> posts.Post:
    post, poll, expired, choices, reposted, bookmarked, pinned = seen
    bare = _bare(post.id, post)
    if poll is None and not (reposted or bookmarked or pinned):
        return bare
    return msgspec.structs.replace(
        bare,
        poll=None if poll is None else _poll(poll, expired, choices),
        reposted=reposted,
        bookmarked=bookmarked,
        pinned=pinned,
    )


def _make_bare(post: Post) -> posts.Post:
    """A post as somebody sees it who has left no mark on it."""
    mentions = post.mentions
    return posts.Post(
        id=post.id,
        author_id=post.author_id,
        text=post.text,
        html=post.html,
        visibility=_SCOPES[post.visibility],
        language=post.language,
        content_warning=post.content_warning,
        created_at=post.created_at,
        edited_at=post.edited_at,
        in_reply_to_id=post.reply_to_id,
        in_reply_to_author_id=post.reply_to_author_id,
        root_id=post.root_id,
        quote_of_id=post.quote_of_id,
        mentions=tuple([posts.Mention(user_id=id, username=name) for id, name in mentions])
        if mentions
        else (),
        tags=tuple(post.tags) if post.tags else (),
        replies=post.replies,
        reposts=post.reposts,
        quotes=post.quotes,
        media_ids=tuple(post.media_ids) if post.media_ids else (),
        version=post.version,
        hidden=post.hidden,
        held=post.held,
        sensitive=post.sensitive,
    )


_bare: Latest[Post, posts.Post] = Latest(_make_bare, KNOWN)


def _poll(poll: Poll, expired: bool, choices: Sequence[int] | None) -> posts.Poll:
    options = zip(poll.options, poll.votes, strict=True)
    return posts.Poll(
        id=poll.post_id,
        options=tuple(posts.PollOption(title=title, votes=votes) for title, votes in options),
        expires_at=poll.expires_at,
        expired=expired,
        multiple=poll.multiple,
        votes_count=sum(poll.votes),
        voters_count=poll.voters,
        voted=choices is not None,
        own_votes=tuple(choices or ()),
    )


def _make_card(post: Post) -> items.Card:
    return Card(
        kind=KIND,
        id=post.id,
        author_id=post.author_id,
        audience=audience_of(post),
        summary=post.text[:_SUMMARY],
        language=post.language,
        sensitive=bool(post.content_warning) or post.sensitive,
        created_at=post.created_at,
        tags=tuple(post.tags or ()),
        version=post.version,
        hidden=post.hidden,
    )


def _exhibit(post: Post) -> items.Exhibit:
    return items.Exhibit(
        kind=KIND, id=post.id, author_id=post.author_id, audience=audience_of(post), text=post.text,
        content_warning=post.content_warning, language=post.language, media_ids=tuple(post.media_ids or ()),
        created_at=post.created_at, edited_at=post.edited_at, hidden=post.hidden, held=post.held,
        sensitive=post.sensitive, version=post.version,
    )  # fmt: skip


def _document(post: Written) -> items.Document:
    named = [user_id for user_id, _ in post.mentions or ()]
    if post.reply_to_author_id:
        named.append(post.reply_to_author_id)
    return items.Document(
        id=post.id,
        author_id=post.author_id,
        audience=Audience(
            scope=_SCOPES[post.visibility], owner_id=post.author_id,
            people=() if post.visibility in OPEN else tuple(dict.fromkeys(named)),
        ),
        text=f"{post.content_warning}\n{post.text}" if post.content_warning else post.text,
        language=post.language,
        tags=tuple(post.tags or ()),
        has_media=bool(post.media_ids),
        hidden=post.hidden,
        created_at=post.created_at,
        version=post.version,
    )  # fmt: skip


_card: Latest[Post, items.Card] = Latest(_make_card, KNOWN)
