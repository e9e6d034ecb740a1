"""Wrapped: the lines that a value goes on in, such as an address beside "Ship to:"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hybrid.document import Segment
from hybrid.verify.keys.places import left_aligned, line_below, right_of

_MOST_LINES = 8
_ALIGNED = 0.6
"""Line heights between the left edges of two lines of one text, at most."""
_OTHER_LETTERS = 0.15
"""Of a line's height, by which letters of another size differ."""
_WORD_SPACE = 0.3
"""Line heights between two words, at least."""
_CLOSE = 0.7
"""Line heights between them, at most."""


def lines_on(
    segments: Sequence[Segment],
    first: int,
    keys: Sequence[int],
    is_key: Callable[[str], bool],
    *,
    alone: bool,
) -> list[int]:
    """The lines below a value's first one that may belong to it.

    They begin where that one begins and follow closely, down to one that is a key.

    Args:
        segments: Of a document, straight.
        first: Index of the first line.
        keys: Indices of the segments that it is the value of.
        is_key: Whether a text begins with a key.
        alone: Each has to be the first of its row, as it is with a value to the right of its key: else
            what stands to the left of it is its key.

    Returns:
        Their indices, from top to bottom.
    """
    found: list[int] = []
    last = first
    while len(found) < _MOST_LINES:
        passed = {first, *keys, *found}
        following = line_below(segments, last, passed, _CLOSE, left_aligned(_ALIGNED))
        if following is None or is_key(segments[following].text):
            break
        if alone and not _is_first(segments, following):
            break
        found.append(following)
        last = following
    return found


def lines_without_room(
    segments: Sequence[Segment],
    first: int,
    keys: Sequence[int],
    is_key: Callable[[str], bool],
    *,
    alone: bool = True,
) -> list[int]:
    """The lines that a value has to go on in, since their first words had no room behind the line above.

    That is so in the narrow cells of a table and before a comma or hyphen at the end of a line.

    Args:
        segments: Of a document, straight.
        first: Index of the value's first line, which may have its key before it.
        keys: Indices of the segments that it is the value of.
        is_key: Whether a text begins with a key.
        alone: As of `lines_on`.
    """
    found: list[int] = []
    for following in lines_on(segments, first, keys, is_key, alone=alone):
        if not _has_no_room(segments, found[-1] if found else first, segments[following]):
            break
        found.append(following)
    return found


def is_unfinished(segments: Sequence[Segment], index: int) -> bool:
    """Whether a text ends with a comma and a line begins right below it."""
    if not segments[index].text.endswith(","):
        return False
    return line_below(segments, index, (), _CLOSE, left_aligned(_ALIGNED)) is not None


def _has_no_room(segments: Sequence[Segment], index: int, following: Segment) -> bool:
    line = segments[index]
    if abs(line.box.height - following.box.height) > _OTHER_LETTERS * line.box.height:
        return False
    if line.text.endswith((",", "-")):
        return True
    if any(map(str.isdigit, following.text)) and not any(map(str.isdigit, line.text)):
        return False  # a name does not go on in a street
    if any(map(str.isdigit, line.words[-1].text)) and not any(map(str.isdigit, following.text)):
        return False  # a number does not go on in words
    if line.words[-1].text.isalpha() and not any(map(str.isalpha, following.text)):
        return False  # nor do words in a number
    right = right_of(segments, index)
    edge = segments[right[0]].box.left if right else float("inf")
    word = following.words[0].box
    end = line.box.right + word.right - word.left + _WORD_SPACE * line.box.height
    return end > edge


def _is_first(segments: Sequence[Segment], index: int) -> bool:
    own = segments[index]
    return not any(
        other.page == own.page
        and other.box.right <= own.box.left + 0.3 * own.box.height
        and other.box.shares_row(own.box)
        for number, other in enumerate(segments)
        if number != index
    )
