"""Opens the three pages in headless Chromium: charts are seen, keys work, the console is silent."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from docs.screenshot import browser
from eval.report.blind import BlindServer, BlindSession
from eval.report.compare import compare
from eval.report.data import load_report_data
from eval.report.page import render_report
from eval.report.pairs import read_contestant

pytestmark = pytest.mark.browser


@pytest.fixture
def chrome(tmp_path: Path) -> Iterator[Chrome]:
    try:
        chrome = browser(tmp_path / "profile", 1200, 900)
    except FileNotFoundError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    try:
        yield chrome
    finally:
        chrome.quit()


def seen(chrome: Chrome, selector: str) -> int:
    """How many elements have a size on the page."""
    script = (
        "return [...document.querySelectorAll(arguments[0])]"
        ".filter(e => e.getBoundingClientRect().width > 1).length"
    )
    return int(chrome.execute_script(script, selector))


def overflow(chrome: Chrome) -> int:
    """By how much the page is wider than the window."""
    return int(chrome.execute_script("return document.documentElement.scrollWidth - innerWidth"))


def test_the_report(chrome: Chrome, run_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render_report(load_report_data(run_folder)), encoding="utf-8")
    chrome.get(path.as_uri())

    # Two more: hallucination against tokens, in the groups of the task field.
    assert seen(chrome, "svg.plot") == 4 * 2 * 2 + 2
    assert seen(chrome, "#results .interval .point") == 2 * (6 + 6 + 5)
    assert seen(chrome, "#hallucination .shares rect") > 10
    assert seen(chrome, ".confusion td.h10") > 2
    assert seen(chrome, "#worst .box.gold") > 10
    assert seen(chrome, "#worst image") > 0
    assert seen(chrome, "#counterfactual .box.removed") == 1 + 3
    colour = "return getComputedStyle(document.querySelector('#results .point.s0')).fill"
    assert chrome.execute_script(colour) == "rgb(0, 114, 178)"

    # A system stands out, by key, and Escape ends it.
    chrome.execute_script("document.querySelector('[data-highlight=\"1\"]').focus()")
    ActionChains(chrome).send_keys(" ").perform()
    faint = "return getComputedStyle(document.querySelector('#cost .point.s0')).opacity"
    assert float(chrome.execute_script(faint)) < 0.5
    ActionChains(chrome).send_keys("\ue00c").perform()
    assert float(chrome.execute_script(faint)) == 1

    for width in (1200, 600):
        chrome.set_window_size(width, 900)
        assert overflow(chrome) <= 0
    assert chrome.get_log("browser") == []


def test_the_comparison(
    chrome: Chrome, run_folder: Path, make_run: Callable[..., Path], tmp_path: Path
) -> None:
    other = make_run("second", documents=4, pictures=False, seed=8)
    comparison = compare([run_folder, other], tmp_path / "comparison.html")
    chrome.get((tmp_path / "comparison.html").as_uri())

    assert seen(chrome, ".interval") >= 2 * len(comparison.lines) - 2
    assert seen(chrome, ".warnings li") == len(comparison.warnings)
    for width in (1200, 600):
        chrome.set_window_size(width, 900)
        assert overflow(chrome) <= 0
    assert chrome.get_log("browser") == []


def test_a_person_judges_by_keys(chrome: Chrome, run_folder: Path, tmp_path: Path) -> None:
    first, second = (read_contestant(f"{run_folder}@{s}") for s in ("gcn", "hybrid"))
    session = BlindSession(first, second, tmp_path / "preferences.jsonl")
    # One script, since an element that was found may be gone with its page a moment later.
    header = "return document.querySelector('header')?.textContent ?? ''"
    with BlindServer(session) as server:
        chrome.get(server.url)
        for done, key in enumerate("120", start=1):
            assert seen(chrome, ".sheet .box") > 0
            ActionChains(chrome).send_keys(key).perform()
            said = f"{done} of {len(session.pairs)}"
            WebDriverWait(chrome, 5).until(lambda c, said=said: said in c.execute_script(header))
        chrome.find_element(By.CSS_SELECTOR, "button[value='0']").click()
        WebDriverWait(chrome, 5).until(lambda _: len(session.preferences) == 4)
    assert [p["choice"] for p in session.preferences][2:] == ["tie", "tie"]
    assert chrome.get_log("browser") == []
