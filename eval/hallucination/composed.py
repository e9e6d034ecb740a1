"""Whether a longer text is made of pieces of a page: of its lines, or of something very like it."""

from __future__ import annotations

from collections import Counter

from rapidfuzz import fuzz

from .folding import FoldedTexts

SIMILAR = 88.0
"""Least `rapidfuzz.fuzz.ratio`, in percent, of a text and the place that it is taken from."""

_NEAR = 12
"""Segments that may lie between the pieces of one value, beside the pieces themselves."""
_PIECE = 4
"""Least letters and digits of a part of a segment that counts as a piece."""
_LEAST = 5
"""Shorter texts have to stand there letter by letter: one wrong letter is too much of them."""
_STEPS = 2000
_SLACK = 2


def composed_of_lines(wanted: str, texts: FoldedTexts) -> tuple[int, ...] | None:
    """The segments that, one behind another in some order, spell a value.

    An address beside another column, or lines that were cited in another order. Each segment is
    used once and as a whole, but of the first and of the last one some words are enough ("Address:
    1 High Street"). The search gives up after 2,000 steps, and then finds nothing.

    Args:
        wanted: Folded.
        texts: The page's segments.

    Returns:
        Indices of segments near each other, in the order of the value; None where there are none.
    """
    parts = texts.parts
    candidates = [k for k, part in enumerate(parts) if part and part in wanted]
    ends = [k for k, part in enumerate(parts) if len(part) >= _PIECE and k not in set(candidates)]
    steps = 0

    def rest(position: int, used: tuple[int, ...]) -> tuple[int, ...] | None:
        nonlocal steps
        steps += 1
        if position == len(wanted):
            return used
        if steps > _STEPS:
            return None
        tried = set()
        # Of equal texts the nearest one will do, but any of them may be the first piece.
        nearest = sorted(candidates, key=lambda k: abs(k - used[-1])) if used else candidates
        for k in nearest:
            part = parts[k]
            fits = wanted.startswith(part, position) and part not in tried
            if k not in used and fits and _near(used, k):
                if used:
                    tried.add(part)
                found = rest(position + len(part), (*used, k))
                if found:
                    return found
        tail = wanted[position:]
        if used and len(tail) >= _PIECE:
            for k in ends:
                if _near(used, k) and texts.has_words(k, tail):
                    return (*used, k)
        return None

    found = rest(0, ())
    if found:
        return found
    for k in ends:
        for size in range(min(len(parts[k]), len(wanted) - 1), _PIECE - 1, -1):
            if texts.has_words(k, wanted[:size]):
                found = rest(size, (k,))
                if found:
                    return found
    return None


def _near(used: tuple[int, ...], k: int) -> bool:
    return not used or max(*used, k) - min(*used, k) <= _NEAR + len(used)


def similar_place(wanted: str, joined: str) -> tuple[int, int] | None:
    """The place that is like a text but for a few letters, all digits being right.

    Args:
        wanted: Folded.
        joined: The folded page.

    Returns:
        `(start, end)` in `joined`, or None where no place is similar enough.
    """
    if len(wanted) < _LEAST or not joined:
        return None
    if Counter(c for c in wanted if c.isdigit()) - Counter(c for c in joined if c.isdigit()):
        return None
    if len(wanted) > len(joined):
        place = (0, len(joined))
    else:
        best = fuzz.partial_ratio_alignment(wanted, joined, score_cutoff=SIMILAR - 8)
        if best is None:
            return None
        place = (best.dest_start, best.dest_end)
    digits = [c for c in wanted if c.isdigit()]
    found = []
    for start in range(max(place[0] - _SLACK, 0), place[0] + _SLACK + 1):
        for end in range(place[1] - _SLACK, min(place[1] + _SLACK, len(joined)) + 1):
            window = joined[start:end]
            if [c for c in window if c.isdigit()] == digits and not _tears(joined, start, end):
                found.append((fuzz.ratio(wanted, window), -abs(end - start), start, end))
    best_ratio, _, start, end = max(found, default=(0.0, 0, 0, 0))
    return (start, end) if best_ratio >= SIMILAR else None


def _tears(joined: str, start: int, end: int) -> bool:
    """Whether an edge of the place lies between two digits."""
    return any(
        0 < edge < len(joined) and joined[edge - 1].isdigit() and joined[edge].isdigit()
        for edge in (start, end)
    )
