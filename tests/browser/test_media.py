"""Pictures in a browser: sent with a bar, described, shown in the light, kept in drafts, refused in words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visitor
from tests.services.media.pictures import jpeg, moving

Visit = Callable[..., Visitor]


@pytest.fixture
def photos(tmp_path: Path) -> list[str]:
    """Two pictures and an animation, as files."""
    files = {"one.jpg": jpeg(1600, 1200), "two.jpg": jpeg(900, 1400), "three.gif": moving(frames=8, side=120)}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    return [str(tmp_path / name) for name in files]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("options", [{}, {"viewport": PHONE}])
def test_pictures_are_sent_described_and_looked_at(
    visit: Visit, photos: list[str], options: dict[str, object]
) -> None:
    anna = visit(**options)
    anna.context.set_default_timeout(30_000)
    anna.sign_in("anna")
    page = anna.go("/compose")
    page.set_input_files("input[type=file]", photos)
    expect(page.locator("[name=media_ids]")).to_have_count(3, timeout=60_000)
    page.fill("[name=media_alt] >> nth=0", "A cup on a blue cloth")
    page.fill("[name=text]", "Three from today")
    page.wait_for_timeout(300)
    page.reload()  # the draft keeps them
    expect(page.locator("[name=media_ids]")).to_have_count(3)
    expect(page.locator("[name=media_alt]").first).to_have_value("A cup on a blue cloth")
    page.click("[data-chosen-up] >> nth=2")
    page.click(".composer-send")
    page.wait_for_selector(".post-focus .media-3")
    picture = page.locator("a[data-view]", has=page.locator("img[alt='A cup on a blue cloth']"))
    picture.click()
    dialog = page.locator("dialog.viewer")
    expect(dialog.locator("figcaption")).to_have_text("A cup on a blue cloth")
    page.keyboard.press("ArrowRight")
    expect(dialog.locator("figcaption")).to_have_text("")
    page.keyboard.press("ArrowLeft")
    expect(dialog.locator("figcaption")).to_have_text("A cup on a blue cloth")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    # The animation is made meanwhile, and appears without a reload.
    expect(page.locator(".media video")).to_have_count(1, timeout=30_000)
    assert page.evaluate("window.violations") == []


def test_a_refused_file_says_why_and_can_be_left_out(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "drawing.png").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    anna = visit()
    anna.expected.add(400)
    anna.sign_in("anna")
    page = anna.go("/compose")
    page.set_input_files("input[type=file]", str(tmp_path / "drawing.png"))
    expect(page.locator("[data-chosen] [role=alert]")).to_contain_text(
        "not a picture or film", timeout=20_000
    )
    page.click("[data-chosen-drop]")
    expect(page.locator("[data-chosen]")).to_have_count(0)


def test_without_scripts_a_plain_form_does_it(visit: Visit, photos: list[str]) -> None:
    anna = visit(scripts=False)
    anna.context.set_default_timeout(30_000)
    anna.sign_in("anna")
    page = anna.go("/compose")
    page.set_input_files("input[type=file]", photos[:2])
    page.fill("[name=text]", "Two by a plain form")
    page.click(".composer-send")
    expect(page.locator(".post-focus .media-2 img")).to_have_count(2)
