"""Takes the picture of a report page for the README: `python docs/screenshot.py IN.html OUT.png`."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By


def browser(profile: Path, width: int, height: int, *arguments: str) -> Chrome:
    """Headless Chromium that looks nothing up on the network, with its own profile folder.

    Raises:
        FileNotFoundError: If Chromium or its driver is not installed.
    """
    binary = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not binary or not driver:
        raise FileNotFoundError("no Chromium here; apt-get install chromium chromium-driver")
    options = ChromeOptions()
    options.binary_location = binary
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        f"--user-data-dir={profile}",
        f"--window-size={width},{height}",
        *arguments,
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # A given path keeps selenium from looking for a driver to download.
    return Chrome(options=options, service=Service(driver))


def screenshot(html: Path, image: Path, width: int = 1460, height: int = 900) -> None:
    """Saves a PNG of the page in the light scheme, its first field with a citation pinned."""
    with tempfile.TemporaryDirectory() as profile:
        chrome = browser(Path(profile), width, height)
        try:
            chrome.get(html.resolve().as_uri())
            keys = chrome.find_element(By.CSS_SELECTOR, ".box[data-keys]").get_attribute(
                "data-keys"
            )
            chrome.find_element(By.CSS_SELECTOR, f"#{keys.split()[0]} .name").click()
            image.write_bytes(chrome.get_screenshot_as_png())
        finally:
            chrome.quit()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("html", type=Path)
    parser.add_argument("image", type=Path)
    chosen = parser.parse_args()
    screenshot(chosen.html, chosen.image)
