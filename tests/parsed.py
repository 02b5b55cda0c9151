"""What Litestar reads from a handler's signature, read once for each function of our code.

Handlers are functions inside functions: each application has new ones, of the code that the last one's had. A
server makes one application, the tests of one process hundreds, and reading signatures was half of its cost.
"""

from inspect import unwrap
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler


def remember() -> None:
    """Have the applications of this process share what was read. To be called once."""
    register, model = HTTPRouteHandler.on_registration, HTTPRouteHandler.create_kwargs_model
    signatures: dict[Any, tuple[Any, Any]] = {}
    models: dict[Any, Any] = {}

    def on_registration(self: HTTPRouteHandler, app: Litestar) -> None:
        key = _key(self.fn)
        if key in signatures:
            self._parsed_fn_signature, self._signature_model = signatures[key]
        register(self, app)
        signatures[key] = self.parsed_fn_signature, self.signature_model

    def create_kwargs_model(self: HTTPRouteHandler, path_parameters: dict[str, Any]) -> Any:
        assert not self.resolve_dependencies(), "these would have to be part of the key"
        assert not self.resolve_layered_parameters(), "these would have to be part of the key"
        key = self.signature_model, frozenset(path_parameters)
        if key not in models:
            models[key] = model(self, path_parameters)
        return models[key]

    HTTPRouteHandler.on_registration = on_registration  # type: ignore[method-assign]
    HTTPRouteHandler.create_kwargs_model = create_kwargs_model  # type: ignore[method-assign, assignment]


def _key(function: Any) -> Any:
    """The code, and what may differ where one code makes several functions."""
    inner = unwrap(function)
    classes = tuple(note for note in inner.__annotations__.values() if isinstance(note, type))
    return getattr(inner, "__code__", inner), classes, inner.__defaults__, repr(inner.__kwdefaults__)
