"""Refusals as RFC 9457 `application/problem+json`. The only place that maps errors to HTTP."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from samovar.kernel.errors import AppError

#: Names of statuses (kernel.errors) to HTTP.
STATUS: Final[Mapping[str, int]] = {
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "OUT_OF_RANGE": 413,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
}

TITLES: Final[Mapping[int, str]] = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    408: "Too slow",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What went wrong, for programs and people."""

    title: str
    status: int
    #: Stable name of the problem.
    code: str
    #: What happened and what to do, in the reader's language.
    detail: str = ""
    #: Per field: what is wrong with it.
    errors: dict[str, str] = {}
    #: Give this to the operator.
    request_id: str = ""
    #: Where to read more, within this site.
    see: str = ""


class Refusal(Exception):
    """An answer that the gateway itself gives."""

    def __init__(
        self, status: int, code: str, detail: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})


def problem_of(error: AppError, request_id: str, translate: Any = None) -> tuple[Problem, dict[str, str]]:
    """The problem that an error is shown as, with headers that go with it."""
    say = translate or (lambda text: text)
    status = STATUS[error.status]
    headers = {}
    if error.retry_after is not None or status in (429, 503):
        headers["retry-after"] = str(max(1, round(error.retry_after or 1)))
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return (
        Problem(
            title=say(TITLES[status]),
            status=status,
            code=error.code,
            detail=say(error.message),
            errors={name: say(text) for name, text in error.fields.items()},
            request_id=request_id,
            see=str(error.data.get("notice", "")),
        ),
        headers,
    )
