"""gRPC's own health service: what orchestrators and `grpc_health_probe` ask."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]

#: Seconds between looks for those who watch.
LOOK: Final = 1.0


class HealthService(health_pb2_grpc.HealthServicer):  # type: ignore[misc]
    """Answers for the process (the empty name) and for each service that is served here."""

    def __init__(self, names: frozenset[str], is_well: Callable[[], bool]) -> None:
        self._names = names | {""}
        self._is_well = is_well

    async def Check(self, request: Any, context: Any) -> Any:
        """Whether calls may come."""
        if request.service not in self._names:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such service here")
        return self._response()

    async def Watch(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """The same, and again whenever it changes."""
        if request.service not in self._names:
            unknown = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
            yield health_pb2.HealthCheckResponse(status=unknown)
            return
        told = None
        while True:
            response = self._response()
            if response != told:
                yield response
                told = response
            await asyncio.sleep(LOOK)

    def _response(self) -> Any:
        kinds = health_pb2.HealthCheckResponse
        return kinds(status=kinds.SERVING if self._is_well() else kinds.NOT_SERVING)
