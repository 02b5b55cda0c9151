"""In world `real` the index of these tests is in OpenSearch, when one was given."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.adapters.stores import opensearch_index
from tests.world import World


@pytest.fixture
async def world(request: pytest.FixtureRequest, tmp_path: Path, template: Path) -> AsyncIterator[World]:
    kind = request.config.getoption("--world")
    marker = request.node.get_closest_marker("settings")
    async with AsyncExitStack() as stack:
        world = World(tmp_path, kind, dict(marker.kwargs) if marker else None)
        if kind == "real" and os.environ.get("SAMOVAR_TEST_OPENSEARCH"):
            world.instead = {"fulltext": await stack.enter_async_context(opensearch_index())}
        await world.start(template)
        yield world
        await world.close()
