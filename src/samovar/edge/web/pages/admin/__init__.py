"""The house's back rooms: what moderators and operators see and steer. One module per family of rooms."""

from typing import Any

from samovar.edge.web.pages.admin import (
    acts,
    appeals,
    audit,
    content,
    files,
    overview,
    people,
    reports,
    roles,
    rules,
)
from samovar.edge.web.pages.admin.rooms import ROOMS as ROOMS
from samovar.edge.web.pages.admin.rooms import enter as enter
from samovar.edge.web.pages.admin.rooms import show as show
from samovar.edge.web.pages.frame import Frame


def routes(frame: Frame) -> list[Any]:
    """Route handlers of all rooms."""
    # They need what is above.
    from samovar.edge.web.pages.admin import figures, machine, settings  # noqa: PLC0415

    makers = (
        overview, reports, appeals, content, files, people, roles, rules, audit, figures, machine, settings,
        acts,
    )  # fmt: skip
    return [handler for made in makers for handler in made.routes(frame)]
