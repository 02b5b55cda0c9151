"""Names of what travels between a server and an application (ASGI 3)."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
#: Headers as ASGI has them.
Headers = list[tuple[bytes, bytes]]

#: Answers a GET with JSON, given the query; None when the request is to go through the application.
ShortWay = Callable[[bytes], Awaitable[bytes | None]]
