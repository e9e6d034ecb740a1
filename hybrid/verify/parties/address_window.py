"""The address in the window of an envelope: who receives a document, at its head, without a title.

It is a block of a few lines, to the left or, as in France, to the right, that ends in a postal code and a city. Whoever sends the document has
such a block as well, so that one is the receiver's only where something tells: the sender's address in a line of
small letters right above it (DIN 5008), a form of address ("Herrn", "Ms"), or a sender whose name
stands with another address elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from hybrid.document import Document, Segment, mean_confidence
from hybrid.schema import letters_and_digits
from hybrid.verify.parties.address_lines import change_of_letters, is_city, is_sentence, place_in
from hybrid.verify.parties.party import is_contact, may_be_a_name
from hybrid.verify.parties.roles import is_addressee

_LOWEST = 0.36
"""Of a page's height, where the window ends."""
_LINES = (3, 6)
"""Of such a block, a form of address in a line of its own among them."""
_CLOSE = 0.8
"""Line heights between two lines of the block, at most."""
_SENDER_ABOVE = 3.0
"""Line heights between it and the sender's line above it, at most."""
_SMALL = 0.85
"""Times as high as the block's first line is the sender's above it, at most."""
_PARTS = re.compile(r"[,·•|–]| - ")
_SEPARATORS = 2
"""Between name, street and city in one line, at least."""
_BELOW = 3.0
"""Line heights from the sender's name down to its city, at most."""
_SAME_NAME = 85.0
_FORM = re.compile(
    r"(?:an )?(?:herrn?|frau|familie|firma|mrs?|ms|miss|messrs|monsieur|madame|mme|mlle|(?:m\.|mr|mme) et m(?:me|r)"
    r"|se[ñn]or(?:a|ita)?|sra?|srta|herrn? und frau|frau und herrn?|mr (?:and|&) mrs"
    r"|don|doña|d(?:ª|ña)|d(?=\. )|m(?=\. )|sig(?:\.(?:ra)?|nora?)|egregi[oa]|gent\.mo|gentile|spett(?:\.le|abile)"
    r"|dhr|mevr|mw|de heer|mevrouw|fam|sz\. ?p|pan|pani|exm[oa]\.?(?:\(a\))?(?: sr\.?[aª]?\.?(?:\(a\))?)?|herr|fru|hr)(?!\w)\.?",
    re.IGNORECASE,
)
"""Not "Dr", which doctors are at the heads of their letters."""
_COUNTRY = re.compile(r"[^\W\d_]+(?: [^\W\d_]+){0,3}")


@dataclass(frozen=True)
class Window:
    """The lines of who receives a document.

    Attributes:
        lines: Indices of segments; the first one is the name.
        is_marked: The block itself tells that it is no sender's.
    """

    lines: tuple[int, ...]
    is_marked: bool


def address_window(
    document: Document,
    straight: Sequence[Segment],
    is_key: Callable[[str], bool],
    passed: Collection[int],
) -> Window | None:
    """The only block that may be in the window; of several the only marked one.

    Args:
        document: For the sizes of its pages.
        straight: Its segments, straight.
        is_key: Whether a line is a key, or begins with one.
        passed: Indices of segments that are of other blocks.
    """
    page = document.pages[0]
    near = sorted(
        (
            k
            for k, s in enumerate(straight)
            if s.page == page.number and s.box.bottom <= _LOWEST * page.height
        ),
        key=lambda k: straight[k].box.center[1],
    )
    found: list[Window] = []
    for last in near:
        if is_city(straight[last].text) and last not in passed and not is_key(straight[last].text):
            found += _block_above(straight, near, last, is_key, passed)
    marked = [window for window in found if window.is_marked]
    alone = marked or found
    return alone[0] if len(alone) == 1 else None


def is_no_sender(
    document: Document,
    straight: Sequence[Segment],
    window: Window,
    passed: Collection[int],
    sender: str | None,
) -> bool:
    """Whether a block in the window is not the sender's own.

    Args:
        document: Of the block.
        straight: Its segments, straight.
        window: The block.
        passed: Indices of segments in blocks below titles.
        sender: The name at the head in large letters; None where there is none.
    """
    first = letters_and_digits(straight[window.lines[0]].text)
    if sender and fuzz.partial_ratio(first, letters_and_digits(sender)) >= _SAME_NAME:
        return False
    if window.is_marked:
        return True
    if sender is None:
        return False
    own = place_in(straight[window.lines[-1]].text) or place_in(straight[window.lines[-2]].text)
    page = document.pages[0].number
    others = [k for k, s in enumerate(straight) if s.page == page and k not in window.lines]
    name = letters_and_digits(sender)
    reached = [straight[k] for k in others if k not in passed and is_contact(straight[k].text)]
    for k in others:
        place = place_in(straight[k].text)
        if place not in (None, own) and k not in passed:
            line = straight[k]
            if is_contact(line.text) or any(_is_near(line, contact) for contact in reached):
                return True
    named = [straight[k] for k in others if name in letters_and_digits(straight[k].text)]
    return any(
        place not in (None, own) and any(_is_near(line, straight[k]) for line in named)
        for k in others
        if k not in passed
        for place in [place_in(straight[k].text)]
    )


