"""Merge: the GCN's items and the LLM's items of a list become one list of choices."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from hybrid.schema import FieldSchema, Leaf
from hybrid.verify.ask import Vote
from hybrid.verify.candidates import Candidate
from hybrid.verify.decide import Choice, decide
from hybrid.verify.fuse import Fusion
from hybrid.verify.list_items import Item, cells_of_items
from hybrid.verify.matter import is_sure
from hybrid.verify.structure import Structured, overlap

_YES, _NO = 0.9, 0.1
"""A structured reply has no log-probabilities a leaf: what it says counts as this much."""


def merge(
    schema: FieldSchema,
    proposal: Mapping[str, Candidate],
    structured: Structured | None,
    fusion: Fusion,
    unknown: Collection[str] = (),
) -> list[Choice]:
    """Choices for every leaf in every list.

    Args:
        schema: Of the document.
        proposal: The GCN's, by concrete path.
        structured: The LLM's; None where it was not asked.
        fusion: How the LLM's reading counts.
        unknown: Lists of which the GCN knows nothing: that it sees no item says nothing either.

    Returns:
        In the order of lists and items; items that only the LLM found come last.
    """
    choices: list[Choice] = []
    for path in dict.fromkeys(leaf.list_path for leaf in schema.leaves if leaf.list_path):
        if path is None or "[]" in path:
            continue
        ours = cells_of_items(proposal, path)
        theirs = cells_of_items(structured.candidates, path) if structured else []
        believed = None if path in unknown else 0.0
        choices += _merge_list(schema, path, ours, theirs, structured, fusion, believed)
    return choices


def _merge_list(
    schema: FieldSchema,
    path: str,
    ours: Sequence[Item],
    theirs: Sequence[Item],
    structured: Structured | None,
    fusion: Fusion,
    believed: float | None,
) -> list[Choice]:
    left = list(theirs)
    choices: list[Choice] = []
    leaves = {
        leaf.path.removeprefix(f"{path}[]"): leaf
        for leaf in schema.leaves
        if leaf.list_path == path
    }
    for number, item in enumerate(ours):
        match = max(left, key=lambda other: overlap(item, other), default=None)
        if match is not None and overlap(item, match):
            left.remove(match)
        else:
            match = None
        for tail, leaf in leaves.items():
            theirs_of_it = match.get(tail) if match else None
            concrete = f"{path}[{number}]{tail}"
            choices.append(
                _choice(concrete, leaf, item.get(tail), theirs_of_it, structured, fusion)
            )
    number = len(ours)
    for item in left:
        # What only the LLM saw is a new item: it must be believed on the LLM's word alone.
        vote = Vote((_YES, _NO))
        fresh = [
            Choice(
                f"{path}[{number}]{tail}",
                leaves[tail],
                (candidate.with_gcn(believed),),
                vote,
                fusion.trust,
            )
            for tail, candidate in item.items()
            if tail in leaves
        ]
        if any(decide(choice, fusion=fusion).value is not None for choice in fresh):
            choices += fresh
            number += 1
    return choices


def _choice(
    path: str,
    leaf: Leaf,
    ours: Candidate | None,
    theirs: Candidate | None,
    structured: Structured | None,
    fusion: Fusion,
) -> Choice:
    options = tuple(c for c in (ours, theirs.with_gcn(0.0) if theirs else None) if c is not None)
    if structured is None or (ours is not None and is_sure([ours], fusion=fusion)):
        return Choice(path, leaf, options[:1] if ours else ())
    if structured.problem is not None:
        return Choice(path, leaf, options, Vote(None, structured.problem), fusion.trust)
    if ours is not None and theirs is not None:
        if set(ours.segments) == set(theirs.segments):
            return Choice(path, leaf, (ours,), Vote((_YES, _NO)), fusion.trust)
        return Choice(path, leaf, options, Vote((_NO, 1 - 2 * _NO, _NO)), fusion.trust)
    if theirs is not None:
        return Choice(path, leaf, options, Vote((_YES, _NO)), fusion.trust)
    if ours is not None:
        # It left the leaf out: a weak no, since small models leave out much.
        return Choice(path, leaf, options, Vote((0.4, 0.6)), fusion.trust)
    return Choice(path, leaf, ())
