"""What the community's rules say of a post before it is written down."""

from collections.abc import Sequence
from typing import NamedTuple

from samovar.contracts.items import ItemJudged
from samovar.contracts.posts import AgainstRules
from samovar.kernel.store import Tx
from samovar.services.posts.clients import Rules
from samovar.services.posts.domain.post import Post, narrower
from samovar.services.posts.service.common import KIND
from samovar.services.posts.service.composing import Content


class Judged(NamedTuple):
    """A verdict on a post about to be written."""

    outcome: str = ""
    rule_ids: tuple[int, ...] = ()
    silenced: bool = False

    def on(self, post: Post) -> Post:
        """The new post as it is to be stored. What somebody silenced writes is for their followers alone,
        names nobody, and tells nobody."""
        if self.silenced:
            post = post._replace(
                visibility=narrower(post.visibility, "followers"), mentions=None, reply_to_author_id=None
            )
        held = self.outcome == "hold"
        hidden = held or self.outcome == "hide"
        return post._replace(hidden=hidden, held=held, told=not hidden, sensitive=self.outcome == "sensitive")

    def on_edited(self, post: Post) -> Post:
        """The edited post as it is to be stored. What was hidden stays so."""
        held = self.outcome == "hold"
        return post._replace(
            hidden=post.hidden or held or self.outcome == "hide",
            held=post.held or (held and not post.hidden),
            sensitive=post.sensitive or self.outcome == "sensitive",
        )

    async def tell(self, tx: Tx, post: Post) -> None:
        """Let moderators know, when there is something to know."""
        if self.outcome:
            await tx.publish(
                ItemJudged(
                    kind=KIND, id=post.id, author_id=post.author_id, verdict=self.outcome,
                    rule_ids=self.rule_ids,
                )
            )  # fmt: skip


class Admission:
    """Asks once for each post, for a moment only: when nobody answers, it is written and judged later."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    async def ask(self, author: int, content: Content, media_ids: Sequence[int], *, edited: bool) -> Judged:
        """Raises AgainstRules for what is refused."""
        text = f"{content.warning}\n{content.text}" if content.warning else content.text
        verdict = await self._rules.admit(KIND, author, text, media_ids, edited)
        if verdict is None:
            return Judged("unjudged")
        if verdict.outcome == "refuse":
            raise AgainstRules(
                fields={"text": verdict.reason} if verdict.reason else {"text": AgainstRules.default_message}
            )
        return Judged(verdict.outcome, tuple(verdict.rule_ids), verdict.silenced)
