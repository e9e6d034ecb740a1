"""How long the edges of the page graph take, beside brute force: `hybrid bench graph`.

Seconds are those of the processor, the same as the clock's on a machine that does nothing else,
since both run in one thread and wait for nothing; on a busy one they are hardly moved.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hybrid.errors import HybridError
from hybrid.graph import visible_pairs

from .pages import text_page
from .processes import PeakMemory, in_process
from .visibility_oracle import oracle_pairs

if TYPE_CHECKING:
    from rich.table import Table

_ORACLE_SECONDS = 60.0
_FITTED_FROM = 400
_SECONDS, _CALLS = 1.0, 5
"""Calls are repeated until both are reached."""


@dataclass(frozen=True)
class Row:
    """One size of page.

    Attributes:
        boxes: On the page.
        oracle_seconds: Of brute force; None where it would take more than a minute.
        seconds: Ours, the best call.
        ratio: How many times faster ours is.
        edges: Pairs with a free line of sight.
        peak_mb: Peak memory of a call above what the process held before, in 10**6 bytes.
    """

    boxes: int
    oracle_seconds: float | None
    seconds: float
    ratio: float | None
    edges: int
    peak_mb: float


@dataclass(frozen=True)
class Result:
    """All sizes.

    Attributes:
        rows: As asked for.
        exponent: Of the power law through our seconds at 400 boxes and more, by least squares on
            logarithms; None with less than two such sizes.
    """

    rows: tuple[Row, ...]
    exponent: float | None

    def as_json(self) -> str:
        """Rows and exponent as one JSON object."""
        return json.dumps(asdict(self))

    def as_table(self) -> Table:
        """For a terminal."""
        from rich.table import Table

        caption = ""
        if self.exponent is not None:
            caption = f"seconds grow with boxes to the power of {self.exponent:.2f}"
        table = Table(caption=caption)
        for name in ("boxes", "edges", "oracle s", "hybrid s", "times faster", "peak MB"):
            table.add_column(name, justify="right")
        for row in self.rows:
            table.add_row(
                str(row.boxes),
                str(row.edges),
                "–" if row.oracle_seconds is None else f"{row.oracle_seconds:.3f}",
                f"{row.seconds:.5f}",
                "–" if row.ratio is None else f"{row.ratio:.0f}",
                f"{row.peak_mb:.1f}",
            )
        return table


def measure(sizes: Sequence[int], seed: int, say: Callable[[str], None]) -> Result:
    """Measures each size in a process of its own.

    Args:
        sizes: Boxes of the pages.
        seed: Of the pages.
        say: Told what is being measured.

    Returns:
        A row for each size, in that order.

    Raises:
        HybridError: If ours and the oracle differ, or a process fails.
    """
    rows: list[Row] = []
    for boxes in sizes:
        # Brute force takes at least the square of the boxes.
        per_pair = max((r.oracle_seconds or 0) / r.boxes**2 for r in rows) if rows else 0.0
        slow = any(r.oracle_seconds is None and r.boxes <= boxes for r in rows)
        oracle = not slow and per_pair * boxes**2 < _ORACLE_SECONDS
        say(f"{boxes} boxes" + ("" if oracle else ", without the oracle, which takes too long"))
        rows.append(Row(**in_process("graph", "one_size", boxes=boxes, seed=seed, oracle=oracle)))
    fitted = [(r.boxes, r.seconds) for r in rows if r.boxes >= _FITTED_FROM]
    return Result(tuple(rows), exponent_of(fitted))


def exponent_of(points: Sequence[tuple[int, float]]) -> float | None:
    """The slope of the logarithm of the seconds over that of the boxes."""
    if len({boxes for boxes, _ in points}) < 2:
        return None
    boxes, seconds = np.log(np.array(points, dtype=np.float64)).T
    return round(float(np.polyfit(boxes, seconds, 1)[0]), 3)


def one_size(boxes: int, seed: int, oracle: bool) -> dict[str, Any]:
    """Measures in this process: the fields of a `Row`."""
    page = text_page(boxes, np.random.default_rng(seed))
    visible_pairs(page[:2])  # loads the compiled code, or compiles it
    memory = PeakMemory()
    pairs = visible_pairs(page)
    peak = memory.megabytes()
    seconds = _best_of(lambda: visible_pairs(page))
    oracle_seconds = None
    if oracle:
        oracle_pairs(page[:2])
        started = time.process_time()
        expected = oracle_pairs(page, deadline=started + _ORACLE_SECONDS)
        if expected is not None:
            oracle_seconds = time.process_time() - started
            if not np.array_equal(pairs, expected):
                raise HybridError(f"the edges of {boxes} boxes (seed {seed}) are not the oracle's")
            if oracle_seconds < _SECONDS:
                oracle_seconds = min(oracle_seconds, _best_of(lambda: oracle_pairs(page)))
    ratio = None if oracle_seconds is None else round(oracle_seconds / seconds, 1)
    row = Row(boxes, oracle_seconds, seconds, ratio, len(pairs), round(peak, 2))
    return asdict(row)


def _best_of(call: Callable[[], object]) -> float:
    best, total, calls = math.inf, 0.0, 0
    while total < _SECONDS or calls < _CALLS:
        started = time.process_time()
        call()
        seconds = time.process_time() - started
        best, total, calls = min(best, seconds), total + seconds, calls + 1
    return best
