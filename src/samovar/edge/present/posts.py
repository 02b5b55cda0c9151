"""Posts as they are shown: with author, counts, poll, quote and the viewer's own flags."""

from collections.abc import Hashable, Mapping, Sequence

import msgspec

from samovar.contracts.common import Scope
from samovar.contracts.media import Medium
from samovar.contracts.posts import Poll, Post
from samovar.contracts.reactions import Summary
from samovar.edge.edge import Edge
from samovar.edge.present.media import Media, MediaView
from samovar.edge.present.people import Author, People
from samovar.edge.present.times import rfc3339
from samovar.kernel.context import current_call
from samovar.kernel.memo import Derived, Interned, make_room


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
    media: tuple[MediaView, ...] = ()
    #: Moderators hid it, or it waits until they have looked at it: others don't see it.
    hidden: bool = False
    held: bool = False
    #: Moderators put it behind a warning.
    sensitive: bool = False


class PostPageView(msgspec.Struct, kw_only=True, frozen=True):
    """A page of posts."""

    items: tuple[PostView, ...]
    next: str | None


Row = tuple[MediaView, ...]
NO_REACTIONS = Summary()
NO_MEDIA: Mapping[int, Medium] = {}
#: Audiences whose files have plain addresses; those of others are signed for who may see the post.
OPEN = frozenset((Scope.PUBLIC, Scope.UNLISTED))
GONE = Unavailable()
#: Views kept for the next reader.
VIEWS = 8000


class Posts:
    """Shows posts."""

    kind = "post"

    def __init__(self, edge: Edge, people: People, media: Media) -> None:
        self._edge = edge
        self._people = people
        self._media = media
        # Views are values: equal inputs give the one that was made before.
        self._same_post: Interned[Hashable, Post] = Interned(VIEWS)
        self._same_summary: Interned[Hashable, Summary] = Interned(VIEWS)
        self._view = Derived(self._made, VIEWS)
        #: What each post was last shown from, and how: most viewers see the same.
        self._last: dict[
            int, tuple[Post, Author, Author | None, Summary, Quoted | None, bool, Row, PostView]
        ] = {}

    async def by_ids(self, ids: Sequence[int]) -> Mapping[int, PostView]:
        """Those of the posts that the viewer may see."""
        if not ids:
            return {}
        found = await self._edge.posts.get_many(ids=list(dict.fromkeys(ids)))
        return await self._views(found.items)

    async def show(self, posts: Sequence[Post]) -> tuple[PostView, ...]:
        """Posts in the same order; those whose author is gone are left out."""
        views = await self._views(posts)
        return tuple([views[post.id] for post in posts if post.id in views])

    async def _views(self, posts: Sequence[Post]) -> dict[int, PostView]:
        if not posts:
            return {}
        quoted = await self._quoted(posts)
        both = [*posts, *quoted.values()]
        people = [post.author_id for post in both]
        people += [post.in_reply_to_author_id for post in both if post.in_reply_to_author_id]
        authors = await self._people.authors(people)
        summaries = await self._reactions([post.id for post in both])
        files = [media_id for post in both if post.media_ids for media_id in post.media_ids]
        media = await self._media.by_ids(files) if files else NO_MEDIA
        viewer = current_call().actor
        inner: dict[int, PostView] = {}
        for post in quoted.values():
            if (author := authors.get(post.author_id)) is not None:
                inner[post.id] = self._shown(post, author, authors, summaries, None, viewer, media)
        views: dict[int, PostView] = {}
        for post in posts:
            if (author := authors.get(post.author_id)) is not None:
                quote = inner.get(post.quote_of_id, GONE) if post.quote_of_id else None
                views[post.id] = self._shown(post, author, authors, summaries, quote, viewer, media)
        return views

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

    def _shown(
        self,
        post: Post,
        author: Author,
        authors: Mapping[int, Author],
        summaries: Mapping[int, Summary],
        quote: Quoted | None,
        viewer: int | None,
        media: Mapping[int, Medium],
    ) -> PostView:
        """A post's view for the viewer."""
        summary = summaries.get(post.id, NO_REACTIONS)
        addressee = authors.get(post.in_reply_to_author_id) if post.in_reply_to_author_id else None
        own = post.author_id == viewer
        files = (
            self._media.row(post.media_ids, media, signed=post.visibility not in OPEN)
            if post.media_ids
            else ()
        )
        last = self._last.get(post.id)
        if (
            last is not None
            and last[0] is post
            and last[1] is author
            and last[2] is addressee
            and (last[3] is summary or last[3] == summary)
            and last[4] is quote
            and last[5] is own
            and last[6] is files
        ):
            return last[7]
        votes = None if post.poll is None else post.poll.own_votes
        marks = (post.id, post.reposted, post.bookmarked, post.pinned, votes)
        post = self._same_post(marks, post)
        summary = self._same_summary((post.id, summary.own), summary)
        view = self._view(post, author, addressee, summary, quote, own, files)
        make_room(self._last, VIEWS)
        self._last[post.id] = (post, author, addressee, summary, quote, own, files, view)
        return view

    def _made(
        self,
        post: Post,
        author: Author,
        addressee: Author | None,
        summary: Summary,
        quote: Quoted | None,
        own: bool,
        files: Row,
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
                InReplyTo(id=str(post.in_reply_to_id), author=addressee) if post.in_reply_to_id else None
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
            media=files,
            hidden=post.hidden,
            held=post.held,
            sensitive=post.sensitive,
        )


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
