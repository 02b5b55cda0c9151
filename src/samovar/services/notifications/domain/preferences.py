"""What people choose: which types come by which ways, quiet hours, the digest. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from samovar.kernel.clock import SECOND
from samovar.kernel.errors import Invalid
from samovar.services.notifications.domain import TYPES

#: Ways by which notifications come.
WAYS: Final = ("inbox", "email", "push", "other")
PEOPLE: Final = ("everyone", "following", "nobody")
DIGESTS: Final = ("none", "daily", "weekly")
#: Types that wait for nothing: a person chose the time themself, or it concerns everybody.
URGENT: Final = frozenset({"reminder", "system"})
#: By which ways types come to those who chose nothing; what is not named comes to inbox and devices.
_LETTERS: Final = frozenset({"mentioned", "replied", "quoted", "follow_requested", "system", "reminder"})
_QUIETLY: Final = frozenset({"reacted", "reposted"})
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,63}")
_DAY_MINUTES: Final = 24 * 60


class Choice(NamedTuple):
    """How one type comes."""

    inbox: bool
    email: bool
    push: bool
    other: bool
    people: str

    def by(self, way: str, *, wanted: bool) -> "Choice":
        """The same with one way switched on or off."""
        changed: dict[str, Any] = {way: wanted}
        return self._replace(**changed)


class Preferences(NamedTuple):
    """All that a person chose, filled up with the defaults."""

    types: Mapping[str, Choice]
    quiet_from: int
    quiet_to: int
    time_zone: str
    digest: str
    digest_hour: int
    digest_weekday: int


def _default(type: str) -> Choice:
    devices = type not in _QUIETLY
    return Choice(True, type in _LETTERS, devices, devices, "everyone")


DEFAULTS: Final = Preferences({type: _default(type) for type in TYPES}, 0, 0, "UTC", "none", 9, 0)


def stored(value: Mapping[str, Any] | None) -> Preferences:
    """Preferences from what is stored of them."""
    if not value:
        return DEFAULTS
    chosen = value.get("types", {})
    types = {
        type: choice._replace(**chosen[type]) if type in chosen else choice
        for type, choice in DEFAULTS.types.items()
    }
    rest = {name: value[name] for name in Preferences._fields[1:] if name in value}
    return DEFAULTS._replace(types=types, **rest)


def checked(
    former: Mapping[str, Any],
    types: Mapping[str, Choice] | None,
    quiet_from: int | None,
    quiet_to: int | None,
    time_zone: str | None,
    digest: str | None,
    digest_hour: int | None,
    digest_weekday: int | None,
) -> dict[str, Any]:
    """What to store after a change; absent parts stay. Raises Invalid."""
    wrong: dict[str, str] = {}
    for type, choice in (types or {}).items():
        if type not in TYPES or choice.people not in PEOPLE:
            wrong["types"] = "There is no such type of notification, or no such people."
    for name, minutes in (("quiet_from", quiet_from), ("quiet_to", quiet_to)):
        if minutes is not None and not 0 <= minutes < _DAY_MINUTES:
            wrong[name] = "Give a time of day."
    if time_zone is not None and not is_zone(time_zone):
        wrong["time_zone"] = "There is no such time zone."
    if digest is not None and digest not in DIGESTS:
        wrong["digest"] = "Choose none, daily or weekly."
    if digest_hour is not None and not 0 <= digest_hour < 24:
        wrong["digest_hour"] = "Give an hour from 0 to 23."
    if digest_weekday is not None and not 0 <= digest_weekday < 7:
        wrong["digest_weekday"] = "Give a day of the week."
    if wrong:
        raise Invalid(fields=wrong)
    given = {
        "quiet_from": quiet_from, "quiet_to": quiet_to, "time_zone": time_zone, "digest": digest,
        "digest_hour": digest_hour, "digest_weekday": digest_weekday,
    }  # fmt: skip
    value = {**former, **{name: part for name, part in given.items() if part is not None}}
    if types:
        value["types"] = {
            **former.get("types", {}),
            **{type: choice._asdict() for type, choice in types.items()},
        }
    return value


def is_zone(name: str) -> bool:
    """Whether there is such a time zone."""
    return bool(_ZONE.fullmatch(name)) and name in available_timezones()


def quiet_until(preferences: Preferences, now: int) -> int:
    """When the quiet hours that it is now end; `now` when it is not quiet."""
    begin, end = preferences.quiet_from, preferences.quiet_to
    if begin == end:
        return now
    local = _local(preferences, now)
    minute = local.hour * 60 + local.minute
    quiet = begin <= minute < end if begin < end else minute >= begin or minute < end
    if not quiet:
        return now
    day = local.date() if minute < end else local.date() + timedelta(days=1)
    return max(now, _at(preferences, datetime(day.year, day.month, day.day, end // 60, end % 60)))


def next_digest(preferences: Preferences, now: int) -> int | None:
    """When the next digest comes; None when it is not wanted."""
    if preferences.digest not in ("daily", "weekly"):
        return None
    local = _local(preferences, now)
    day = local.date()
    for _ in range(9):
        if preferences.digest == "daily" or day.weekday() == preferences.digest_weekday:
            at = _at(preferences, datetime(day.year, day.month, day.day, preferences.digest_hour))
            if at > now:
                return at
        day += timedelta(days=1)
    raise AssertionError("every week has each of its days")


def _local(preferences: Preferences, now: int) -> datetime:
    return datetime.fromtimestamp(now / SECOND, ZoneInfo(preferences.time_zone))


def _at(preferences: Preferences, local: datetime) -> int:
    zoned = local.replace(tzinfo=ZoneInfo(preferences.time_zone))
    return round(zoned.astimezone(UTC).timestamp()) * SECOND
