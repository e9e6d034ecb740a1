"""The compiled part of `hybrid.graph.visibility`: an exact angular sweep around each centre.

Everything is seen from one centre at a time, on the integer grid (twice the coordinates, see
`hybrid.graph.visibility`). The later boxes' centres, the *targets*, lie in directions from 0 (right)
over a quarter turn (down) to less than half a turn. The rays that meet a third box's open interior
fill an open interval of directions. A target in that interval is hidden exactly when it stands at
or beyond the point where its ray leaves the box: in front of the box the segment does not reach
it, and inside the box contains the target's centre, which does not block. The ray has left the box
when it has passed the box's bottom or the side that it goes to. So a target is hidden exactly when
its distance down is at least the least bottom, or its distance to the side at least the least side,
of the boxes in whose interval it stands; whether boxes overlap does not matter.

1. `_candidates` leaves out most targets of a page of text, and ends early: directions are cut into
   `_SECTORS`, and a box counts for those that are wholly inside its interval. This is in floating
   point with a margin that far exceeds rounding, and only ever leaves out targets that are hidden.
2. `_free` decides on the rest exactly: targets sorted by direction, an interval is a range of them
   (binary search, integer cross products), and least bottoms and sides of ranges are kept in
   segment trees. About n log n steps for one centre, whatever the page.

All functions that are compiled are in this file: numba's cache looks at no other for changes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Function = TypeVar("Function", bound=Callable[..., Any])

_SECTORS = 64
_MARGIN = 1e-6
"""Of a sector; a direction's place is right to some 1e-13 of one."""
_CHECK_EVERY = 8
_NONE = 2**62
"""Greater than any distance."""
_SWEEP = (
    "int64[:,::1](int64[:,::1], int64[:,::1], int64[::1], int64[::1], int64[::1], int64[::1],"
    " int64[::1], float64[::1], int64)"
)


