"""What a system gave for a sample, as rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from hybrid.extraction import Citation, Extraction, FieldResult
from hybrid.pipeline.base import Labelling
from hybrid.schema import LeafKind

from ..datasets.base import BACKGROUND, Sample
from ..hallucination.alignment import PageIndex, in_citation
from ..hallucination.numbers import strip_currency
from ..metrics.spans import spans_of_words
from ..records import fold
from ..tasks import Task
from .rows import NUMBERS, Asked, Place, item_row, plain_value, released_ids_of, value_columns

Row = dict[str, Any]


def label_rows(
    labelling: Labelling, sample: Sample, place: Place, system: str, spans: bool
) -> Iterator[Row]:
    """Rows of the task `label`: all segments that are not background, or entities of words."""
    if spans:
        for span in spans_of_words(sample.document, labelling.labels, sample.released_ids):
            known = [labelling.confidences[k] for k in span.places]
            yield item_row(
                place,
                "label",
                system=system,
                path=span.path,
                label=span.label,
                text=span.text,
                key=span.key,
                box=(span.page, span.box),
                confidence=min((c for c in known if c is not None), default=None),
            )
        return
    numbers = released_ids_of(sample)
    segments = sample.document.segments
    for segment, label, confidence in zip(
        segments, labelling.labels, labelling.confidences, strict=True
    ):
        if label != BACKGROUND:
            path = numbers[segment.id]
            yield item_row(
                place,
                "label",
                system=system,
                path=path,
                label=label,
                text=segment.text,
                key=path,
                box=(segment.page, segment.box),
                confidence=confidence,
            )


def extraction_rows(
    extraction: Extraction[Any],
    sample: Sample,
    place: Place,
    system: str,
    tasks: Sequence[Task],
    asked: Asked,
) -> list[Row]:
    """Rows of the tasks `field`, `link` and `structure`, from one extraction.

    Args:
        extraction: Of this very sample's document.
        sample: For its page text and the release's numbers.
        place: Of the document.
        system: As it was asked for.
        tasks: Those that are wanted.
        asked: The fields that were asked for.
    """
    names = {t.task for t in tasks}
    rows: list[Row] = []
    if asked.is_form:
        pairs = _pairs(extraction)
        if "field" in names:
            page = PageIndex(sample.document)
            rows += [_pair_row(p, q, a, page, place, system) for p, q, a in pairs]
        if "link" in names:
            rows += _link_rows(pairs, sample, place, system)
        return rows
    page = PageIndex(sample.document)
    for path, leaf in extraction.fields.items():
        if leaf.value is None or not leaf.text:
            continue
        row = _value_row(path, leaf, page, place, system, asked)
        if "field" in names and asked.only in (None, row["path"]):
            rows.append({**row, "task": "field"})
        if "structure" in names:
            rows.append({**row, "task": "structure"})
    return rows


def _value_row(
    path: str, leaf: FieldResult, page: PageIndex, place: Place, system: str, asked: Asked
) -> Row:
    schema_leaf = asked.schema.leaf_of(path)
    kind = schema_leaf.kind
    value = plain_value(leaf.value)
    text = leaf.text or ""
    return item_row(
        place,
        "field",
        system=system,
        path=asked.compared_path(path, schema_leaf),
        label=asked.compared_label(schema_leaf),
        text=strip_currency(text) if kind in NUMBERS else text,
        box=_box_of(leaf.citations),
        cited_text=_cited(leaf.citations),
        grounding=leaf.grounding.value,
        status=leaf.status.value,
        confidence=leaf.confidence.fused,
        on_page=page.holds(text, value, kind.value),
        in_citation=in_citation(_cited(leaf.citations), text, value, kind.value),
        **value_columns(text, value, kind),
    )


Pair = tuple[str, FieldResult, FieldResult]


def _pairs(extraction: Extraction[Any]) -> list[Pair]:
    """The pairs that have both a question and an answer, with their paths."""
    found: list[Pair] = []
    for path, question in extraction.fields.items():
        match = re.fullmatch(r"(pairs\[\d+\])\.question", path)
        answer = extraction.fields.get(f"{match[1]}.answer") if match else None
        if match and answer and question.text and answer.text:
            found.append((match[1], question, answer))
    return found


def _pair_row(
    path: str,
    question: FieldResult,
    answer: FieldResult,
    page: PageIndex,
    place: Place,
    system: str,
) -> Row:
    text = answer.text or ""
    kind = LeafKind.TEXT.value
    # A pair is one claim: it is invented as soon as either of its halves is.
    both = (question.confidence.fused, answer.confidence.fused)
    known = [c for c in both if c is not None]
    cited = _cited(answer.citations)
    return item_row(
        place,
        "field",
        system=system,
        path=path,
        label=fold(question.text or ""),
        text=text,
        box=_box_of(answer.citations),
        cited_text=cited,
        grounding=answer.grounding.value,
        status=answer.status.value,
        confidence=min(known) if known else None,
        on_page=page.holds(question.text, None, kind) and page.holds(text, None, kind),
        in_citation=in_citation(_cited(question.citations), question.text, None, kind)
        and in_citation(cited, text, None, kind),
        **value_columns(text, plain_value(answer.value), LeafKind.TEXT),
    )


def _link_rows(pairs: Sequence[Pair], sample: Sample, place: Place, system: str) -> Iterator[Row]:
    numbers = released_ids_of(sample)
    segment_of = {w.id: s for s in sample.document.segments for w in s.words}
    seen: set[str] = set()
    for _, question, answer in pairs:
        sources = _segments(question.citations, segment_of)
        for source in sources:
            for target in _segments(answer.citations, segment_of):
                path = f"{numbers[source.id]}->{numbers[target.id]}"
                if source.id == target.id or path in seen:
                    continue
                seen.add(path)
                yield item_row(
                    place,
                    "link",
                    system=system,
                    path=path,
                    label="link",
                    text=target.text,
                    key=path,
                    box=(target.page, target.box),
                    confidence=answer.confidence.fused,
                )


def _segments(citations: Sequence[Citation], segment_of: dict[int, Any]) -> list[Any]:
    found = {segment_of[w].id: segment_of[w] for c in citations for w in c.word_ids}
    return list(found.values())


def _box_of(citations: Sequence[Citation]) -> tuple[int, Any] | None:
    return (citations[0].page, citations[0].box) if citations else None


def _cited(citations: Sequence[Citation]) -> str | None:
    return "\n".join(c.text for c in citations) or None
