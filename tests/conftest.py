"""Fixtures that every test may ask for."""

import gc
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

# Compiled code is kept, whatever the environment says: there are several test processes, and they start
# hundreds of servers and commands, each of which would compile all of it again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import pytest  # noqa: E402 - after what concerns it

from tests.world import World  # noqa: E402


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
