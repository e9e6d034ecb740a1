"""The worst documents, drawn with what is gold and what was predicted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from .data import Group, ReportData
from .drawing import Box, DrawnPage, box_of, draw_pages, segments_of
from .judge import document_scores, judged
from .marks import Mark

MOST_DOCUMENTS = 8
_MOST_PAGES = 3
_MOST_VALUES = 40


@dataclass(frozen=True)
class ValueLine:
    """A gold value beside what was predicted for its label.

    Attributes:
        label: What was asked for.
        gold: Its texts, alternatives one after the other; empty where there is nothing to find.
        predicted: The prediction's text, or None.
        verdict: "right", "wrong", "missed", "not in the gold", "left out rightly" and the like.
    """

    label: str
    gold: tuple[str, ...]
    predicted: str | None
    verdict: str


@dataclass(frozen=True)
class DocumentView:
    """One document as one system read it.

    Attributes:
        group: Dataset, split, condition and task.
        document_id: In the dataset.
        mark: Of the system.
        f1: Of this document alone.
        pages: Those with boxes.
        values: Gold and predictions.
        more: How many further lines are not shown.
    """

    group: Group
    document_id: str
    mark: Mark
    f1: float
    pages: list[DrawnPage]
    values: list[ValueLine]
    more: int


def worst_documents(data: ReportData, marks: Mapping[str, Mark]) -> list[DocumentView]:
    """Up to eight documents with the lowest F1, each once, the systems taking turns.

    Only documents to which a system gave something, under clean conditions: those with nothing
    would be all that a reader sees of a baseline that gives nothing.
    """
    clean = data.predictions.filter(
        ~pl.col("condition").str.contains("+", literal=True) & (pl.col("task") != "link")
    )
    scores = document_scores(clean).sort(
        "f1", "gold", "dataset", "document_id", descending=[False, True, False, False]
    )
    turns = scores.with_columns(
        pl.int_range(pl.len()).over("system").alias("turn"),
        # Values say more about a document than the labels of its segments.
        (pl.col("task") == "label").alias("labels"),
    ).sort("labels", "turn", maintain_order=True)
    worst = (
        turns.filter(pl.col("f1") < 1)
        .unique(["dataset", "document_id"], keep="first", maintain_order=True)
        .head(MOST_DOCUMENTS)
    )
    return [
        document_view(
            data,
            (row["dataset"], row["split"], row["condition"], row["task"]),
            row["document_id"],
            marks[row["system"]],
            row["f1"],
        )
        for row in worst.sort("f1", maintain_order=True).iter_rows(named=True)
        if row["system"] in marks
    ]


def document_view(
    data: ReportData, group: Group, document_id: str, mark: Mark, f1: float
) -> DocumentView:
    """One document with the gold and one system's predictions drawn and listed."""
    of_system = (pl.col("system") == mark.system) | (pl.col("origin") == "gold")
    items = data.items(group).filter((pl.col("document_id") == document_id) & of_system)
    predictions = judged(items)
    gold = items.filter(pl.col("origin") == "gold")
    boxes: dict[int, list[Box]] = {}
    for row in gold.iter_rows(named=True):
        _add(boxes, row["page"], box_of(row, "gold", f"gold {row['label']}: {row['text']}"))
    for row in predictions.iter_rows(named=True):
        css = "right" if row["matched"] else "wrong"
        title = f"{mark.system}, {css}: {row['label']}: {row['text']}"
        _add(boxes, row["page"], box_of(row, css, title))
    dataset, split, condition, _ = group
    segments = segments_of(data, dataset, split, condition, document_id)
    values = value_lines(gold, predictions)
    return DocumentView(
        group=group,
        document_id=document_id,
        mark=mark,
        f1=f1,
        pages=draw_pages(segments, boxes, pictures_folder(data), _MOST_PAGES),
        values=values[:_MOST_VALUES],
        more=max(len(values) - _MOST_VALUES, 0),
    )


def pictures_folder(data: ReportData) -> Path | None:
    """The folder to which pictures' paths are relative; None unless the run allows pictures."""
    return data.folder if data.run.get("pictures") is True else None


def value_lines(gold: pl.DataFrame, predictions: pl.DataFrame) -> list[ValueLine]:
    """Gold items and predictions side by side: right ones first joined, then by label in order.

    Args:
        gold: Gold rows of one document and task.
        predictions: Of one system, with the column `matched`.

    Returns:
        Lines in the order of the gold; predictions of labels without gold at the end.
    """
    items: dict[str, list[dict[str, str | None]]] = {}
    for row in gold.select("path", "label", "text", "key").iter_rows(named=True):
        items.setdefault(row["path"], []).append(row)
    waiting = predictions.select("label", "text", "key", "matched").to_dicts()
    lines: list[ValueLine | None] = []
    open_places: list[tuple[int, str, tuple[str, ...], bool]] = []
    for alternatives in items.values():
        label = str(alternatives[0]["label"])
        texts = tuple(str(row["text"]) for row in alternatives if row["text"] is not None)
        keys = {row["key"] for row in alternatives if row["text"] is not None}
        hit = next(
            (p for p in waiting if p["matched"] and p["label"] == label and p["key"] in keys), None
        )
        if hit is not None:
            waiting.remove(hit)
            lines.append(ValueLine(label, texts, hit["text"], "right"))
        else:
            open_places.append((len(lines), label, texts, bool(texts)))
            lines.append(None)
    for place, label, texts, present in open_places:
        other = next((p for p in waiting if not p["matched"] and p["label"] == label), None)
        if other is not None:
            waiting.remove(other)
            verdict = "wrong" if present else "absent field"
            lines[place] = ValueLine(label, texts, other["text"], verdict)
        else:
            verdict = "missed" if present else "rightly none"
            lines[place] = ValueLine(label, texts, None, verdict)
    rest = [ValueLine(str(p["label"]), (), p["text"], "not in the gold") for p in waiting]
    return [line for line in lines if line is not None] + rest


def _add(boxes: dict[int, list[Box]], page: int | None, box: Box | None) -> None:
    if page is not None and box is not None:
        boxes.setdefault(page, []).append(box)
