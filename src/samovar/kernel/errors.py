"""Errors that may leave a service. This module knows neither HTTP nor gRPC, only names of statuses.

    AppError
      Invalid           the request is wrong; `fields` says where
      Unauthenticated   nobody is signed in, or the proof is worthless
      Forbidden         signed in, but not allowed, and may know that the thing exists
      NotFound          absent, or not to be known of
      Conflict          clashes with what is there
        KeyReused       an idempotency key that came with another request
      TooLarge          more than we take
      RateLimited       too many; `retry_after` seconds
      Unavailable       try again later; may or may not have happened
      Internal          our fault; the cause is in the log, never in the answer

A context declares its own errors in its .proto; the generator makes them subclasses of these. The
message is public, English and a translation key; the private cause goes by `raise ... from cause`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class AppError(Exception):
    """An answer that is a refusal: a stable code, a public message and data that may be shown."""

    status: ClassVar[str] = "INTERNAL"
    code: ClassVar[str] = "internal"
    default_message: ClassVar[str] = "Something went wrong on our side."

    def __init__(
        self,
        message: str | None = None,
        *,
        fields: Mapping[str, str] | None = None,
        retry_after: float | None = None,
        **data: Any,
    ) -> None:
        self.message = message or self.default_message
        self.fields = dict(fields or {})
        self.retry_after = retry_after
        self.data = data
        super().__init__(self.message)

    def __repr__(self) -> str:
        extra = f", fields={self.fields}" if self.fields else ""
        return f"{type(self).__name__}({self.code}: {self.message}{extra})"


class Invalid(AppError):
    """The request is wrong; `fields` names each wrong part and says what to do."""

    status = "INVALID_ARGUMENT"
    code = "invalid"
    default_message = "Some of this is not right."


class Unauthenticated(AppError):
    """Nobody is signed in, or the proof is worthless. No detail is given."""

    status = "UNAUTHENTICATED"
    code = "unauthenticated"
    default_message = "Sign in to do this."


class Forbidden(AppError):
    """Signed in, but not allowed."""

    status = "PERMISSION_DENIED"
    code = "forbidden"
    default_message = "You may not do this."


class NotFound(AppError):
    """Absent, or not to be known of by this person: the two look the same."""

    status = "NOT_FOUND"
    code = "not_found"
    default_message = "There is nothing here."


class Conflict(AppError):
    """Clashes with what is already there."""

    status = "ALREADY_EXISTS"
    code = "conflict"
    default_message = "This clashes with something that is already there."


class KeyReused(Conflict):
    """The same idempotency key came with another request."""

    code = "idempotency_key_reused"
    default_message = "This Idempotency-Key was used for a different request."


class TooLarge(AppError):
    """More than we take in one request."""

    status = "OUT_OF_RANGE"
    code = "too_large"
    default_message = "This is too large."


class RateLimited(AppError):
    """Too many; try again after `retry_after` seconds."""

    status = "RESOURCE_EXHAUSTED"
    code = "rate_limited"
    default_message = "Too many attempts. Please wait a little."


class Unavailable(AppError):
    """Try again later. The request may or may not have taken effect."""

    status = "UNAVAILABLE"
    code = "unavailable"
    default_message = "This part is resting for a moment. Please try again."


class Internal(AppError):
    """Our fault."""


#: What any contract may raise without declaring it.
COMMON: tuple[type[AppError], ...] = (
    Invalid,
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    KeyReused,
    TooLarge,
    RateLimited,
    Unavailable,
    Internal,
)
