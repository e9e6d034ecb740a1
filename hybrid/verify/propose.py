"""Propose: what the GCN's labels offer for each leaf that stands outside a list."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid.document import Document, Segment
from hybrid.schema import FieldSchema, Leaf, LeafKind, outermost_list
from hybrid.schema.vocabulary import Term
from hybrid.verify.candidates import Candidate, NodeProbabilities, read_candidates
from hybrid.verify.cash import cash_given
from hybrid.verify.keys.date_ranges import range_candidates
from hybrid.verify.keys.keyed_values import key_candidates
from hybrid.verify.keys.letter_dates import letter_date_candidates
from hybrid.verify.keys.own_number import own_number_candidates
from hybrid.verify.keys.printed_keys import KeyedPages
from hybrid.verify.keys.rates import rate_candidates
from hybrid.verify.keys.sections import NOBODY_CAN_SAY, Sections, siblings_of
from hybrid.verify.parties.address_parts import address_part_candidates
from hybrid.verify.parties.contact_values import contact_candidates
from hybrid.verify.parties.contacts import shaped
from hybrid.verify.parties.party import party_of
from hybrid.verify.parties.party_values import PartyPages

_WORTH_A_LOOK = 0.02
"""Least probability of a segment's label, and least belief in a text of several lines."""
_LEAST = 1e-4
"""A line is in a text, or not, with at least this probability."""
_MOST_LINES = 50
_MAX_CANDIDATES = 8
_TOTALS = frozenset({"total", "total.total_price"})
"""Labels of what there is to pay."""
_NO_FIELDS = frozenset({"other", "question", "answer", "header"})
"""Labels of what is no field, whatever a field is called."""
Scores = NDArray[np.floating[Any]]


def propose(
    document: Document,
    schema: FieldSchema,
    predictions: NodeProbabilities,
    headings: Collection[int] = (),
    terms: Sequence[Term] = (),
) -> dict[str, list[Candidate]]:
    """Candidates for each leaf outside lists, best first.

    A leaf is fed by the labels that it names; where the checkpoint knows none of them, by the keys
    that are printed beside values ("Invoice no.: 12"). A text leaf's candidates are lines in a row (an
    address), each run with a probability of its own. A typed leaf is read from single segments,
    the value found inside ("DATE: 25/12/2018 8:13 PM").

    Args:
        document: Its segments are the graph's nodes.
        schema: Leaves to fill.
        predictions: `[segments, labels]` probabilities.
        headings: Ids of segments that name the columns of tables: no keys of what stands below.
        terms: Of the vocabulary, that the document has: no values, and no keys of what means something else.

    Returns:
        Leaf path to at most eight candidates. Their `gcn` probabilities compete: the sum over the
        different values of one leaf is at most 1, and what is missing to 1 speaks for "absent".
    """
    proposals: dict[str, list[Candidate]] = {}
    pages: KeyedPages | None = None
    parties: PartyPages | None = None
    sections: Sections | None = None
    for leaf in schema.leaves:
        if leaf.list_path is not None:
            continue
        columns = label_columns(leaf, predictions)
        if columns:
            scores = predictions.probabilities[:, columns].sum(axis=1)
            found = _labelled(document.segments, leaf, scores)
            if leaf.kind in (LeafKind.DATE, LeafKind.DATETIME):
                found = _only_one(document.segments, leaf, found)
            if not _TOTALS.isdisjoint(labels_of(leaf)):
                cash = cash_given(document.segments)
                found = [c for c in found if cash.isdisjoint(c.segments)]
        else:
            pages = pages or KeyedPages.of(document, schema, headings, terms)
            others = {key for x in schema.leaves if x.path != leaf.path for key in x.keys}
            found = shaped(key_candidates(pages, leaf, predictions, others - set(leaf.keys)), leaf)
            if siblings := siblings_of(schema, leaf):
                sections = sections or Sections(document, schema)
                found = sections.own_candidates(leaf, siblings, found)
            parties = parties or PartyPages(document, pages, schema)
            if party := party_of(leaf, schema):
                found = parties.with_blocks(leaf, party, found)
            if not any((c.gcn or 0.0) > NOBODY_CAN_SAY for c in found):
                found = _without_keys(parties, leaf) or found
            elif "." in leaf.path:
                # "Tel." may be anybody's; what is in the party's own block is its own.
                found = contact_candidates(parties, leaf) or found
            ends = range_candidates(pages, schema, leaf)
            if all(c.segments == end.segments for c in found for end in ends):
                found = ends or found  # of "Valid from 1 May to 3 June" the right one
        proposals[leaf.path] = compete(found)
    return proposals


def _without_keys(parties: PartyPages, leaf: Leaf) -> list[Candidate]:
    """What is told by its shape or place, for a leaf whose keys found nothing, or what may be others' as well."""
    document, schema = parties.document, parties.schema
    return (
        contact_candidates(parties, leaf)
        or address_part_candidates(parties, leaf)
        or letter_date_candidates(document, schema, leaf, parties.pages.dated)
        or own_number_candidates(document, schema, leaf)
        or rate_candidates(document, leaf)
    )


def label_columns(leaf: Leaf, predictions: NodeProbabilities) -> list[int]:
    """Columns of the labels that feed the leaf; empty where the checkpoint knows none of them."""
    names = labels_of(leaf)
    return [i for i, name in enumerate(predictions.labels) if name in names]


def labels_of(leaf: Leaf) -> tuple[str, ...]:
    """The labels that feed a leaf: those that the schema names, else its path, without "[]"."""
    path = leaf.path.replace("[]", "")
    return leaf.labels or (f"field {path}" if path in _NO_FIELDS else path,)


