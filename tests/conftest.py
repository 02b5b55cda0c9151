"""Fixtures that every test may ask for."""

import gc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world import World


def pytest_collection_finish() -> None:
    """As the server does once it is ready: what is there by now stays, and need not be looked through."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--world", default="embedded", choices=["embedded", "wire", "grpc", "real", "split"])


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database, made once and copied for each test."""
    return tmp_path_factory.getbasetemp() / "template.db"


@pytest.fixture
async def world(request: pytest.FixtureRequest, tmp_path: Path, template: Path) -> AsyncIterator[World]:
    marker = request.node.get_closest_marker("settings")
    world = World(tmp_path, request.config.getoption("--world"), dict(marker.kwargs) if marker else None)
    await world.start(template)
    yield world
    await world.close()
