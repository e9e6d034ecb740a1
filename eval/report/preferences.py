"""What a person preferred: the file of preferences, and the rate at which one side wins."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from .data import RunFolderError

Choice = Literal["first", "second", "tie"]

_Z = 1.959963984540054
"""97.5 % of the standard normal distribution lies below: an interval of 95 %."""


class WinRate(NamedTuple):
    """How often the first side was preferred.

    Attributes:
        rate: Wins and half the ties, over all preferences; 0.5 where there are none.
        low: Of the 95 % interval.
        high: The same.
        n: Preferences.
    """

    rate: float
    low: float
    high: float
    n: int


def win_rate(preferences: Iterable[Mapping[str, Any]]) -> WinRate:
    """The rate at which the first side wins, with Wilson's interval; a tie counts as half a win.

    Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927. With
    ties the interval is wider than it need be: half wins vary less than wins and losses.

    Args:
        preferences: Each with `choice`: "first", "second" or "tie".

    Returns:
        The rate; with no preferences 0.5, from 0 to 1.
    """
    worth = {"first": 1.0, "second": 0.0, "tie": 0.5}
    scores = [worth[p["choice"]] for p in preferences]
    n = len(scores)
    if n == 0:
        return WinRate(0.5, 0.0, 1.0, 0)
    rate = sum(scores) / n
    middle = (rate + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(rate * (1 - rate) / n + _Z**2 / (4 * n**2))
    # At rates of 0 and 1 an end is exact, and rounding must not move it past the rate.
    return WinRate(rate, max(0.0, min(middle - half, rate)), min(1.0, max(middle + half, rate)), n)


def read_preferences(path: Path) -> list[dict[str, Any]]:
    """The preferences in a file, in their order; none where there is no file.

    A last line that was cut off is left out; `append_preference` begins a new line after it.

    Raises:
        RunFolderError: If a line is no preference; names it.
    """
    if not path.is_file():
        return []
    found = []
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line) if line.strip() else None
        except ValueError as error:
            if number == len(lines):
                break
            raise RunFolderError(f"{path} line {number}: is not JSON; delete the line") from error
        if entry is None:
            continue
        if not isinstance(entry, dict) or entry.get("choice") not in get_args(Choice):
            raise RunFolderError(f"{path} line {number}: has no choice; delete the line")
        found.append(entry)
    return found


def append_preference(path: Path, preference: Mapping[str, Any]) -> None:
    """Adds a line to the file, which is made where it is missing.

    Raises:
        OSError: If it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        _drop_broken_line(file)
        file.write((json.dumps(preference, ensure_ascii=False) + "\n").encode("utf-8"))


def _drop_broken_line(file: Any) -> None:
    """Cuts off what was left of a line when the process was killed."""
    file.seek(0)
    content = file.read()
    file.truncate(content.rfind(b"\n") + 1)
