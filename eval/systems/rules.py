"""The `regex` baseline: types, printed keys and places on the page; no training, no model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid.document import Document, Segment
from hybrid.extraction import FieldResult, RunInfo, Status
from hybrid.pipeline.base import Extractor, Labelling, Mode, label_run, run_info
from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.dates import find_dates, find_times
from hybrid.verify.keys.keyed_values import key_candidates
from hybrid.verify.keys.places import beside
from hybrid.verify.keys.printed_keys import KeyedPages
from hybrid.verify.values import find_numbers

from ..datasets.reading_order import rows_of

_BELIEF = 0.5
"""Confidence of every value: rules have none of their own."""
_TOTAL = re.compile(r"total|amount due|jumlah|summe|due", re.IGNORECASE)
_SUBTOTAL = re.compile(r"sub\W*total", re.IGNORECASE)
_NAME = re.compile(r"company|shop|store|seller|merchant", re.IGNORECASE)
_QUESTION = re.compile(r"[:：?？]\s*$")


@dataclass(frozen=True)
class _NoPredictions:
    """What `key_candidates` is told where no model has looked."""

    labels: tuple[str, ...]
    probabilities: NDArray[np.floating[Any]]
    links: None = None


class RegexExtractor(Extractor):
    """Fills typed fields with the first text of their type, others by the keys beside them."""

    system = "regex"
    mode: Mode = "strict"

    def identity(self) -> dict[str, Any]:
        """It depends on nothing but its code."""
        return {}

    def extract_fields(
        self, document: Document, schema: FieldSchema
    ) -> tuple[dict[str, FieldResult], RunInfo]:
        """Flat fields by type and key; pairs of a form by colons; items by rows with an amount."""
        leaves: dict[str, FieldResult] = {}
        pages = KeyedPages.of(document, schema)
        for leaf in schema.leaves:
            if leaf.list_path is None:
                leaves[leaf.path] = _as_result(_flat(document, pages, leaf))
        for path in dict.fromkeys(x.list_path for x in schema.leaves if x.list_path):
            members = [x for x in schema.leaves if x.list_path == path]
            for number, item in enumerate(_items(document, members)):
                for leaf, candidate in item.items():
                    leaves[leaf.path.replace("[]", f"[{number}]", 1)] = _as_result(candidate)
        return leaves, run_info(self, schema, {})

    def label(
        self, document: Document, labels: Sequence[str], aliases: Mapping[str, str] | None = None
    ) -> Labelling:
        """Labels whose names say of which type they are: questions, answers, dates, amounts, shops."""
        chosen = [labels[0]] * len(document.segments)
        for index, segment in enumerate(document.segments):
            for name in labels[1:]:
                if _fits(name, document.segments, index, segment):
                    chosen[index] = name
                    break
        return Labelling(tuple(chosen), (None,) * len(chosen), label_run(self, document, {}))


def _as_result(candidate: Candidate | None) -> FieldResult:
    if candidate is None:
        return FieldResult(reason="no rule finds this field")
    return candidate.result(Status.ACCEPTED, _BELIEF)


def _flat(document: Document, pages: KeyedPages, leaf: Leaf) -> Candidate | None:
    segments = document.segments
    none = _NoPredictions(("other",), np.zeros((len(segments), 1)))
    keyed = key_candidates(pages, leaf, none)
    if keyed:
        return max(keyed, key=lambda c: c.gcn or 0.0)
    if leaf.kind in (LeafKind.DATE, LeafKind.DATETIME, LeafKind.TIME):
        found = (c for s in segments for c in read_candidates([s], leaf, None))
        return next(found, None)
    if (
        leaf.kind is LeafKind.NUMBER
        and _TOTAL.search(leaf.name)
        and not _SUBTOTAL.search(leaf.name)
    ):
        amounts = [c for s in segments for c in read_candidates([s], leaf, None)]
        printed = [c for c in amounts if re.search(r"[.,]\d", c.text)]
        return max(printed, key=lambda c: c.value, default=None)
    if leaf.kind is LeafKind.TEXT and _NAME.search(f"{leaf.name} {leaf.description}"):
        return next((c for s in segments for c in read_candidates([s], leaf, None)), None)
    return None


def _items(document: Document, leaves: Sequence[Leaf]) -> Iterator[dict[Leaf, Candidate]]:
    """Pairs where all leaves are texts, else rows of a text and an amount."""
    segments = document.segments
    if all(leaf.kind is LeafKind.TEXT for leaf in leaves):
        if len(leaves) == 2:
            yield from _pairs(segments, leaves)
        return
    name = next((x for x in leaves if x.kind is LeafKind.TEXT), None)
    price = next((x for x in reversed(leaves) if x.kind is LeafKind.NUMBER), None)
    for row in rows_of([s.box for s in segments]):
        parts = [segments[k] for k in row]
        if _TOTAL.search(" ".join(s.text for s in parts)):
            return  # what follows the totals is no item
        item: dict[Leaf, Candidate] = {}
        if price is not None and (amounts := read_candidates(parts[-1:], price, None)):
            item[price] = amounts[-1]
        if name is not None and item and (texts := read_candidates(parts[:1], name, None)):
            item[name] = texts[0]
        if item:
            yield item


def _pairs(segments: Sequence[Segment], leaves: Sequence[Leaf]) -> Iterator[dict[Leaf, Candidate]]:
    question, answer = leaves
    for index, segment in enumerate(segments):
        if not _QUESTION.search(segment.text):
            continue
        item: dict[Leaf, Candidate] = {}
        if asked := read_candidates([segment], question, None):
            item[question] = asked[0]
        for other, _ in beside(tuple(segments), index)[:1]:
            given = read_candidates([segments[other]], answer, None)
            if given and not _QUESTION.search(segments[other].text):
                item[answer] = given[0]
        if item:
            yield item


def _fits(name: str, segments: Sequence[Segment], index: int, segment: Segment) -> bool:
    folded = name.casefold()
    if folded.endswith("_key"):
        return False
    for part, rule in _RULES:
        if part in folded:
            return rule(segments, index, segment)
    return False


def _is_answer(segments: Sequence[Segment], index: int, segment: Segment) -> bool:
    if _QUESTION.search(segment.text):
        return False
    row = [s for s in segments if s.page == segment.page and s.box.right <= segment.box.left]
    row = [s for s in row if s.box.shares_row(segment.box)]
    return bool(row) and bool(_QUESTION.search(max(row, key=lambda s: s.box.right).text))


def _is_amount(segments: Sequence[Segment], index: int, segment: Segment) -> bool:
    return any(re.search(r"[.,]\d", segment.text[s:e]) for s, e, _ in find_numbers(segment.text))


def _is_total(segments: Sequence[Segment], index: int, segment: Segment) -> bool:
    if not _is_amount(segments, index, segment):
        return False
    row = [s for s in segments if s.box.shares_row(segment.box)]
    text = " ".join(s.text for s in row if s.page == segment.page)
    return bool(_TOTAL.search(text)) and not _SUBTOTAL.search(text)


_RULES: tuple[tuple[str, Callable[[Sequence[Segment], int, Segment], bool]], ...] = (
    ("question", lambda _, __, segment: bool(_QUESTION.search(segment.text))),
    ("answer", _is_answer),
    ("date", lambda _, __, segment: any(True for _ in find_dates(segment.text))),
    ("time", lambda _, __, segment: any(True for _ in find_times(segment.text))),
    ("company", lambda _, index, __: index == 0),
    ("store_name", lambda _, index, __: index == 0),
    ("sub", lambda _, __, ___: False),
    ("total", _is_total),
    ("price", _is_amount),
)
"""Part of a label's name to when a segment has it; the first part that fits decides."""
