"""Files with one record a line: JSON lines, and the lines of PaddleOCR's label files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hybrid.document import BoundingBox
from hybrid.errors import DatasetError

from .base import read_text


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file that are not blank, with their numbers from 1."""
    # Not splitlines(): it also splits at characters that can stand inside a text.
    for number, line in enumerate(read_text(path).replace("\r\n", "\n").split("\n"), start=1):
        if line.strip():
            yield number, line


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON lines file.

    Raises:
        DatasetError: If a line is no JSON object.
    """
    for number, line in numbered_lines(path):
        record = parse(path, number, line)
        if not isinstance(record, dict):
            raise DatasetError(f"{path} line {number}: expected a JSON object")
        yield record


def parse(path: Path, number: int, text: str) -> Any:
    """The JSON of a line.

    Raises:
        DatasetError: If it is none.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise DatasetError(f"{path} line {number} is broken: {error}") from error


def paddle_line(path: Path, number: int, line: str) -> tuple[str, list[dict[str, Any]]]:
    """A line of a PaddleOCR label file.

    Args:
        path: The file.
        number: Of the line.
        line: `picture<TAB>[{"transcription": ..., "label": ..., "points": [[x, y], ...]}, ...]`.

    Returns:
        The picture as it is named there, and its boxes.

    Raises:
        DatasetError: If the line is not of that form.
    """
    name, tab, text = line.partition("\t")
    blocks = parse(path, number, text) if tab else None
    if not isinstance(blocks, list):
        raise DatasetError(f"{path} line {number}: expected a picture, a tab and a list of boxes")
    return name.strip(), blocks


def paddle_box(block: dict[str, Any]) -> BoundingBox:
    """The upright box around a block's `points`."""
    return BoundingBox.from_points((x, y) for x, y in block["points"])
