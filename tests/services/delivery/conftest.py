"""Worlds whose letters and messages go to servers of the test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.outside.smtp import MailServer, mail_server
from tests.outside.web import WebServer, web_server
from tests.world import World

SETTINGS = {
    "SAMOVAR_DELIVERY__SMTP_HOST": "127.0.0.1",
    "SAMOVAR_DELIVERY__SMTP_SECURITY": "plain",
    "SAMOVAR_DELIVERY__PUSH_PRIVATE_HOSTS": "127.0.0.1",
    "SAMOVAR_DELIVERY__TIME_LIMIT_SECONDS": "20",
}


@pytest.fixture
async def post() -> AsyncIterator[MailServer]:
    """The mail server."""
    async with mail_server() as server:
        yield server


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    """The push services and whoever else is reached by HTTP."""
    async with web_server() as server:
        yield server


@pytest.fixture
async def house(
    request: pytest.FixtureRequest, tmp_path: Path, template: Path, post: MailServer, web: WebServer
) -> AsyncIterator[World]:
    """A world whose letters leave by `post`."""
    marker = request.node.get_closest_marker("settings")
    settings = SETTINGS | {"SAMOVAR_DELIVERY__SMTP_PORT": str(post.port)}
    if marker:
        places = {"{web}": web.url, "{sms}": f"json://127.0.0.1:{web.port}"}
        for name, value in marker.kwargs.items():
            settings[name] = str(value)
            for slot, place in places.items():
                settings[name] = settings[name].replace(slot, place)
    world = World(tmp_path, request.config.getoption("--world"), settings)
    await world.start(template)
    yield world
    await world.close()