def _compiled(function: Function, signature: str | None = None) -> Function:
    """Machine code, cached beside this file or in the user's cache folder (NUMBA_CACHE_DIR).

    With a signature it is made, or read from the cache, when this module is imported: a first page
    waits for no compiler, and what numba itself imports for that is imported here.
    """
    types = [] if signature is None else [signature]
    try:
        made = njit(*types, cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # no folder can be written: compile in each process
        made = njit(*types, nogil=True, error_model="numpy")(function)
    return made  # type: ignore[no-any-return]


@_compiled
def _sort(ids: Integers, spare: Integers, count: int, dx: Integers, dy: Integers) -> None:
    """Sorts the first `count` of `ids` by direction of `(dx[id], dy[id])`; equal ones stay."""
    width = 1
    while width < count:
        for start in range(0, count, 2 * width):
            middle, end = min(start + width, count), min(start + 2 * width, count)
            i, j = start, middle
            for k in range(start, end):
                if j == end or (
                    i < middle and dx[ids[j]] * dy[ids[i]] - dy[ids[j]] * dx[ids[i]] <= 0
                ):
                    spare[k] = ids[i]
                    i += 1
                else:
                    spare[k] = ids[j]
                    j += 1
        ids[:count] = spare[:count]
        width *= 2


@_compiled
def _lower(tree: Integers, size: int, first: int, end: int, value: int) -> None:
    """Keeps `value` as the least of the places from `first` to before `end`, if it is less."""
    i, j = first + size, end + size
    while i < j:
        if i & 1:
            tree[i] = min(tree[i], value)
            i += 1
        if j & 1:
            j -= 1
            tree[j] = min(tree[j], value)
        i >>= 1
        j >>= 1


@_compiled
def _least(tree: Integers, size: int, place: int) -> int:
    """The least value that was kept for a place."""
    value, i = _NONE, place + size
    while i > 0:
        value = min(value, tree[i])
        i >>= 1
    return value


@_compiled
def _sector(dx: int, dy: int) -> float:
    """Place of a direction, 0 (right) to `_SECTORS` (left); `dy` at least 0, not both 0."""
    return (1.0 - dx / (abs(dx) + dy)) * (_SECTORS / 2)


@_compiled
def _candidates(
    here: int,
    centers: Integers,
    sides: Integers,
    limits: Integers,
    bottoms: Integers,
    flanks: Integers,
    slopes: Floats,
    dx: Integers,
    dy: Integers,
    found: Integers,
) -> int:
    """Writes a superset of the visible targets of box `here` into `found`, in sort order."""
    x, y = centers[here]
    bottoms[:] = _NONE
    flanks[:] = _NONE
    count = 0
    for k in range(here + 1, len(centers)):
        away, down = centers[k, 0] - x, centers[k, 1] - y
        dx[k], dy[k] = away, down
        if away == 0 and down == 0:
            found[count] = k
            count += 1
            continue
        sector = min(int(_sector(away, down)), _SECTORS - 1)
        if down < bottoms[sector] and abs(away) < flanks[sector]:
            found[count] = k
            count += 1
        left, top = sides[k, 0] - x, sides[k, 1] - y
        right, bottom = sides[k, 2] - x, sides[k, 3] - y
        if left < right and top < bottom and not (left < 0 < right and top < 0):
            begin, end = 0.0, float(_SECTORS)
            if top >= 0 or right <= 0:
                begin = _sector(right, top if right > 0 else bottom)
            if top >= 0 or left >= 0:
                end = _sector(left, top if left < 0 else bottom)
            for c in range(int(np.ceil(begin + _MARGIN)), int(np.floor(end - _MARGIN))):
                bottoms[c] = min(bottoms[c], bottom)
                flanks[c] = min(flanks[c], right if c < _SECTORS // 2 else -left)
        if k % _CHECK_EVERY == 0 and down > 0:
            # Done when all sectors in which the page goes on below are closed.
            c = int(_sector(limits[1] - x, down))
            last = min(int(_sector(limits[0] - x, down)), _SECTORS - 1)
            while c <= last and (bottoms[c] <= down or flanks[c] <= slopes[c] * down):
                c += 1
            if c > last:
                break
    return count


@_compiled
def _free(
    here: int,
    centers: Integers,
    sides: Integers,
    blockers: Integers,
    dx: Integers,
    dy: Integers,
    targets: Integers,
    count: int,
    bottoms: Integers,
    flanks: Integers,
    hidden: NDArray[np.bool_],
) -> None:
    """Marks which of `targets`, sorted by direction, are hidden from box `here`."""
    x, y = centers[here]
    bottoms[: 2 * count] = _NONE
    flanks[: 2 * count] = _NONE
    middle = 0  # the first that is not to the right
    deepest = 0
    for place in range(count):
        if dx[targets[place]] > 0:
            middle = place + 1
        deepest = max(deepest, dy[targets[place]])
    for k in blockers:
        left, top = sides[k, 0] - x, sides[k, 1] - y
        right, bottom = sides[k, 2] - x, sides[k, 3] - y
        if top >= deepest:
            break
        if bottom <= 0 or (left < 0 < right and top < 0):
            continue
        first, end = 0, count
        if top >= 0 or right <= 0:
            corner = top if right > 0 else bottom
            while first < end:
                half = (first + end) >> 1
                if right * dy[targets[half]] - corner * dx[targets[half]] > 0:
                    end = half
                else:
                    first = half + 1
            end = count
        if top >= 0 or left >= 0:
            corner = top if left < 0 else bottom
            begin = first
            while begin < end:
                half = (begin + end) >> 1
                if dx[targets[half]] * corner - dy[targets[half]] * left > 0:
                    begin = half + 1
                else:
                    end = half
        if first < end:
            _lower(bottoms, count, first, end, bottom)
            _lower(flanks, count, first, min(end, middle), right)
            _lower(flanks, count, max(first, middle), end, -left)
    for place in range(count):
        k = targets[place]
        hidden[k] = dy[k] >= _least(bottoms, count, place) or abs(dx[k]) >= _least(
            flanks, count, place
        )


@partial(_compiled, signature=_SWEEP)
def _sweep(
    centers: Integers,
    sides: Integers,
    order: Integers,
    place: Integers,
    blockers: Integers,
    begin: Integers,
    limits: Integers,
    slopes: Floats,
    limit: int,
) -> Integers:
    """See `pairs`, which also says what the arguments are."""
    n = len(centers)
    near_bottoms, near_flanks = np.empty(_SECTORS, np.int64), np.empty(_SECTORS, np.int64)
    bottoms, flanks = np.empty(2 * n, np.int64), np.empty(2 * n, np.int64)
    dx, dy, lengths = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    found, targets, spare = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    hidden, ones = np.empty(n, np.bool_), np.ones(n, np.int64)
    result = np.empty((8 * n, 2), np.int64)
    total = 0
    for source in range(n):
        here = place[source]
        count = _candidates(
            here, centers, sides, limits, near_bottoms, near_flanks, slopes, dx, dy, found
        )
        same = 0  # with this centre; they come first
        while same < count and dx[found[same]] == 0 and dy[found[same]] == 0:
            hidden[found[same]] = False
            same += 1
        for k in range(same, count):
            targets[k - same] = found[k]
        _sort(targets, spare, count - same, dx, dy)
        _free(
            here,
            centers,
            sides,
            blockers[begin[here] :],
            dx,
            dy,
            targets,
            count - same,
            bottoms,
            flanks,
            hidden,
        )
        seen = 0
        for k in found[:count]:
            if not hidden[k]:
                found[seen] = k
                lengths[k] = dx[k] * dx[k] + dy[k] * dy[k]
                seen += 1
        if seen > limit:
            _sort(found, spare, seen, ones, lengths)  # as directions (1, length)
            seen = limit
        _sort(found, spare, seen, ones, order)
        if total + seen > len(result):
            grown = np.empty((2 * len(result) + seen, 2), np.int64)
            for k in range(total):
                grown[k, 0], grown[k, 1] = result[k, 0], result[k, 1]
            result = grown
        for k in found[:seen]:
            result[total, 0], result[total, 1] = source, order[k]
            total += 1
    return result[:total]


def pairs(centers: Integers, sides: Integers, order: Integers, limit: int) -> Integers:
    """Visible pairs.

    Args:
        centers: `[n, 2]` twice the centres, in sort order; n is at least 1.
        sides: `[n, 4]` twice left, top, right, bottom, in sort order.
        order: `[n]` numbers of the boxes in the input.
        limit: Most pairs of one source; the nearest are kept, of equally near ones the first.

    Returns:
        `[m, 2]` numbers of source and target in the input, sorted.
    """
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    solid = np.flatnonzero((sides[:, 0] < sides[:, 2]) & (sides[:, 1] < sides[:, 3]))
    blockers = solid[np.argsort(sides[solid, 1])]
    # In order of their tops, those before `begin` end above the centre.
    lowest = np.maximum.accumulate(sides[blockers, 3])
    begin = np.searchsorted(lowest, centers[:, 1], side="right")
    limits = np.array([centers[:, 0].min(), centers[:, 0].max()])
    # Least distance to the side, for a distance down of 1, of a direction in each sector.
    cosine = np.abs(1 - 2 * np.arange(_SECTORS + 1) / _SECTORS)
    least = np.minimum(cosine[:-1], cosine[1:])
    slopes = least / (1 - least) * (1 - _MARGIN)
    found: Integers = _sweep(centers, sides, order, place, blockers, begin, limits, slopes, limit)
    return found
