"""The kinds of error that a value of an extraction can be, and which of them are hallucination."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What is wrong with a value that was given. Only the first two are hallucination."""

    UNGROUNDED = "ungrounded"
    """Cannot be aligned, after typed normalisation, to any text of the document."""
    ABSENT_FIELD = "absent_field"
    """Given for a field that has no gold value in the document."""
    MISLOCATED = "mislocated"
    """Stands in the document, but not in the words that are cited for it."""
    WRONG_FIELD = "wrong_field"
    """Stands in the document, the field has gold, and it is none of the gold values."""

    @property
    def is_hallucination(self) -> bool:
        """Whether values of this kind count in `hallucination_rate`."""
        return self in (Kind.UNGROUNDED, Kind.ABSENT_FIELD)


def classify(
    *, on_page: bool, in_citation: bool, field_has_gold: bool, matches_gold: bool
) -> tuple[Kind, ...]:
    """All kinds that one given value is.

    Args:
        on_page: It aligns to the document's text.
        in_citation: It aligns to the cited words.
        field_has_gold: The document has a gold value with its label.
        matches_gold: It equals a gold value of its label.

    Returns:
        In the order of `Kind`; empty for a value with nothing wrong. A value that is right by its
        gold and cannot be aligned (the gold itself is not on the page) is ungrounded all the same.
    """
    checks = {
        Kind.UNGROUNDED: not on_page,
        Kind.ABSENT_FIELD: not field_has_gold,
        Kind.MISLOCATED: on_page and not in_citation,
        Kind.WRONG_FIELD: on_page and field_has_gold and not matches_gold,
    }
    return tuple(kind for kind, holds in checks.items() if holds)
