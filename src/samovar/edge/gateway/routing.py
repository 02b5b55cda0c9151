"""Litestar's routers without what made putting them together slow: an application has some 300 routes, and
making it took most of the time to start, and of the time of a test that speaks HTTP."""

from collections.abc import ItemsView, Sequence
from types import SimpleNamespace
from typing import Any, Final

import litestar
from litestar.routes import BaseRoute

_METHODS: Final[Any] = litestar.Router.__dict__["route_handler_method_map"]


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


class Router(litestar.Router):
    """Routes below one path, of one application.

    Litestar copies a router with all that is below it whenever it is put into another. Ours are made for the
    one that they are put into.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> "Router":
        return self

    @property
    def route_handler_method_map(self) -> Any:
        return Methods(self.routes)


class Application(litestar.Litestar):
    """An application of such routers."""

    @property
    def route_handler_method_map(self) -> Any:
        return Methods(self.routes)
