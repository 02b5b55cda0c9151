"""Posts as they are shown: with author, counts, poll, quote and the viewer's own flags."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from samovar.contracts.posts import Poll, Post
from samovar.contracts.reactions import Summary
from samovar.edge.edge import Edge
from samovar.edge.present.people import Author, People
from samovar.edge.present.times import rfc3339
from samovar.kernel.context import current_call


class PollOptionView(msgspec.Struct, kw_only=True, frozen=True):
    """One choice of a poll with its votes."""

    title: str
    votes: int


class PollView(msgspec.Struct, kw_only=True, frozen=True):
    """A poll as it stands."""

    id: str
    options: tuple[PollOptionView, ...]
    expires_at: str
    expired: bool
    multiple: bool
    votes_count: int
    voters_count: int
    voted: bool
    own_votes: tuple[int, ...]


class InReplyTo(msgspec.Struct, kw_only=True, frozen=True):
    """What a post answers; the author is left out when gone."""

    id: str
    author: Author | None


class Counts(msgspec.Struct, kw_only=True, frozen=True):
    """How often people answered, passed on, quoted and reacted."""

    replies: int
    reposts: int
    quotes: int
    #: Reactions by type.
    reactions: Mapping[str, int]


class ViewerFlags(msgspec.Struct, kw_only=True, frozen=True):
    """What the viewer has done to it."""

    reaction: str | None
    reposted: bool
    bookmarked: bool
    pinned: bool
    own: bool


class MentionView(msgspec.Struct, kw_only=True, frozen=True):
    """A person named in the text."""

    id: str
    username: str
    url: str


class Quoted(msgspec.Struct, kw_only=True, frozen=True):
    """A quoted post with all its fields, or `{"unavailable": true}` when it is gone or not for the viewer."""


class Unavailable(Quoted, kw_only=True, frozen=True):
    """Stands for a quoted post that the viewer may not see or that is gone."""

    unavailable: bool = True


class PostView(Quoted, kw_only=True, frozen=True):
    """A post."""

    id: str
    kind: str
    url: str
    author: Author
    text: str
    #: Safe HTML of the text.
    html: str
    created_at: str
    edited_at: str | None
    visibility: str
    language: str
    content_warning: str
    in_reply_to: InReplyTo | None
    quote: Quoted | None
    #: Who passed it on, when it stands in a list for that reason.
    reposted_by: Author | None
    poll: PollView | None
    counts: Counts
    viewer: ViewerFlags
    tags: tuple[str, ...]
    mentions: tuple[MentionView, ...]


class PostPageView(msgspec.Struct, kw_only=True, frozen=True):
    """A page of posts."""

    items: tuple[PostView, ...]
    next: str | None


NO_REACTIONS = Summary()
#: Views kept for the next reader.
VIEWS = 8000


class Posts:
    """Shows posts."""

    kind = "post"

    def __init__(self, edge: Edge, people: People) -> None:
        self._edge = edge
        self._people = people
        self._views: dict[tuple[Any, ...], PostView] = {}

    async def by_ids(self, ids: Sequence[int]) -> Mapping[int, PostView]:
        """Those of the posts that the viewer may see."""
        if not ids:
            return {}
        found = await self._edge.posts.get_many(ids=list(dict.fromkeys(ids)))
        return {int(view.id): view for view in await self.show(found.items)}

    async def show(self, posts: Sequence[Post]) -> tuple[PostView, ...]:
        """Posts in the same order; those whose author is gone are left out."""
        if not posts:
            return ()
        quoted = await self._quoted(posts)
        both = [*posts, *quoted.values()]
        people = [post.author_id for post in both]
        people += [post.in_reply_to_author_id for post in both if post.in_reply_to_author_id]
        authors = await self._people.authors(people)
        summaries = await self._reactions([post.id for post in both])
        inner = {
            post.id: self._view(post, authors, summaries, None)
            for post in quoted.values()
            if post.author_id in authors
        }
        return tuple(
            self._view(post, authors, summaries, _quote_of(post, inner))
            for post in posts
            if post.author_id in authors
        )

    async def one(self, post: Post) -> PostView:
        """One post that its author or somebody else has just acted on."""
        return (await self.show([post]))[0]

    async def _quoted(self, posts: Sequence[Post]) -> Mapping[int, Post]:
        ids = list(dict.fromkeys(post.quote_of_id for post in posts if post.quote_of_id))
        if not ids:
            return {}
        return {post.id: post for post in (await self._edge.posts.get_many(ids=ids)).items}

    async def _reactions(self, ids: Sequence[int]) -> Mapping[int, Summary]:
        found: dict[int, Summary] = {}
        unique = list(dict.fromkeys(ids))
        for start in range(0, len(unique), 100):
            page = await self._edge.reactions.summaries(kind=self.kind, ids=unique[start : start + 100])
            found.update((summary.id, summary) for summary in page.items)
        return found

    def _view(
        self,
        post: Post,
        authors: Mapping[int, Author],
        summaries: Mapping[int, Summary],
        quote: Quoted | None,
    ) -> PostView:
        """A post's view. Views are values: the same inputs give the one that was made before."""
        author = authors[post.author_id]
        summary = summaries.get(post.id, NO_REACTIONS)
        own = post.author_id == current_call().actor
        if post.poll is not None:
            return self._made(post, author, authors, summary, own, quote)
        key = (
            post.id, post.version, post.edited_at, post.replies, post.reposts, post.quotes, post.reposted,
            post.bookmarked, post.pinned, own, summary.own, *summary.counts.items(), author,
            authors.get(post.in_reply_to_author_id or 0),
            # A view holds its quote, so the number can't come to stand for another.
            id(quote) if isinstance(quote, PostView) else quote is None,
        )  # fmt: skip
        view = self._views.get(key)
        if view is None:
            if len(self._views) >= VIEWS:
                self._views.clear()
            view = self._views[key] = self._made(post, author, authors, summary, own, quote)
        return view

    def _made(
        self,
        post: Post,
        author: Author,
        authors: Mapping[int, Author],
        summary: Summary,
        own: bool,
        quote: Quoted | None,
    ) -> PostView:
        return PostView(
            id=str(post.id),
            kind=self.kind,
            url=f"/@{author.username}/{post.id}",
            author=author,
            text=post.text,
            html=post.html,
            created_at=rfc3339(post.created_at),
            edited_at=rfc3339(post.edited_at) if post.edited_at else None,
            visibility=str(post.visibility),
            language=post.language,
            content_warning=post.content_warning,
            in_reply_to=(
                InReplyTo(
                    id=str(post.in_reply_to_id),
                    author=authors.get(post.in_reply_to_author_id or 0),
                )
                if post.in_reply_to_id
                else None
            ),
            quote=quote,
            reposted_by=None,
            poll=_poll(post.poll) if post.poll else None,
            counts=Counts(
                replies=post.replies, reposts=post.reposts, quotes=post.quotes, reactions=summary.counts
            ),
            viewer=ViewerFlags(
                reaction=summary.own or None,
                reposted=post.reposted,
                bookmarked=post.bookmarked,
                pinned=post.pinned,
                own=own,
            ),
            tags=post.tags,
            mentions=tuple(
                MentionView(id=str(m.user_id), username=m.username, url=f"/@{m.username}")
                for m in post.mentions
            ),
        )


def _quote_of(post: Post, inner: Mapping[int, PostView]) -> Quoted | None:
    return inner.get(post.quote_of_id, Unavailable()) if post.quote_of_id else None


def _poll(poll: Poll) -> PollView:
    return PollView(
        id=str(poll.id),
        options=tuple(PollOptionView(title=option.title, votes=option.votes) for option in poll.options),
        expires_at=rfc3339(poll.expires_at),
        expired=poll.expired,
        multiple=poll.multiple,
        votes_count=poll.votes_count,
        voters_count=poll.voters_count,
        voted=poll.voted,
        own_votes=poll.own_votes,
    )
