"""What the generated contracts are made of: messages, methods, contracts, events."""

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from samovar.kernel.errors import COMMON, AppError

Api = TypeVar("Api")


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """A value that crosses a boundary. Unknown fields from newer peers are ignored."""


class Event(Message, frozen=True, kw_only=True):
    """A fact about the past, published by its owner. Fields hold small facts, never long text."""

    #: Full name of the message in the .proto.
    TYPE: ClassVar[str] = ""
    #: The field that orders events: those with one value arrive in order.
    KEY: ClassVar[str] = ""

    @property
    def key(self) -> str:
        return str(getattr(self, self.KEY))


class Method(msgspec.Struct, frozen=True):
    """One call of a contract."""

    name: str
    request: type[Message]
    response: type[Message]
    #: May be sent again when the answer was lost (from the .proto's idempotency_level).
    idempotent: bool = False
    streaming: bool = False


class Contract(Generic[Api]):
    """What one service promises: calls and the errors they may answer with."""

    def __init__(
        self,
        name: str,
        *,
        methods: tuple[Method, ...],
        errors: tuple[type[AppError], ...] = (),
    ) -> None:
        self.name = name
        self.methods: Mapping[str, Method] = {method.name: method for method in methods}
        self.errors = frozenset(errors) | frozenset(COMMON)
        self.error_by_code = {error.code: error for error in self.errors}

    @property
    def short(self) -> str:
        """`samovar.posts.v1.Posts` is `posts`."""
        return self.name.split(".")[1]

    def __repr__(self) -> str:
        return f"<Contract {self.name}>"


_events: dict[str, type[Event]] = {}


def register_event(event: type[Event]) -> type[Event]:
    """Decorator of generated events: makes them findable by their name."""
    _events[event.TYPE] = event
    return event


def event_type(name: str) -> type[Event] | None:
    """The event class of a full name, when its contract is loaded."""
    return _events.get(name)


def encode(message: Message) -> bytes:
    """JSON bytes of a message: how events are stored and carried, readable in a dead letter."""
    return msgspec.json.encode(message)


def decode(payload: bytes | str, kind: type[Any]) -> Any:
    """The message of that type in the JSON bytes. Raises msgspec.ValidationError."""
    return msgspec.json.decode(payload, type=kind)
