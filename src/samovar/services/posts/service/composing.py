"""From what somebody typed to what is stored."""

from typing import Any, NamedTuple

from samovar.contracts.posts import TextTooLong
from samovar.kernel.errors import Invalid
from samovar.kernel.kit import Kit
from samovar.services.posts.clients import People
from samovar.services.posts.domain import html
from samovar.services.posts.domain.text import (
    clean,
    clean_line,
    is_blank,
    language_tag,
    longer_than,
    much_longer_than,
)
from samovar.services.posts.settings import Settings


class Content(NamedTuple):
    """What somebody wrote, ready to be stored."""

    text: str
    html: str
    warning: str
    language: str
    mentions: list[list[Any]] | None
    tags: list[str] | None


class Composer:
    """Checks a text, finds who is mentioned, renders it."""

    def __init__(self, kit: Kit, people: People) -> None:
        self._settings: Settings = kit.settings
        self._people = people

    async def compose(self, text: str, warning: str, language: str, *, alone: bool) -> Content:
        """Check and prepare what was written; `alone` when there is nothing beside the text."""
        limit, warning_limit = self._settings.text_limit, self._settings.warning_limit
        if much_longer_than(text, limit) or longer_than(text := clean(text), limit):
            raise TextTooLong(fields={"text": "This is too long."}, limit=limit)
        if alone and is_blank(text):
            raise Invalid(fields={"text": "Write something."})
        if much_longer_than(warning, warning_limit) or longer_than(
            warning := clean_line(warning), warning_limit
        ):
            raise Invalid(fields={"content_warning": "This is too long."})
        tag = language_tag(language)
        if tag is None:
            raise Invalid(fields={"language": 'Use a language tag such as "en" or "pt-BR".'})
        pieces = html.parse(text)
        people = await self._people.by_names(html.names_in(pieces))
        usernames = {name: username for name, (_, username) in people.items()}
        named = [list(people[name]) for name in html.names_in(pieces) if name in people]
        return Content(
            text, html.render(pieces, usernames), "" if is_blank(warning) else warning, tag, named or None,
            html.tags_in(pieces) or None,
        )  # fmt: skip
