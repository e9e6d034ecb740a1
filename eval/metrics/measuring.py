"""Measures one system on one task of one dataset: which counts and which metrics each task has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..frames import Collect
from .anls import field_similarities
from .calibration import BINS, bin_of, expected_calibration_error
from .f1 import Floats, f1, macro_f1, precision, ratio, recall
from .hallucination import KINDS, answered_counts, fault_counts
from .matching import Matches, match
from .measures import OF_GOLD, Measures, Metric, Sums
from .tree_edit import tree_edit_accuracy
from .trees import PathError, tree_of

_COUNTS = ("true_positives", "predictions", "gold")
Parts = tuple[dict[str, Floats], dict[str, Metric]]


@dataclass(frozen=True)
class Setting:
    """How the rows of a task are to be scored.

    Attributes:
        task: "label", "field", "link" or "structure".
        open_labels: Labels are whatever the document has, so that a mean over them says nothing.
        removed: Each document asks for one field, which was taken out of it.
    """

    task: str
    open_labels: bool = False
    removed: bool = False


def measure(
    predictions: pl.DataFrame,
    gold: pl.DataFrame,
    documents: Iterable[str],
    setting: Setting,
    run: Collect,
) -> Measures:
    """Measures one system.

    Args:
        predictions: Its rows of `ITEM_SCHEMA`, of one dataset, split, condition and task.
        gold: The gold rows of the same.
        documents: Ids of the documents that the system was given, whether it gave anything for
            them or failed; rows of other documents must not be there.
        setting: How to score.
        run: Runs the queries.

    Returns:
        Its measures. Where nothing is to be found, those that need gold are left out.
    """
    ids = pl.DataFrame({"document_id": sorted(documents)}, schema={"document_id": pl.String})
    original = pl.col("document_id")
    if setting.removed:
        original = original.str.replace(r"#[^#]*$", "")
    clusters = ids.select(original.rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()
    matches = match(predictions, gold, "key", run)
    blocks, metrics = _items(ids, matches, setting)
    if setting.task == "field":
        parts = [
            _fields(ids, predictions, gold, run),
            _readable(ids, gold),
            _faults(ids, predictions, gold, setting, run),
        ]
    elif setting.task == "structure":
        parts = [_trees(ids, predictions, gold)]
    else:
        parts = []
    for more_blocks, more_metrics in parts:
        blocks |= more_blocks
        metrics |= more_metrics
    if not matches.gold.height:
        metrics = {name: m for name, m in metrics.items() if name not in OF_GOLD}
    has_confidences = setting.task in ("label", "field")
    sure = matches.predictions if has_confidences else matches.predictions.clear()
    confidence, correct, place = _confidences(ids, sure)
    blocks["bins"] = _bins(ids.height, confidence, correct, place)
    metrics["ece"] = lambda s: expected_calibration_error(s["bins"][..., :-1], s["bins"][..., -1])
    return Measures(
        documents=tuple(ids["document_id"]),
        clusters=clusters,
        blocks=blocks,
        metrics=metrics,
        confidences=(confidence, correct, clusters[place]),
    )


def columns(sums: Floats) -> list[Floats]:
    """The columns of sums of any shape, to be given to a function of counts."""
    return list(np.moveaxis(sums, -1, 0))


def _items(ids: pl.DataFrame, matches: Matches, setting: Setting) -> Parts:
    blocks = {"key": _block(ids, matches.counts(), _COUNTS)}
    metrics: dict[str, Metric] = {
        "f1_micro": lambda s: f1(*columns(s["key"])),
        "precision": lambda s: precision(*columns(s["key"])),
        "recall": lambda s: recall(*columns(s["key"])),
    }
    if not setting.open_labels:
        blocks["labels"] = _label_block(ids, matches)
        metrics["f1_macro"] = lambda s: macro_f1(*np.split(s["labels"], 3, axis=-1))
    return blocks, metrics


def _fields(
    ids: pl.DataFrame, predictions: pl.DataFrame, gold: pl.DataFrame, run: Collect
) -> Parts:
    exact = match(predictions, gold, "text", run).counts()
    typed = match(predictions, gold, "typed_key", run).counts()
    score = pl.col("similarity") / pl.col("places")
    near = field_similarities(predictions, gold, run).with_columns(score=score, counted=pl.lit(1))
    blocks = {
        "exact": _block(ids, exact, _COUNTS),
        "typed": _block(ids, typed, _COUNTS),
        "anls": _block(ids, near, ("score", "counted")),
    }
    return blocks, {
        "f1_exact": lambda s: f1(*columns(s["exact"])),
        "f1_typed": lambda s: f1(*columns(s["typed"])),
        "anls": lambda s: ratio(*columns(s["anls"])),
    }


def _readable(ids: pl.DataFrame, gold: pl.DataFrame) -> Parts:
    """Of the values to be found, those of which a form stands on the page; none where not known."""
    known = gold.drop_nulls("on_page")
    values = known.group_by("document_id", "path").agg(pl.col("on_page").any())
    counts = values.group_by("document_id").agg(pl.col("on_page").sum(), values=pl.len())
    metrics: dict[str, Metric] = {"readable_rate": lambda s: ratio(*columns(s["readable"]))}
    blocks = {"readable": _block(ids, counts, ("on_page", "values"))}
    return blocks, metrics if known.height else {}


def _faults(
    ids: pl.DataFrame,
    predictions: pl.DataFrame,
    gold: pl.DataFrame,
    setting: Setting,
    run: Collect,
) -> Parts:
    counts = fault_counts(predictions, gold, run)
    blocks = {"faults": _block(ids, counts, (*KINDS, "values"))}
    metrics: dict[str, Metric] = {
        f"{kind}_rate": partial(_fault_rate, place) for place, kind in enumerate(KINDS)
    }
    if setting.removed:
        blocks["answers"] = _block(ids, answered_counts(predictions, gold), ("answered", "asked"))
        metrics["absent_field_rate"] = lambda s: ratio(*columns(s["answers"]))
    return blocks, metrics


def _fault_rate(place: int, sums: Sums) -> Floats:
    return ratio(sums["faults"][..., place], sums["faults"][..., -1])


def _trees(ids: pl.DataFrame, predictions: pl.DataFrame, gold: pl.DataFrame) -> Parts:
    """The tree-edit accuracy of each document that has gold, and that it counts."""
    given, wanted = _tree_by_document(predictions), _tree_by_document(gold)
    rows = np.zeros((ids.height, 2))
    for place, document in enumerate(ids["document_id"]):
        accuracy = tree_edit_accuracy(given.get(document, {}), wanted.get(document, {}))
        if accuracy is not None:
            rows[place] = accuracy, 1
    return {"trees": rows}, {"tree_edit_accuracy": lambda s: ratio(*columns(s["trees"]))}


def _tree_by_document(rows: pl.DataFrame) -> dict[str, dict[str, Any]]:
    trees = {}
    for (document,), leaves in rows.drop_nulls("text").group_by(["document_id"]):
        try:
            trees[str(document)] = tree_of(leaves.select("path", "text").iter_rows())
        except PathError as error:
            raise PathError(f"document {document}: {error}") from error
    return trees


def _confidences(
    ids: pl.DataFrame, predictions: pl.DataFrame
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]:
    """Of the predictions that have one: confidence, whether it is right, place of the document."""
    rows = predictions.drop_nulls("confidence").join(
        ids.with_row_index("place"), on="document_id", maintain_order="left"
    )
    return (
        rows["confidence"].to_numpy(),
        rows["matched"].to_numpy(),
        rows["place"].cast(pl.Int64).to_numpy(),
    )


def _bins(
    documents: int, confidence: Floats, correct: NDArray[np.bool_], place: NDArray[np.int64]
) -> Floats:
    """For each document the gap of each of the 15 bins, and last the number of its values."""
    gaps = np.bincount(place * BINS + bin_of(confidence), correct - confidence, documents * BINS)
    values = np.bincount(place, minlength=documents)
    return np.hstack([gaps.reshape(documents, BINS), values[:, None]])


def _block(ids: pl.DataFrame, counts: pl.DataFrame, names: Sequence[str]) -> Floats:
    """One row a document, in the order of `ids`, with zeros for documents without counts."""
    joined = ids.join(counts, on="document_id", how="left", maintain_order="left")
    return joined.select(pl.col(names).fill_null(0).cast(pl.Float64)).to_numpy()


def _label_block(ids: pl.DataFrame, matches: Matches) -> Floats:
    """For each document the three counts of all labels, side by side."""
    counts = matches.counts(("document_id", "label"))
    rows = counts.join(ids.with_row_index("place"), on="document_id").with_columns(
        number=pl.col("label").rank("dense").cast(pl.Int64) - 1
    )
    labels = rows["label"].n_unique()
    block = np.zeros((3, ids.height, labels))
    for part, name in zip(block, _COUNTS, strict=True):
        part[rows["place"].to_numpy(), rows["number"].to_numpy()] = rows[name].to_numpy()
    return np.hstack(list(block))
