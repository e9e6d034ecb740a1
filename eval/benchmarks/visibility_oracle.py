"""The page graph's edges by brute force, and a check of ours against them.

`python -m eval.benchmarks.visibility_oracle --pages 10000` compares random pages edge for edge,
`--dataset funsd --data-root data/funsd --split train` the pages of a dataset.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from hybrid.graph import visible_pairs
from hybrid.graph.visibility import integer_boxes

from .pages import KINDS, Boxes

Pairs = NDArray[np.int64]

_MOST_BOXES = 40


def oracle_pairs(boxes: Boxes, *, deadline: float = float("inf")) -> Pairs | None:
    """The pairs of `hybrid.graph.visible_pairs`, found by shapely.

    For each pair an STRtree is asked which boxes the line between the centres meets, for all pairs
    of a box in one call, and the rules for touching, containing and empty boxes are put as shapely
    says them. Coordinates are the same integers, doubled so that centres are integers too; on such
    GEOS is exact.

    Args:
        boxes: `[n, 4]` in page units.
        deadline: Of `time.process_time`.

    Returns:
        `[m, 2]`, sorted; None where the deadline passed.
    """
    doubled = 2.0 * integer_boxes(boxes)
    middle = (doubled[:, :2] + doubled[:, 2:]) / 2
    centers, shapes = shapely.points(middle), shapely.box(*doubled.T)
    solid = np.flatnonzero(shapely.area(shapes) > 0)
    tree = shapely.STRtree(shapes[solid])
    order = np.array(sorted(range(len(middle)), key=lambda k: (middle[k, 1], middle[k, 0], k)), int)
    found: list[Pairs] = [np.empty((0, 2), dtype=np.int64)]
    for place, source in enumerate(order):
        if time.process_time() > deadline:
            return None
        targets = order[place + 1 :]
        apart = (middle[targets] != middle[source]).any(axis=1)
        ends = targets[apart]
        start = np.broadcast_to(middle[source], (len(ends), 2))
        lines = shapely.linestrings(np.stack([start, middle[ends]], axis=1))
        line, third = tree.query(lines, predicate="intersects")
        third = solid[third]
        other = (third != source) & (third != ends[line])
        line, third = line[other], third[other]
        blocks = shapely.relate_pattern(lines[line], shapes[third], "T********")
        blocks &= ~shapely.contains(shapes[third], centers[source])
        blocks &= ~shapely.contains(shapes[third], centers[ends[line]])
        free = np.ones(len(ends), dtype=bool)
        free[line[blocks]] = False
        seen = np.concatenate([targets[~apart], ends[free]])
        found.append(np.stack([np.full(len(seen), source), seen], axis=1))
    pairs = np.concatenate(found)
    by_index: Pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    return by_index


def random_pages(count: int, seed: int = 0) -> Iterator[tuple[str, Boxes]]:
    """Small pages of all kinds in turn: name of the kind, boxes in any order."""
    random = np.random.default_rng(seed)
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        boxes = KINDS[kind](int(random.integers(1, _MOST_BOXES + 1)), random)
        yield kind, random.permutation(boxes)


def dataset_pages(name: str, root: Path | None, split: str) -> Iterator[tuple[str, Boxes]]:
    """The pages of a split: document and page number, boxes of the segments."""
    # Here, because timing needs none of it.
    from ..datasets.registry import read_dataset

    for sample in read_dataset(name, root, split):
        for page in sample.document.pages:
            boxes = np.array([s.box.as_tuple() for s in page.segments], dtype=np.float64)
            yield f"{sample.document.id} page {page.number}", boxes.reshape(-1, 4)


def main() -> None:
    """Compares pages and says where they differ; exit code 1 if any does."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--pages", type=int, default=10_000, help="random ones")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dataset", help="instead of random pages")
    parser.add_argument("--data-root", type=Path)
    parser.add_argument("--split", default="train")
    options = parser.parse_args()
    if options.dataset:
        pages = dataset_pages(options.dataset, options.data_root, options.split)
    else:
        pages = random_pages(options.pages, options.seed)
    compared = edges = boxes = largest = different = 0
    seconds = [0.0, 0.0]
    for name, page in pages:
        started = time.perf_counter()
        ours = visible_pairs(page)
        between = time.perf_counter()
        expected = oracle_pairs(page)
        seconds[0] += between - started
        seconds[1] += time.perf_counter() - between
        compared, edges, boxes = compared + 1, edges + len(ours), boxes + len(page)
        largest = max(largest, len(page))
        if expected is None or not np.array_equal(ours, expected):
            different += 1
            sys.stdout.write(f"{name}: differs\n{page.tolist()}\n")
    sys.stdout.write(
        f"{compared} pages, {boxes} boxes (at most {largest} on one), {edges} edges; "
        f"{different} pages differ; ours {seconds[0]:.2f} s, oracle {seconds[1]:.2f} s\n"
    )
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
