"""Removes every box that holds a field's value: the sharpest question there is.

The field is asked for all the same, and whatever is answered is made up or taken from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..datasets.base import GoldValue, Sample
from .alignment import PageIndex
from .counterfactual import (
    Change,
    Counterfactual,
    CounterfactualKind,
    LeftOut,
    flat_values,
    kind_for,
)
from .edit import nodes_of, rebuild
from .locate import holders


def remove_field(
    sample: Sample, kinds: Mapping[str, str] | None = None
) -> Iterator[Counterfactual | LeftOut]:
    """One document for each field of a sample, without that field's value.

    Removed are the boxes that the gold names for it, and all others that hold one of its
    alternatives, or a line of it where it runs over several. No randomness is in it.

    Args:
        sample: Its fields outside lists are taken.
        kinds: Leaf path to kind; what it lacks is guessed from the gold's text.

    Yields:
        The document "<id>#<path>" without gold values, in the order of the sample's fields; or why
        there is none: the value is nowhere on the page, can still be aligned to what is left (by
        itself or over several lines), or nothing is left.
    """
    for path, values in flat_values(sample).items():
        yield _without(sample, path, values, kinds or {})


def without_fields(sample: Sample, kinds: Mapping[str, str]) -> list[Counterfactual]:
    """The documents of `remove_field`, without the reasons why there is none."""
    return [c for c in remove_field(sample, kinds) if isinstance(c, Counterfactual)]


def _without(
    sample: Sample, path: str, values: list[GoldValue], kinds: Mapping[str, str]
) -> Counterfactual | LeftOut:
    segments = sample.document.segments
    texts = [s.text for s in segments]
    removed = {k for value in values for k in holders(texts, value.text, kind_for(value, kinds))}
    named = {segment_id for value in values for segment_id in value.segment_ids}
    removed |= {k for k, segment in enumerate(segments) if segment.id in named}
    if not removed:
        return LeftOut(sample.id, "the value is not on the page", path)
    nodes = [node for node in nodes_of(sample) if node.source not in removed]
    if not nodes:
        return LeftOut(sample.id, "no text is left", path)
    rest = PageIndex([node.segment.text for node in nodes])
    if any(rest.holds(v.text, None, kind_for(v, kinds)) for v in values):
        return LeftOut(sample.id, "the value can still be aligned to the rest", path)
    return Counterfactual(
        sample=rebuild(
            sample, nodes, document_id=f"{sample.id}#{path}", values=(), keep_tree=False
        ),
        kind=CounterfactualKind.REMOVE_FIELD,
        original_id=sample.id,
        path=path,
        asked=(path,),
        absent=((path, values[0].label),),
        changes=tuple(
            Change(segments[k].page, segments[k].box, "removed", before=segments[k].text)
            for k in sorted(removed)
        ),
        picture=sample.image_path,
    )
