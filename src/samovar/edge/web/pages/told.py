"""Settings of notifications, and what a browser needs to be told: its worker and its subscription."""

from typing import Any, Final
from zoneinfo import available_timezones

import litestar
import msgspec
from litestar import Response
from litestar.params import FromPath

from samovar.contracts.notifications import Preferences, TypePreference, TypePreferenceList
from samovar.edge.web import i18n
from samovar.edge.web.pages.frame import Frame, Req, form_of, redirect, told
from samovar.kernel.errors import AppError, NotFound, Unavailable
from samovar.kernel.ids import parse_id

#: What types are called in settings.
SAID: Final = {
    "mentioned": "Somebody mentions me",
    "replied": "Somebody replies to me",
    "quoted": "Somebody quotes my post",
    "followed": "Somebody follows me",
    "follow_requested": "Somebody asks to follow me",
    "follow_accepted": "Somebody lets me follow",
    "reacted": "Somebody reacts to my post",
    "reposted": "Somebody reposts my post",
    "poll_ended": "A poll ends that is mine or that I voted in",
    "reminder": "A reminder of mine",
    "system": "News from the community",
}
#: Types that come from people, so that one can choose from whom.
FROM_PEOPLE: Final = frozenset({"mentioned", "replied", "quoted", "followed", "reacted", "reposted"})
WAYS: Final = ("inbox", "email", "push", "other")


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""
    edge = frame.edge

    async def show(
        request: Req, found: Preferences, errors: dict[str, str], status: int = 200
    ) -> Response[str]:
        await frame.me(request)  # settles the language of the labels
        devices = (await edge.notifications.devices()).items
        return await frame.page(
            request, "settings/notifications.html", status, section="notifications", errors=errors,
            types=[
                {"type": one.type, "label": i18n.translate(SAID.get(one.type, one.type)), "on": one,
                 "people": one.type in FROM_PEOPLE}
                for one in found.types
            ],
            chosen=found, zones=sorted(available_timezones()), devices=devices,
            quiet_from=_clock(found.quiet_from), quiet_to=_clock(found.quiet_to),
        )  # fmt: skip

    @litestar.get("/settings/notifications", include_in_schema=False)
    async def settings(request: Req) -> Response[str]:
        frame.need_member()
        return await show(request, await edge.notifications.get_preferences(), {})

    @litestar.post("/settings/notifications", status_code=200, include_in_schema=False)
    async def save(request: Req) -> Response[Any]:
        frame.need_member()
        form = await form_of(request)
        before = await edge.notifications.get_preferences()
        quiet = bool(form.get("quiet"))
        wanted = msgspec.structs.replace(
            before,
            types=tuple(_choice(form, one) for one in before.types),
            quiet_from=_minutes(form.get("quiet_from", "")) if quiet else 0,
            quiet_to=_minutes(form.get("quiet_to", "")) if quiet else 0,
            time_zone=form.get("time_zone", "").strip() or "UTC",
            digest=form.get("digest", "none"),
            digest_hour=_number(form.get("digest_hour", "")),
            digest_weekday=_number(form.get("digest_weekday", "")),
        )
        try:
            await edge.notifications.set_preferences(
                types=TypePreferenceList(items=wanted.types),
                **{name: getattr(wanted, name) for name in Preferences.__struct_fields__ if name != "types"},
            )
        except Unavailable:
            raise
        except AppError as error:
            await frame.me(request)
            return await show(request, wanted, told(error), 422)
        return redirect("/settings/notifications", "saved")

    @litestar.post("/settings/devices/{device_id:str}/remove", status_code=200, include_in_schema=False)
    async def remove(device_id: FromPath[str]) -> Response[Any]:
        frame.need_member()
        number = parse_id(device_id)
        if number is None:
            raise NotFound
        await edge.notifications.unsubscribe(id=number)
        return redirect("/settings/notifications", "device_gone")

    @litestar.get("/sw.js", include_in_schema=False)
    async def worker() -> Response[bytes]:
        """The page's worker. It lies at the root, so that it may serve all pages, and is always asked for."""
        return Response(
            frame.worker,
            media_type="text/javascript",
            headers={"cache-control": "no-cache", "service-worker-allowed": "/"},
        )

    return [settings, save, remove, worker]


def _choice(form: dict[str, Any], before: TypePreference) -> TypePreference:
    """How a type is to come, as the form says."""
    ways = {way: bool(form.get(f"{before.type}.{way}")) for way in WAYS}
    people = form.get(f"{before.type}.people", before.people)
    return TypePreference(type=before.type, people=people, **ways)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(text: str) -> int:
    """Minutes since midnight of "22:30"; what is no time becomes one that is refused."""
    hours, _, minutes = text.partition(":")
    return _number(hours) * 60 + _number(minutes[:2])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 9999
