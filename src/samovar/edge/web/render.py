"""Templates to HTML."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Final

from jinja2 import BytecodeCache, Environment, FileSystemLoader
from litestar import Request, Response

from samovar.edge.edge import Edge
from samovar.edge.web import i18n
from samovar.edge.web.kept import Kept
from samovar.edge.web.static_files import Assets

_UNITS: Final = {
    "en": (("min", 60), ("h", 3600), ("d", 86400)),
    "ru": (("мин", 60), ("ч", 3600), ("дн", 86400)),
}
_NOW: Final = {"en": "now", "ru": "сейчас"}


class Renderer:
    """Jinja2 with our filters; knows the clock, the assets and the site."""

    #: Compiled templates, where many renderers live in one process.
    compiled: ClassVar[BytecodeCache | None] = None

    def __init__(self, edge: Edge, assets: Assets) -> None:
        self._edge = edge
        self.environment = env = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            auto_reload=False,
            cache_size=200,
            bytecode_cache=self.compiled,
            extensions=["jinja2.ext.i18n"],
        )
        env.install_gettext_callables(  # type: ignore[attr-defined]
            i18n.translate, i18n.translate_plural, newstyle=True, pgettext=i18n.translate_in_context
        )
        kept = Kept(edge.clock, self.html)
        env.globals.update(
            asset=assets.url, cards=kept.cards, own_composer=kept.own_composer, piece=kept.piece
        )
        env.filters.update(
            reltime=self.relative, exacttime=exact, isotime=iso, compact=compact, exactmonth=month_and_year
        )

    def relative(self, value: Any) -> str:
        """How long ago (or until), in one short unit; the date when it is more than a week."""
        moment = _moment(value)
        seconds = self._edge.clock.now() / 1e6 - moment.timestamp()
        distance, language = abs(seconds), i18n.locale()
        if distance < 45:
            return _NOW[language]
        if distance < 7 * 86400:
            units = _UNITS[language]
            unit, size = units[0] if distance < 3600 else units[1] if distance < 86400 else units[2]
            return f"{max(1, round(distance / size))} {unit}"
        return i18n.day(
            moment.replace(hour=0, minute=0, second=0, microsecond=0), language, seconds > 300 * 86400
        )

    def html(self, template: str, context: Mapping[str, Any]) -> str:
        """The text of a template."""
        return self.environment.get_template(template).render(context)

    def page(
        self,
        request: Request[Any, Any, Any],
        template: str,
        context: Mapping[str, Any],
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response[str]:
        """An answer with a page."""
        return Response(
            self.html(template, context),
            status_code=status,
            media_type="text/html",
            headers=dict(headers or {}),
        )


def _moment(value: Any) -> datetime:
    if isinstance(value, int):
        return datetime.fromtimestamp(value / 1e6, UTC)
    return datetime.fromisoformat(value)


def exact(value: Any) -> str:
    return i18n.exact_time(_moment(value).replace(second=0, microsecond=0), i18n.locale())


def iso(value: Any) -> str:
    return value if isinstance(value, str) else _moment(value).isoformat(timespec="seconds")


def month_and_year(value: Any) -> str:
    """A moment as month and year, such as "March 2026"."""
    moment = _moment(value)
    return i18n.month(moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0), i18n.locale())


def compact(number: int) -> str:
    """1234 is 1.2K (1,2 тыс. in Russian)."""
    if number < 1000:
        return str(number)
    language = i18n.locale()
    size, unit = (1e6, {"en": "M", "ru": " млн"}) if number >= 1e6 else (1e3, {"en": "K", "ru": " тыс."})
    text = f"{number / size:.1f}".removesuffix(".0")
    return (text.replace(".", ",") if language == "ru" else text) + unit[language]