def unknown_lists(schema: FieldSchema, predictions: NodeProbabilities) -> list[str]:
    """Paths of the outermost lists of which the checkpoint knows no field."""
    return [path for path, known in _known_in_lists(schema, predictions).items() if not any(known)]


def half_known_lists(schema: FieldSchema, predictions: NodeProbabilities) -> list[str]:
    """Paths of the outermost lists of which the checkpoint knows some fields and others not."""
    known_in = _known_in_lists(schema, predictions)
    return [path for path, known in known_in.items() if any(known) and not all(known)]


def _known_in_lists(schema: FieldSchema, predictions: NodeProbabilities) -> dict[str, list[bool]]:
    known: dict[str, list[bool]] = {}
    for leaf in schema.leaves:
        path = outermost_list(leaf)
        if path is not None:
            known.setdefault(path, []).append(bool(label_columns(leaf, predictions)))
    return known


def compete(candidates: Sequence[Candidate]) -> list[Candidate]:
    """One candidate for each different value, best first, probabilities sharing at most 1."""
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        key = candidate.key
        if key not in best or (candidate.gcn or 0.0) > (best[key].gcn or 0.0):
            best[key] = candidate
    kept = sorted(best.values(), key=lambda c: -(c.gcn or 0.0))[:_MAX_CANDIDATES]
    total = sum(c.gcn or 0.0 for c in kept)
    if total <= 1.0:
        return kept
    return [c.with_gcn(None if c.gcn is None else c.gcn / total) for c in kept]


def type_candidates(document: Document, leaf: Leaf, known: Sequence[Candidate]) -> list[Candidate]:
    """Other places on the page that could be the leaf by type alone, for the LLM to choose from.

    Texts have no type to speak of, so there are none for them.
    """
    if leaf.kind is LeafKind.TEXT:
        return []
    seen = {repr(c.value) for c in known}
    found: list[Candidate] = []
    for segment in document.segments:
        for candidate in read_candidates([segment], leaf, None):
            if repr(candidate.value) not in seen:
                seen.add(repr(candidate.value))
                found.append(candidate)
    return _amounts_first(found, later=False) if leaf.kind is LeafKind.NUMBER else found


def _labelled(segments: Sequence[Segment], leaf: Leaf, scores: Scores) -> list[Candidate]:
    if leaf.kind is LeafKind.TEXT:
        return list(_texts(segments, leaf, scores))
    found: list[Candidate] = []
    for index in np.flatnonzero(scores >= _WORTH_A_LOOK).tolist():
        score = float(scores[index])
        spans = read_candidates([segments[index]], leaf, score)
        if leaf.kind is LeafKind.NUMBER:
            spans = _amounts_first(spans, later=True)
        # The label says that the value is in here, not which of several readings it is.
        for rank, candidate in enumerate(spans):
            share = score if rank == 0 else score * 0.1
            found.append(candidate.with_gcn(share))
    return found


def _texts(segments: Sequence[Segment], leaf: Leaf, scores: Scores) -> Iterator[Candidate]:
    """Lines of one text: which of the lines that follow each other closely are in it?

    Each line is in the text with the probability of its label, whatever the others are; of what can
    come of that the runs of lines without a gap count, and share the belief in the surest line. On
    SROIE's training documents, predicted out of fold, this offers the right text of 33 % of the
    fields that have no right candidate when the lines above one half are joined (`docs/fusion.md`).
    """
    for lines in _following(segments, scores):
        inside = np.clip(scores[lines], _LEAST, 1.0 - _LEAST).astype(np.float64)
        odds = np.concatenate([[0.0], np.cumsum(np.log(inside) - np.log1p(-inside))])
        first, end = np.triu_indices(len(odds), k=1)
        weights = np.exp((runs := odds[end] - odds[first]) - runs.max())
        beliefs = inside.max() * weights / weights.sum()
        for i, j, belief in zip(first.tolist(), end.tolist(), beliefs.tolist(), strict=True):
            if belief >= _WORTH_A_LOOK:
                yield from read_candidates([segments[k] for k in lines[i:j]], leaf, belief)


def _only_one(segments: Sequence[Segment], leaf: Leaf, found: list[Candidate]) -> list[Candidate]:
    """A document's only date is its date more often than the label of its segment says.

    Its belief is the geometric mean of the label's probability and 1.
    """
    every = {c.value for s in segments for c in read_candidates([s], leaf, None)}
    if len(every) != 1:
        return found
    return [c if c.gcn is None else c.with_gcn(c.gcn**0.5) for c in found]


def _amounts_first(spans: list[Candidate], later: bool) -> list[Candidate]:
    """Amounts with decimals before bare counts; of these later ones before earlier ones, or not."""
    ranked = spans[::-1] if later else spans[:]
    ranked.sort(key=lambda c: "." not in c.text and "," not in c.text)
    return ranked


def _following(segments: Sequence[Segment], scores: Scores) -> list[list[int]]:
    """Segments that may carry the label, parted where one does not follow the last closely."""
    found: list[list[int]] = []
    for index in np.flatnonzero(scores >= _WORTH_A_LOOK).tolist():
        last = found[-1] if found else None
        if last and len(last) < _MOST_LINES and _adjacent(segments[last[-1]], segments[index]):
            last.append(index)
        else:
            found.append([index])
    return found


def _adjacent(first: Segment, second: Segment) -> bool:
    if first.page != second.page:
        return False
    height = max(min(first.box.height, second.box.height), 1e-6)
    if first.box.shares_row(second.box):
        return second.box.left - first.box.right < 4 * height
    return second.box.top - first.box.bottom < 1.5 * height
