"""Pages (to be grown)."""

from typing import Any

from litestar import Request, Response, get

from samovar.edge.edge import Edge
from samovar.kernel.errors import AppError


def routes(*_: Any) -> list[Any]:
    @get("/", include_in_schema=False)
    async def landing() -> str:
        return "Samovar"

    return [landing]


def static_files(edge: Edge) -> Any:
    return None


def refusal(request: Request[Any, Any, Any], error: AppError) -> Response[Any]:
    return Response(error.message, status_code=404)


def error_page(request: Request[Any, Any, Any], status: int) -> Response[Any]:
    return Response("error", status_code=status)
