"""One server, one browser, and visitors who notice what should not happen."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser.community import PASSWORD, Community, fill
from tests.serving import Server

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@dataclass
class Site:
    """The server under test and who lives there."""

    url: str
    data: Path
    people: Community

    def http(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30)

    def letters(self, to: str) -> list[str]:
        """The letters that somebody was sent, newest first."""
        paths = sorted(self.data.rglob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
        texts = (path.read_text(encoding="utf-8", errors="replace") for path in paths)
        return [text for text in texts if to in text]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A real server with a small community."""
    data = tmp_path_factory.mktemp("site")
    server = Server(data, {"SAMOVAR_IDENTITY__REGISTER_BURST": "1000"})
    try:
        server.start_aside()
        with httpx.Client(base_url=server.url, timeout=30) as http:
            yield Site(server.url, data, fill(http))
        server.stop()
    finally:
        server.end()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the machine."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("there is no chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody at a browser. Keeps what went wrong: other hosts, errors in the console, refused content."""

    site: Site
    context: BrowserContext
    page: Page
    wrong: list[str] = field(default_factory=list)
    #: Statuses of 400 and more that the visitor means to see; the browser reports them as errors.
    expected: set[int] = field(default_factory=set)

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.site.url}{path}")
        return self.page

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        self.go("/login")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", password)
        self.page.click(".card .btn-main")
        self.page.wait_for_url(f"{self.site.url}/")

    def join(self, username: str, password: str = PASSWORD) -> None:
        """Become a member."""
        self.go("/signup")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=email]", f"{username}@example.org")
        self.page.fill("[name=password]", password)
        self.page.click(".card .btn-main")
        self.page.wait_for_url(f"{self.site.url}/")

    def watch(self) -> None:
        self.context.on("request", self._on_request)
        self.context.on("console", self._on_console)
        self.context.on("weberror", lambda error: self.wrong.append(f"script: {error.error}"))

    def _on_request(self, request: Any) -> None:
        if not request.url.startswith((self.site.url, "data:", "blob:")):
            self.wrong.append(f"asked another host: {request.url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if any(re.search(rf"(?i)status (of|error code) {status}", message.text) for status in self.expected):
            return
        self.wrong.append(f"console: {message.text} ({self.page.url})")


def arrive(
    site: Site, chromium: Browser, scripts: bool = True, locale: str = "en", **options: Any
) -> Visitor:
    """A new visitor, with a browser profile of their own."""
    context = chromium.new_context(
        java_script_enabled=scripts, locale=locale, viewport=options.pop("viewport", DESK),
        reduced_motion="reduce", **options,
    )  # fmt: skip
    context.set_default_timeout(8000)
    if scripts:
        context.add_init_script(VIOLATIONS)
    visitor = Visitor(site, context, context.new_page())
    visitor.watch()
    return visitor


@pytest.fixture
def visit(site: Site, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Make visitors; at the end nothing may have gone wrong for any of them."""
    visitors: list[Visitor] = []

    def make(*positional: Any, **named: Any) -> Visitor:
        visitors.append(arrive(site, chromium, *positional, **named))
        return visitors[-1]

    yield make
    wrong = [text for visitor in visitors for text in visitor.wrong]
    for visitor in visitors:
        visitor.context.close()
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="session")
def people(site: Site) -> Community:
    return site.people
