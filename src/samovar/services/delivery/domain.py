"""Messages, their states and the rules for what is taken: pure."""

import hashlib
import json
import re
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from samovar.kernel.clock import DAY, SECOND
from samovar.kernel.errors import Invalid
from samovar.kernel.ids import MAX_ID

CHANNELS: Final = ("email", "push", "sms", "fcm", "apns", "telegram")
#: From the first to be sent to the last; stored as their places.
PRIORITIES: Final = ("high", "normal", "low")
LOCALES: Final = ("en", "ru")
#: What nobody can unsubscribe from: letters that keep an account safe.
ACCOUNT: Final = "account"

QUEUED: Final = "queued"
SENDING: Final = "sending"
DEFERRED: Final = "deferred"
ACCEPTED: Final = "accepted"
FAILED: Final = "failed"
BOUNCED: Final = "bounced"
SUPPRESSED: Final = "suppressed"
EXPIRED: Final = "expired"
UNKNOWN: Final = "unknown"

MOST: Final = 100
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,127}")
_CATEGORY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\"\\]{1,64}@[^\s@,;:<>()\[\]\"\\]{1,255}")
_ADDRESS_MOST: Final = 4096
_DATA_MOST: Final = 32_768
_LONGEST: Final = 30 * DAY


class Order(NamedTuple):
    """A message as its sender gives it."""

    name: str
    user_id: int
    channel: str
    address: str
    template: str
    data: str
    locale: str
    category: str
    priority: str
    expires_at: int


class Message(NamedTuple):
    """A message as stored; the fields are columns, in their order."""

    id: int
    name: str
    user_id: int
    channel: str
    template: str
    category: str
    priority: int
    locale: str
    #: The address for showing.
    masked: str
    #: The address, sealed; None when it is the person's own and not yet asked for.
    address: bytes | None
    #: The template's values, sealed; None when wiped.
    data: bytes | None
    state: str
    reason: str
    created_at: int
    #: When it is tried next; while it is being sent, when it is taken to have been lost.
    due_at: int
    expires_at: int
    attempts: int
    ended_at: int | None


class Attempt(NamedTuple):
    """One time that a message was handed to its provider; the fields are columns, in their order."""

    id: int
    message_id: int
    started_at: int
    ended_at: int
    outcome: str
    provider: str
    provider_id: str
    detail: str


class Link(NamedTuple):
    """What a link of a letter's foot stands for."""

    user_id: int
    channel: str
    category: str


class Contact(NamedTuple):
    """A person as identity knows them."""

    email: str
    email_verified: bool
    locale: str


def needs_contact(message: Message) -> bool:
    """Whether identity must say where a message goes or in which language."""
    return message.address is None or not message.locale


def check(orders: Sequence[Order], templates: Collection[str], now: int) -> None:
    """Raises Invalid for all that is wrong with any of the messages."""
    if len(orders) > MOST:
        raise Invalid(fields={"messages": f"Send at most {MOST} at once."})
    fields = {}
    for number, order in enumerate(orders):
        for field, problem in _problems(order, templates, now).items():
            fields[f"messages.{number}.{field}"] = problem
    if fields:
        raise Invalid(fields=fields)


def is_name(text: str) -> bool:
    """Whether a message could be called so."""
    return _NAME.fullmatch(text) is not None


def _problems(order: Order, templates: Collection[str], now: int) -> dict[str, str]:
    found = {}
    if not is_name(order.name):
        found["id"] = "Up to 128 letters, digits, colons, dots, dashes and underscores."
    if not 0 < order.user_id <= MAX_ID:
        found["user_id"] = "This is not a person."
    if order.channel not in CHANNELS:
        found["channel"] = f"Choose among {', '.join(CHANNELS)}."
    if problem := _address_problem(order):
        found["address"] = problem
    if order.template not in templates:
        found["template"] = f"Choose among {', '.join(sorted(templates))}."
    if len(order.data) > _DATA_MOST or not _is_object(order.data):
        found["data"] = f"A JSON object of at most {_DATA_MOST} characters."
    if order.locale and order.locale not in LOCALES:
        found["locale"] = f"Choose among {', '.join(LOCALES)}."
    if not _CATEGORY.fullmatch(order.category):
        found["category"] = "Up to 40 lower-case letters, digits and underscores."
    if order.priority and order.priority not in PRIORITIES:
        found["priority"] = f"Choose among {', '.join(PRIORITIES)}."
    if order.expires_at and not 0 < order.expires_at <= now + _LONGEST:
        found["expires_at"] = "Within 30 days."
    return found


def _address_problem(order: Order) -> str:
    if len(order.address) > _ADDRESS_MOST or not order.address.isprintable():
        return "One line of at most 4096 characters."
    if not order.address:
        return "" if order.channel == "email" else "Say where to."
    if order.channel == "email" and not _EMAIL.fullmatch(order.address):
        return "One full e-mail address."
    if order.channel == "push" and subscription(order.address) is None:
        return 'A subscription: {"endpoint": ..., "keys": {"p256dh": ..., "auth": ...}}.'
    return ""


def _is_object(text: str) -> bool:
    try:
        return not text or isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


class Subscription(NamedTuple):
    """A browser's subscription to web push."""

    endpoint: str
    p256dh: str
    auth: str


def subscription(text: str) -> Subscription | None:
    """A subscription as the browser gives it, or None when it is none."""
    try:
        given = json.loads(text)
        found = (given["endpoint"], given["keys"]["p256dh"], given["keys"]["auth"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    right = all(isinstance(value, str) and value for value in found)
    return Subscription(*found) if right else None


def masked(channel: str, address: str) -> str:
    """An address for showing: its owner knows it again, others learn nothing from it."""
    if not address:
        return ""
    if channel == "email":
        local, _, domain = address.rpartition("@")
        host, _, top = domain.rpartition(".")
        return f"{local[:1]}***@{host[:1]}***.{top}" if host else f"{local[:1]}***@{domain[:1]}***"
    if channel == "push":
        found = subscription(address)
        return found.endpoint.split("/")[2][:80] if found and found.endpoint.count("/") > 1 else "***"
    return f"***{address[-2:]}" if len(address) > 4 else "***"


def plain(channel: str, address: str) -> str:
    """How an address is known to others: a subscription by its endpoint, an e-mail address in lower case."""
    if channel == "push":
        found = subscription(address)
        return found.endpoint if found else address
    return address.lower() if channel == "email" else address


def wait(base: float, most: float, attempts: int, message_id: int) -> int:
    """Microseconds until the next try: doubled with each, less up to a half that differs by message, so
    that those which failed together do not come back together."""
    whole = min(most, base * 2 ** min(attempts - 1, 30))
    spread = hashlib.blake2b(f"{message_id}.{attempts}".encode(), digest_size=4).digest()
    return int(whole * (1 - int.from_bytes(spread) / 2**33) * SECOND)
