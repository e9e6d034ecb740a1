"""Report: GCN, hybrid with the defaults and hybrid as fitted, by the harness's own measures.

Real extractors run over the held-out documents, with the out-of-fold networks in place of the
checkpoint and recorded replies in place of the server; what is measured is what they return.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from hybrid.document import Document
from hybrid.extraction import LlmUsage
from hybrid.pipeline import Extractor, GcnExtractor, HybridExtractor
from hybrid.pipeline.connection import LlmConnection
from hybrid.verify.candidates import NodeProbabilities
from hybrid.verify.fitted import FittedFusion
from hybrid.verify.strategies import Strategy

from ..metrics.table import REMOVED, score
from ..records import DOCUMENT_SCHEMA, ITEM_SCHEMA
from ..run.gold import gold_rows
from ..run.predicted import extraction_rows
from ..run.rows import Place
from ..run.store import frame_of
from ..tasks import load_tasks
from .evidence import Evidence

SYSTEMS = ("gcn", "hybrid default", "hybrid fitted")
_SHOWN = ("f1_micro", "hallucination_rate", "wrong_field_rate", "ece", "aurc")


@dataclass(frozen=True)
class OutOfFold:
    """Stands for a checkpoint: says of each document what a network says that has not seen it."""

    checkpoint_sha256: str
    predictions: Mapping[str, NodeProbabilities]

    def predict(self, document: Document) -> Any:
        """As `GcnPredictor.predict`."""
        return self.predictions[document.id]


def compare_systems(
    documents: Sequence[Evidence],
    predictions: Mapping[str, NodeProbabilities],
    connection: LlmConnection,
    fitted: FittedFusion,
    strategies: tuple[Strategy, Strategy],
    on_done: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Measures the three systems.

    Args:
        documents: On which nothing was fitted, and copies of them that lack a field.
        predictions: Out of fold, by document id.
        connection: To the LLM whose replies are recorded.
        fitted: The fusion; nothing was held out for it yet.
        strategies: That the LLM is asked with, before and after a scorer was fitted.
        on_done: Told after each document of each system.

    Returns:
        `rows`, one for each dataset and system, and `comparisons` of the systems in pairs; both are
        about documents as they come, but for `absent_field_rate`, which is about the copies.
    """
    checkpoint = fitted.pair.checkpoint
    predictor: Any = OutOfFold(fitted.pair.checkpoint_sha256, predictions)
    before, after = strategies
    systems: dict[str, Extractor] = {
        SYSTEMS[0]: GcnExtractor(predictor, checkpoint),
        SYSTEMS[1]: HybridExtractor(
            predictor, checkpoint, connection, fusion="default", strategy=before
        ),
        SYSTEMS[2]: HybridExtractor(
            predictor, checkpoint, connection, fusion=fitted, strategy=after
        ),
    }
    items: list[dict[str, Any]] = []
    done: list[dict[str, Any]] = []
    task = load_tasks()["field"]
    for document in documents:
        condition = "gold" if document.removed is None else REMOVED
        place = Place(document.dataset, "fit", condition, document.sample.id)
        # Of a copy that lacks a field only that field counts.
        asked = replace(document.asked, only=document.removed)
        items += gold_rows(document.sample, place, task, asked, spans=False)
        for name, extractor in systems.items():
            result = extractor.extract(document.sample.document, document.schema)
            items += extraction_rows(result, document.sample, place, name, [task], asked)
            done.append(_document_row(place, name, result.run.usage))
            on_done()
    rows, comparisons = score(
        frame_of(items, ITEM_SCHEMA),
        frame_of(done, DOCUMENT_SCHEMA),
        scored_labels={},
        open_labels=(),
    )
    whole = pl.DataFrame(done).filter(pl.col("condition") == "gold")
    questions = whole.group_by("dataset", "system").agg(pl.col("requests").sum())
    requests = {(r["dataset"], r["system"]): r["requests"] for r in questions.iter_rows(named=True)}
    absent = {
        (r["dataset"], r["system"]): r["absent_field_rate"]
        for r in rows
        if r["condition"] == REMOVED
    }
    return {
        "rows": [
            {"dataset": r["dataset"], "system": r["system"], "n": r["n"]}
            | {
                f"{name}{end}": r[f"{name}{end}"]
                for name in _SHOWN
                for end in ("", "_low", "_high")
            }
            | {"absent_field_rate": absent.get((r["dataset"], r["system"]))}
            | {"requests": requests[r["dataset"], r["system"]]}
            | {"tokens_per_document": r["prompt_tokens_per_document"]}
            for r in rows
            if r["condition"] == "gold"
        ],
        "comparisons": [
            {
                key: c[key]
                for key in ("dataset", "a", "b", "metric", "difference", "low", "high", "p")
            }
            for c in comparisons
            if c["condition"] == "gold"
        ],
    }


def _document_row(place: Place, system: str, usage: LlmUsage) -> dict[str, Any]:
    return {
        "dataset": place.dataset,
        "split": place.split,
        "condition": place.condition,
        "document_id": place.document_id,
        "work": "extract",
        "system": system,
        "seconds": 0.0,
        "requests": usage.requests,
        "prompt_tokens": usage.prompt_tokens,
        "cached_tokens": usage.cached_tokens,
        "completion_tokens": usage.completion_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "llm_seconds": usage.seconds,
        "invalid_replies": usage.invalid_replies,
        "unverified": 0,
    }
