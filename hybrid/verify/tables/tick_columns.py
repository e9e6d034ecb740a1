"""Columns to tick: "OK | Defect | N/A" over crosses, of which the marked one is the row's choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hybrid.document import Segment
from hybrid.schema import Leaf, LeafKind, letters_and_digits
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.ground import Passage
from hybrid.verify.keys.options import is_ticked
from hybrid.verify.values import FALSE, TRUE

_FEWEST = 2
"""Columns that are choices of one field, at least."""


def tick_columns(
    stacks: Sequence[Sequence[Segment]], leaves: Sequence[Leaf], taken: Mapping[int, object]
) -> dict[int, Leaf]:
    """The headings that are choices of a field, by their places.

    Args:
        stacks: Cells of each heading.
        leaves: Of one list.
        taken: Places of the headings that name a field.

    Returns:
        Place to field; nothing for a field of which a row has fewer than two choices, or one twice.
    """
    texts = {
        place: letters_and_digits(" ".join(cell.text for cell in stack))
        for place, stack in enumerate(stacks)
        if place not in taken
    }
    found: dict[int, Leaf] = {}
    for leaf in leaves:
        choices = _choices(leaf)
        own = [place for place, text in texts.items() if text in choices and place not in found]
        if len(own) >= _FEWEST and len({texts[place] for place in own}) == len(own):
            found |= dict.fromkeys(own, leaf)
    return found


def _choices(leaf: Leaf) -> set[str]:
    if leaf.kind is LeafKind.CHOICE:
        return {letters_and_digits(choice) for choice in leaf.choices}
    return TRUE | FALSE if leaf.kind is LeafKind.BOOLEAN else set()


def is_marked(cells: Sequence[Segment]) -> bool:
    """Whether a row's cells in such a column are a tick."""
    return len(cells) == 1 and is_ticked(cells[0].text.strip())


def ticked_choice(heading: Segment, mark: Segment, leaf: Leaf, belief: float) -> Candidate | None:
    """The choice that a heading names and a mark below it makes.

    Both are cited, but of a boolean the heading only: a cross is a yes by itself, and "No x" neither.

    Args:
        heading: As it stands on the page.
        mark: The same.
        leaf: With the choices.
        belief: In it.
    """
    read = read_candidates([heading], leaf, belief)
    if leaf.kind is LeafKind.BOOLEAN:
        return read[0] if len(read) == 1 else None
    if len(read) != 1:
        return None
    passage = Passage([mark])
    return replace(
        read[0],
        segments=(*read[0].segments, mark.id),
        words=(*read[0].words, *mark.words),
        citations=(*read[0].citations, *passage.citations(mark.words)),
    )
