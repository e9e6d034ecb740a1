"""Captions: keys in small print below the line that the value is written on, as on forms to fill in by hand.

One such key looks as any that has its value below: the value below belongs to the next caption. Only
the whole page tells, by what its keys stand closest to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hybrid.document import BoundingBox, Segment
from hybrid.verify.keys.places import right_of

_FEWEST = 3
"""Keys of a page that stand close below a text, at least."""
_OTHERS = 0.25
"""Of these, how many may stand closer above one."""
_CLOSER = 0.6
"""Times the other blank that the smaller one has at most."""
_CLOSE = 1.0
"""Line heights between a value and its caption, at most."""


def captions_below(
    segments: Sequence[Segment], keys: Sequence[int], is_key: Callable[[str], bool]
) -> dict[int, int | None]:
    """The captions of a document, each with the value above it.

    Args:
        segments: Of a document, straight.
        keys: Indices of those that are a field's key.
        is_key: Whether a text begins with a key, and thus is no value.

    Returns:
        Index of a key to that of the text that it stands below, or None where that line is empty;
        of pages whose keys have their values elsewhere nothing.
    """
    found: dict[int, int | None] = {}
    for page in dict.fromkeys(segments[key].page for key in keys):
        own = [key for key in keys if segments[key].page == page]
        values = [
            n
            for n, s in enumerate(segments)
            if s.page == page and n not in own and not is_key(s.text)
        ]
        above = {key: _nearest(segments, key, values, above=True) for key in own}
        below = {key: _nearest(segments, key, values, above=False) for key in own}
        told = {key for key in own if _has_number_beside(segments, key)}
        captions = {
            key
            for key in own
            if key not in told
            and above[key][0] <= min(_CLOSE * segments[key].box.height, _CLOSER * below[key][0])
        }
        others = sum(below[key][0] < _CLOSER * above[key][0] for key in own)
        if len(captions) >= _FEWEST and others <= _OTHERS * len(captions):
            found |= {
                key: above[key][1] if key in captions else None for key in own if key not in told
            }
    return found


def _has_number_beside(segments: Sequence[Segment], key: int) -> bool:
    """Whether the next text to the right on a key's row has a digit: "Total | 12.00" below a table's last row."""
    right = right_of(segments, key)
    return bool(right) and any(map(str.isdigit, segments[right[0]].text))


def _nearest(
    segments: Sequence[Segment], key: int, values: Sequence[int], *, above: bool
) -> tuple[float, int | None]:
    """Blank to the nearest text above or below a key, and its index."""
    own = segments[key].box
    best: tuple[float, int | None] = (float("inf"), None)
    for number in values:
        box = segments[number].box
        if above == (box.center[1] < own.center[1]) and _shares_column(box, own):
            gap = own.top - box.bottom if above else box.top - own.bottom
            if gap > -0.5 * own.height:
                best = min(best, (max(gap, 0.0), number), key=lambda x: x[0])
    return best


def _shares_column(value: BoundingBox, key: BoundingBox) -> bool:
    return value.horizontal_overlap(key) > 0.3 or abs(value.left - key.left) <= 2 * key.height
