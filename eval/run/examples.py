"""Few-shot examples for an LLM, out of a dataset's training documents."""

from __future__ import annotations

from collections.abc import Sequence

from hybrid.verify.variants import Example, ExampleValue

from ..datasets.base import Sample
from .rows import Asked


def examples_from(samples: Sequence[Sample], asked: Asked, count: int) -> list[Example]:
    """The shortest training documents that have the most of the fields, as examples.

    Args:
        samples: Training documents; never those that are scored.
        asked: The fields.
        count: At most so many.

    Returns:
        Fewest lines first among the fullest; the same for every run.
    """
    full = sorted(
        (s for s in samples if s.values and s.document.segments),
        key=lambda s: (-len({v.label for v in s.values or ()}), len(s.document.text), s.id),
    )
    # Of the fuller half the short ones: an example costs its whole page in every prompt.
    half = full[: max(len(full) // 2, count)]
    short = sorted(half, key=lambda s: (len(s.document.text), s.id))
    return [example_of(sample, asked) for sample in short[:count]]


def example_of(sample: Sample, asked: Asked) -> Example:
    """A sample's gold in the paths of the schema that is asked for."""
    values: dict[str, ExampleValue] = {}
    if asked.is_form:
        question_of = {a: q for q, a in sample.links_between("question", "answer")}
        texts = {s.id: s.text for s in sample.document.segments}
        for value in sample.values or ():
            question = next((question_of[i] for i in value.segment_ids if i in question_of), None)
            if question is not None:
                values[f"{value.path}.question"] = ExampleValue(texts[question], (question,))
                values[f"{value.path}.answer"] = ExampleValue(value.text, value.segment_ids)
        return Example(sample.document, values)
    path_of = {asked.compared_label(leaf): leaf for leaf in asked.schema.leaves}
    for value in sample.values or ():
        leaf = path_of.get(value.label)
        if leaf is None:
            continue
        number = value.path[value.path.find("[") + 1 : value.path.find("]")]
        path = leaf.path.replace("[]", f"[{number}]", 1) if leaf.list_path else leaf.path
        values.setdefault(path, ExampleValue(value.text, value.segment_ids))
    return Example(sample.document, values)
