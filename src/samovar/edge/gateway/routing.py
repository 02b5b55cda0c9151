"""Routes below common paths, and Litestar's application without what made putting it together slow.

It has some 300 routes, and making it took most of the time to start, and of the time of a test over HTTP.
"""

from collections.abc import ItemsView, Mapping, Sequence
from copy import copy
from types import SimpleNamespace
from typing import Any, Final

import litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import BaseRoute
from litestar.utils import join_paths

_METHODS: Final[Any] = litestar.Router.__dict__["route_handler_method_map"]


class Router:
    """Routes below one path, which share tags and ways to sign in.

    Only a list: Litestar's own routers are registered, and copied, once for each level.
    """

    def __init__(
        self,
        path: str,
        *,
        route_handlers: Sequence["HTTPRouteHandler | Router"],
        tags: Sequence[str] = (),
        security: Sequence[Mapping[str, list[str]]] = (),
    ) -> None:
        self.handlers: list[HTTPRouteHandler] = []
        for given in route_handlers:
            for handler in given.handlers if isinstance(given, Router) else [copy(given)]:
                handler.paths = {join_paths([path, below]) for below in handler.paths}
                handler.tags = [*tags, *(handler.tags or ())]
                handler.security = [*map(dict, security), *(handler.security or ())]
                self.handlers.append(handler)


class Methods:
    """Handlers by path and method, made as far as they are asked for: a router asks for the one path that it
    is about to add, and Litestar makes the map of all its paths for that."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes

    def get(self, path: str, default: Any) -> Any:
        """The handlers of one path."""
        return _made([route for route in self._routes if route.path == path]).get(path, default)

    def items(self) -> ItemsView[str, Any]:
        """Those of all paths."""
        return _made(self._routes).items()


def _made(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    made: dict[str, Any] = _METHODS.fget(SimpleNamespace(routes=routes))
    return made


class Root(litestar.Router):
    """All routes of one application, added to it in one step: each makes the tree of paths anew."""

    def __init__(self, routers: Sequence[Router]) -> None:
        handlers = [handler for router in routers for handler in router.handlers]
        super().__init__("/", route_handlers=handlers)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Root":
        # Made for the application that it is put into, so there is nobody to copy it for.
        return self

    @property
    def route_handler_method_map(self) -> Any:
        return Methods(self.routes)


class Application(litestar.Litestar):
    """An application of such routes."""

    @property
    def route_handler_method_map(self) -> Any:
        return Methods(self.routes)