def _is_near(name: Segment, place: Segment) -> bool:
    """Whether a city stands in the line of a name, or in one of the next two lines below it."""
    down = (place.box.center[1] - name.box.center[1]) / max(place.box.height, 1e-6)
    return -0.5 <= down <= _BELOW and place.box.horizontal_overlap(name.box) > 0


def _block_above(
    straight: Sequence[Segment],
    near: Sequence[int],
    last: int,
    is_key: Callable[[str], bool],
    passed: Collection[int],
) -> list[Window]:
    """The block that ends in a postal code and a city; none where it may not be one."""
    lines = [last]
    while (above := _next(straight, near, lines[0], -1)) is not None and len(lines) <= _LINES[1]:
        if _gap(straight[above], straight[lines[0]]) > _CLOSE:
            break
        if change_of_letters(straight[above], straight[lines[0]]):
            break
        if _is_in_one_line(straight[above].text) or is_addressee(straight[above].text):
            break
        lines.insert(0, above)
    form = _FORM.match(straight[lines[0]].text)
    below = _next(straight, near, last, 1)
    if below is not None and _gap(straight[last], straight[below]) <= _CLOSE:
        text = straight[below].text
        if is_contact(text) and form is None:  # whoever sends the document says how to reach it
            return []
        if _COUNTRY.fullmatch(text) and not is_key(text):
            lines.append(below)
    texts = [straight[k].text for k in lines]
    is_odd = any(is_contact(t) or is_key(t) or is_sentence(t) or ":" in t for t in texts)
    if is_odd or any(k in passed for k in lines) or not _LINES[0] <= len(lines) <= _LINES[1]:
        return []
    # "Mr Clean" at the very top would be who sends it.
    first = straight[lines[0]]
    is_first = all(s.box.bottom > first.box.top for s in straight if s.page == first.page)
    marked = (form is not None and not is_first) or _sender_above(straight, near, lines[0])
    if form is not None and form.end() == len(texts[0].rstrip()):
        lines = lines[1:]
    return [Window(tuple(lines), marked)] if may_be_a_name(straight[lines[0]].text) else []


def _sender_above(straight: Sequence[Segment], near: Sequence[int], first: int) -> bool:
    """Whether the sender's address stands in one line of small letters above a block."""
    above = _next(straight, near, first, -1)
    if above is None or _gap(straight[above], straight[first]) > _SENDER_ABOVE:
        return False
    line, block = straight[above], straight[first]
    is_small = line.box.height <= _SMALL * block.box.height
    # Boxes of OCR are about as high around small letters.
    is_small |= mean_confidence(line.words) is not None
    return is_small and _is_in_one_line(line.text)


def _is_in_one_line(text: str) -> bool:
    """Whether a line is a whole address: "Kadir Ltd, 8 Harbour Row, Halifax HX1 5QE"."""
    return len(_PARTS.findall(text)) >= _SEPARATORS and place_in(text) is not None


def _next(straight: Sequence[Segment], near: Sequence[int], index: int, down: int) -> int | None:
    """The nearest of some lines above (-1) or below (1) one that begins where it does, or None.

    Args:
        straight: The document's segments.
        near: Indices of the lines, from top to bottom.
        index: Of the one, which is among them.
        down: 1, or -1 for above.
    """
    line = straight[index]
    steps = near[near.index(index) + 1 :] if down > 0 else near[: near.index(index)][::-1]
    return next((k for k in steps if _is_aligned(straight[k], line, down)), None)


def _is_aligned(other: Segment, line: Segment, down: int) -> bool:
    """Whether another line is above (-1) or below (1) a line and begins where it does."""
    apart = (other.box.center[1] - line.box.center[1]) * down
    height = line.box.height
    return apart > 0.5 * height and abs(other.box.left - line.box.left) <= height


def _gap(above: Segment, below: Segment) -> float:
    """Between two lines, in heights of the lower one."""
    return (below.box.top - above.box.bottom) / max(below.box.height, 1e-6)
