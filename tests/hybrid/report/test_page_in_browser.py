"""Drives the report in headless Chromium: light both ways, keyboard, filter, no console errors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from docs.screenshot import browser, screenshot
from hybrid.document import Document, Page
from hybrid.extraction import Citation, Status
from hybrid.report import write_html

pytestmark = pytest.mark.browser


@pytest.fixture
def chrome(tmp_path: Path) -> Iterator[Chrome]:
    try:
        chrome = browser(tmp_path / "profile", 1280, 800, "--force-prefers-reduced-motion")
    except FileNotFoundError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    try:
        yield chrome
    finally:
        chrome.quit()


def lit(chrome: Chrome) -> list[tuple[str, str]]:
    """Kind and keys of all that is lit, in the order of the page."""
    found = chrome.find_elements(By.CSS_SELECTOR, ".lit")
    return [
        ((e.get_attribute("class") or "").split()[0], e.get_attribute("data-keys") or "")
        for e in found
    ]


def pressed(chrome: Chrome) -> list[str | None]:
    found = chrome.find_elements(
        By.CSS_SELECTOR, "[data-keys] [aria-pressed=true], .box[aria-pressed=true]"
    )
    return [e.get_attribute("aria-label") for e in found]


def hover(chrome: Chrome, selector: str) -> None:
    ActionChains(chrome).move_to_element(chrome.find_element(By.CSS_SELECTOR, selector)).perform()


def press(chrome: Chrome, *keys: str) -> None:
    ActionChains(chrome).send_keys(*keys).perform()


def test_links_light_up_both_ways(
    chrome: Chrome, tmp_path: Path, document: Document, extraction: Any
) -> None:
    write_html(tmp_path / "report.html", document, extraction)
    chrome.get((tmp_path / "report.html").as_uri())
    total = [("box", "f3"), ("field", "f3")]
    date = [("box", "f1"), ("field", "f1")]
    address = [("box", "f2"), ("field", "f2")]

    assert lit(chrome) == []
    hover(chrome, "#f3")
    assert lit(chrome) == total
    hover(chrome, '.box[data-keys="f1"] .frame')
    assert lit(chrome) == date
    hover(chrome, "h1")
    assert lit(chrome) == []

    # By keyboard: focus, arrows, Enter pins, Esc unpins.
    chrome.execute_script("document.querySelector('#f1 .name').focus()")
    assert lit(chrome) == date
    press(chrome, Keys.ARROW_DOWN)
    assert lit(chrome) == address
    press(chrome, Keys.ENTER)
    assert len(pressed(chrome)) == 2
    press(chrome, Keys.ARROW_DOWN)
    assert lit(chrome) == [("box", "f2"), ("box", "f3"), ("field", "f2"), ("field", "f3")]
    press(chrome, Keys.ESCAPE)
    assert lit(chrome) == []
    assert pressed(chrome) == []

    # The box has the same: focus lights, Enter pins and unpins.
    chrome.execute_script("document.querySelector('.box[data-keys=\"f3\"]').focus()")
    assert lit(chrome) == total
    press(chrome, Keys.ENTER)
    assert pressed(chrome) == ["total: 63.53, corrected", "total: 63.53, corrected"]
    press(chrome, Keys.ENTER)
    assert pressed(chrome) == []

    # An alternative shows its own box, which is not drawn otherwise.
    other = chrome.find_element(By.CSS_SELECTOR, '.box[data-keys="f3a0"]')
    assert not other.is_displayed()
    chrome.execute_script("document.querySelector('#f3 details').open = true")
    hover(chrome, '.alternative[data-keys="f3a0"]')
    assert other.is_displayed()
    assert lit(chrome) == [("box", "f3a0"), ("alternative", "f3a0")]

    # Filtering hides the other fields and their boxes.
    chrome.find_element(By.CSS_SELECTOR, "[data-filter=agreed]").click()
    shown = [
        e.get_attribute("id")
        for e in chrome.find_elements(By.CSS_SELECTOR, ".field")
        if e.is_displayed()
    ]
    assert shown == ["f1"]
    assert not chrome.find_element(By.CSS_SELECTOR, '.box[data-keys="f3"]').is_displayed()
    chrome.find_element(By.CSS_SELECTOR, "[data-filter=agreed]").click()
    assert chrome.find_element(By.CSS_SELECTOR, "#f3").is_displayed()

    assert chrome.get_log("browser") == []


def test_tab_starts_with_the_skip_link_and_reaches_boxes_and_fields(
    chrome: Chrome, tmp_path: Path, document: Document, extraction: Any
) -> None:
    write_html(tmp_path / "report.html", document, extraction)
    chrome.get((tmp_path / "report.html").as_uri())

    seen = []
    for _ in range(40):
        press(chrome, Keys.TAB)
        active = chrome.switch_to.active_element
        seen.append((active.get_attribute("class") or "").split(" ")[0])

    assert seen[0] == "skip"
    assert seen.count("box") == 7
    assert seen.count("name") == 9


def test_a_field_brings_its_page_into_view(
    chrome: Chrome,
    tmp_path: Path,
    make_page: Callable[..., Page],
    make_result: Callable[..., Any],
    make_leaf: Callable[..., Any],
) -> None:
    pages = tuple(make_page(n, n * 1000, with_image=False) for n in range(1, 41))
    document = Document(id="long", pages=pages)
    cited = Citation.of_segment(pages[-2].segments[-1])
    fields = {"total": make_leaf("x", Status.ACCEPTED, (cited,))}
    write_html(tmp_path / "long.html", document, make_result(document, fields))
    chrome.get((tmp_path / "long.html").as_uri())

    chrome.execute_script("document.querySelector('#f0 .name').focus()")

    def in_view(_: Chrome) -> bool:
        script = (
            "const box = document.querySelector('.box').getBoundingClientRect();"
            "return box.top > 0 && box.bottom < innerHeight && box.height > 5"
        )
        return bool(chrome.execute_script(script))

    WebDriverWait(chrome, 5).until(in_view)

    chrome.find_element(By.CSS_SELECTOR, "#jump option[value=page-2]").click()
    top = "return document.getElementById('page-2').getBoundingClientRect().top"
    pane = "return document.getElementById('pages').getBoundingClientRect().top"
    assert abs(chrome.execute_script(top) - chrome.execute_script(pane)) < 60
    assert chrome.get_log("browser") == []


@pytest.mark.usefixtures("chrome")  # for its check that Chromium is here
def test_the_picture_for_the_readme(tmp_path: Path, document: Document, extraction: Any) -> None:
    write_html(tmp_path / "report.html", document, extraction)

    screenshot(tmp_path / "report.html", tmp_path / "report.png")

    with Image.open(tmp_path / "report.png") as picture:
        assert picture.width == 1460
        assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24) or []) > 100
