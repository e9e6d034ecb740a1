"""Counterfactual documents: how often each system still answers, and what was done to the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from markupsafe import Markup

from .charts import interval
from .data import Group, ReportData, Row
from .documents import pictures_folder
from .drawing import PLACE, Box, DrawnPage, box_of, draw_pages, segments_of
from .headline import value_with_interval
from .marks import Mark

_MOST_DRAWN = 3
_MOST_PAGES = 2
MEANINGS = {
    "remove-field": "Every box with the value of one field is removed and that field is asked for: any answer is invented.",
    "replace-field": "One value is replaced by another plausible one: F1 says whether the answer follows the page.",
    "mix-pages": "Pages of another document are mixed in.",
    "planted-instruction": "The text holds instructions to the reader: F1 says whether they are followed.",
    "ocr-noise": "Characters are changed at the given rate.",
}


@dataclass(frozen=True)
class AnswerLine:
    """How one system fares: the rate at which it answers although the field is absent, and F1."""

    mark: Mark
    row: Row
    chart: Markup
    answers: str
    f1: str
    hallucination: str


@dataclass(frozen=True)
class AlteredDocument:
    """A document with what was removed, changed or added drawn into it.

    Attributes:
        document_id: Of the counterfactual document.
        pages: Drawn; with the original's text where the run has it.
        counts: How many boxes were removed, changed and added.
        answers: What each system gave for the field that was asked, and its mark.
        compared: Whether the original is in the run, so that all changes are seen.
    """

    document_id: str
    pages: list[DrawnPage]
    counts: dict[str, int]
    answers: list[tuple[Mark, str | None]]
    compared: bool


@dataclass(frozen=True)
class CounterfactualTable:
    """One dataset and counterfactual condition."""

    group: Group
    meaning: str
    lines: list[AnswerLine]
    documents: list[AlteredDocument]


def counterfactual_tables(data: ReportData, marks: Mapping[str, Mark]) -> list[CounterfactualTable]:
    """A table for each group whose condition has a "+"."""
    return [
        CounterfactualTable(
            group=group,
            meaning=MEANINGS.get(group[2].partition("+")[2].partition("=")[0], ""),
            lines=[_answer_line(row, marks[row["system"]]) for row in rows],
            documents=_altered(data, group, [marks[row["system"]] for row in rows]),
        )
        for group, rows in data.groups(counterfactual=True).items()
    ]


def _answer_line(row: Row, mark: Mark) -> AnswerLine:
    answers = value_with_interval(row, "absent_field_rate")
    low, high = row.get("absent_field_rate_low"), row.get("absent_field_rate_high")
    return AnswerLine(
        mark=mark,
        row=row,
        chart=interval(
            mark, row.get("absent_field_rate"), low, high, f"{mark.system} still answers: {answers}"
        ),
        answers=answers,
        f1=value_with_interval(row, "f1_micro"),
        hallucination=value_with_interval(row, "hallucination_rate"),
    )


def _altered(data: ReportData, group: Group, systems: list[Mark]) -> list[AlteredDocument]:
    """The first documents in which something is seen to have changed."""
    found = []
    items = data.items(group)
    for document_id in items["document_id"].unique(maintain_order=True):
        document = _altered_document(data, group, document_id, systems)
        if document is not None:
            found.append(document)
        if len(found) == _MOST_DRAWN:
            break
    return found


def _altered_document(
    data: ReportData, group: Group, document_id: str, systems: list[Mark]
) -> AlteredDocument | None:
    dataset, split, condition, _ = group
    altered = segments_of(data, dataset, split, condition, document_id)
    original = _original(data, group, document_id)
    items = data.items(group).filter(pl.col("document_id") == document_id)
    if original is None:
        # The gold row of a removed field may still say where the field was.
        removed = items.filter((pl.col("origin") == "gold") & pl.col("text").is_null())
        boxes = [
            (r["page"], box_of(r, "removed", f"removed {r['label']}"))
            for r in removed.iter_rows(named=True)
        ]
    else:
        boxes = changes(original, altered)
    by_page: dict[int, list[Box]] = {}
    for page, box in boxes:
        if page is not None and box is not None:
            by_page.setdefault(page, []).append(box)
    if not by_page or altered.height + (0 if original is None else original.height) == 0:
        return None
    drawn = [box for of_page in by_page.values() for box in of_page]
    return AlteredDocument(
        document_id=document_id,
        pages=draw_pages(
            # Under a removed box stands what was removed; under an added one, what was added.
            original
            if original is not None and not any(b.css == "added" for b in drawn)
            else altered,
            by_page,
            pictures_folder(data),
            _MOST_PAGES,
        ),
        counts={
            css: n
            for css in ("removed", "changed", "added")
            if (n := sum(b.css == css for b in drawn))
        },
        answers=[(mark, _answer(items, mark.system)) for mark in systems],
        compared=original is not None,
    )


def _original(data: ReportData, group: Group, document_id: str) -> pl.DataFrame | None:
    """The same document under the same condition without the counterfactual, if the run has it."""
    dataset, split, condition, _ = group
    clean = condition.partition("+")[0]
    for name in (document_id, document_id.rpartition("#")[0]):
        found = segments_of(data, dataset, split, clean, name)
        if found.height:
            return found
    return None


def _answer(items: pl.DataFrame, system: str) -> str | None:
    given = items.filter((pl.col("origin") == "prediction") & (pl.col("system") == system))["text"]
    return "; ".join(given.drop_nulls()) if given.len() else None


def changes(original: pl.DataFrame, altered: pl.DataFrame) -> list[tuple[int, Box | None]]:
    """Boxes that were removed, whose text was changed, or that were added, with their pages.

    A box is the same when page and coordinates are equal; segments of a page without text are none.
    """
    place = ["page", *PLACE]
    before = original.filter(pl.col("segment_id").is_not_null()).select(*place, "text")
    after = altered.filter(pl.col("segment_id").is_not_null()).select(*place, "text")
    both = before.join(
        after, on=place, how="full", suffix="_after", coalesce=True, maintain_order="left_right"
    )
    found = []
    for row in both.iter_rows(named=True):
        old, new = row["text"], row["text_after"]
        if old == new:
            continue
        if new is None:
            found.append((row["page"], box_of(row, "removed", f"removed: {old}")))
        elif old is None:
            found.append((row["page"], box_of(row, "added", f"added: {new}")))
        else:
            found.append((row["page"], box_of(row, "changed", f"changed: {old} → {new}")))
    return found
