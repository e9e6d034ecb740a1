"""Looks at a page in several widths: `python docs/report_screens.py IN.html OUT_FOLDER`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from docs.screenshot import browser

WIDTHS = (1200, 600)


def screens(html: Path, folder: Path, *arguments: str, name: str = "page") -> list[Path]:
    """Saves a picture of the whole page for each width.

    Args:
        html: The page.
        folder: Made where it is missing.
        arguments: For Chromium, such as `--force-dark-mode`.
        name: First part of the pictures' names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    saved = []
    for width in WIDTHS:
        with tempfile.TemporaryDirectory() as profile:
            chrome = browser(Path(profile), width, 1000, *arguments)
            try:
                chrome.get(html.resolve().as_uri())
                height = chrome.execute_script("return document.documentElement.scrollHeight")
                chrome.set_window_size(width, height + 200)
                saved.append(folder / f"{name}-{width}.png")
                saved[-1].write_bytes(chrome.get_screenshot_as_png())
            finally:
                chrome.quit()
    return saved


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("html", type=Path)
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    screens(chosen.html, chosen.folder)
