"""Pieces of pages that are the same for many readers, made once and kept for the next one.

A card depends on its post's view (a value that present keeps as long as nothing changes), on whether
somebody is signed in, on the language, the page it stands on and the minute (it says how long ago).
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from samovar.edge.present.people import Author
from samovar.edge.present.posts import PostView
from samovar.edge.web import i18n
from samovar.kernel.clock import MINUTE, Clock
from samovar.kernel.memo import make_room

CARDS: Final = 6000
PIECES: Final = 1000
#: Stands between cards, and for a form's key and the reader's picture while it is kept: none of
#: them can be in a text.
_BETWEEN: Final = "\x1e"
_KEY: Final = "\x1f"
_PICTURE: Final = "\x1d"
_NOBODY: Final = Author(id="", username="", display_name="", avatar_url=_PICTURE, url="")

Render = Callable[[str, dict[str, Any]], str]


class Kept:
    """Template functions `cards`, `piece` and `own_composer`."""

    def __init__(self, clock: Clock, render: Render) -> None:
        self._clock = clock
        self._render = render
        self._cards: dict[tuple[Any, ...], tuple[PostView, str]] = {}
        self._pieces: dict[tuple[Any, ...], Markup] = {}

    @pass_context
    def cards(self, context: Context, posts: Sequence[PostView], where: Any = True) -> Markup:
        """Cards of posts, in order. `where`: true, false, or "person" (shows the pin)."""
        page = (
            where, context["me"] is not None, i18n.locale(), context["here"],
            self._clock.now() // MINUTE,
        )  # fmt: skip
        found: list[str] = []
        missing: list[tuple[int, PostView]] = []
        for index, post in enumerate(posts):
            kept = self._cards.get((id(post), *page))
            found.append(kept[1] if kept is not None and kept[0] is post else "")
            if not found[index]:
                missing.append((index, post))
        if missing:
            values = {**context.get_all(), "posts": [post for _, post in missing], "where": where}
            texts = self._render("fragments/cards.html", values).split(_BETWEEN)
            # The oldest were made in an earlier minute, and so are of no more use.
            make_room(self._cards, CARDS)
            for (index, post), text in zip(missing, texts, strict=False):
                found[index] = text
                self._cards[(id(post), *page)] = (post, text)
        return Markup("".join(found))

    @pass_context
    def piece(self, context: Context, template: str, *on: Hashable) -> Markup:
        """A template that depends on nothing but the language and the values given here."""
        return self._piece((template, i18n.locale(), *on), template, context.get_all)

    def _piece(self, key: tuple[Any, ...], template: str, values: Callable[[], dict[str, Any]]) -> Markup:
        kept = self._pieces.get(key)
        if kept is None:
            make_room(self._pieces, PIECES)
            kept = self._pieces[key] = Markup(self._render(template, values()))
        return kept

    @pass_context
    def own_composer(self, context: Context, composer: dict[str, Any]) -> Markup:
        """The empty composer above the home feed; its idempotency key and picture are put in last."""
        key = (i18n.locale(), context["here"], *map(composer.get, ("language", "max_length", "max_options")))

        def values() -> dict[str, Any]:
            form = {**composer, "idempotency_key": _KEY}
            return {**context.get_all(), "me": _NOBODY, "into": "feed", "composer": form}

        text = self._piece(key, "fragments/composer.html", values).replace(_KEY, composer["idempotency_key"])
        return Markup(text.replace(_PICTURE, str(escape(context["me"].avatar_url))))
