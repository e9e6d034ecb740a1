"""The gold of the task `field` on forms: a question and what was answered."""

from __future__ import annotations

from collections.abc import Sequence

from hybrid.document import Segment

from .base import GoldValue


def pair_values(
    segments: Sequence[Segment], labels: Sequence[str], links: Sequence[tuple[int, int]]
) -> tuple[GoldValue, ...]:
    """One value for each question that has at least one linked answer, in reading order.

    Args:
        segments: In reading order.
        labels: One a segment.
        links: Pairs of segment ids; only those from a question to an answer count.

    Returns:
        Values with the path `pairs[i]`, the question's text as label and the answers' texts, joined
        by blanks in reading order, as text. An answer that is linked to two questions is a value of
        both.
    """
    label_of = {s.id: label for s, label in zip(segments, labels, strict=True)}
    place_of = {s.id: place for place, s in enumerate(segments)}
    answers: dict[int, list[int]] = {}
    for source, target in links:
        if label_of.get(source) == "question" and label_of.get(target) == "answer":
            answers.setdefault(place_of[source], []).append(place_of[target])
    values = []
    for index, question in enumerate(sorted(answers)):
        found = [segments[place] for place in sorted(set(answers[question]))]
        values.append(
            GoldValue(
                path=f"pairs[{index}]",
                label=segments[question].text,
                text=" ".join(s.text for s in found),
                segment_ids=tuple(s.id for s in found),
            )
        )
    return tuple(values)
