"""ANLS*: how near the predicted texts of a document are to the gold, letter by letter.

Source: Peer et al., ANLS* - A Universal Document Processing Metric for Generative Large Language
Models, 2024 (arXiv 2402.03848), which generalises ANLS (Biten et al., ICCV 2019) to nested results.

Two texts have the similarity `1 - Levenshtein distance / length of the longer one`, and 0 where
that is below one half; case and runs of blanks have no say. A score is the sum of the similarities
over the number of places: of leaves on both sides together, where what is paired counts once, so
that what is missing and what is too much both cost.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import polars as pl
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cpdist

from ..frames import Collect, collect
from .assignment import best_pairs
from .matching import DOCUMENT

THRESHOLD = 0.5


def text_similarity(gold: str, predicted: str) -> float:
    """Similarity of two texts, 0 below one half; 1 for two empty ones."""
    return Levenshtein.normalized_similarity(
        _plain(gold), _plain(predicted), score_cutoff=THRESHOLD
    )


def anls_star(gold: Any, predicted: Any) -> float:
    """The score of one nested document.

    Args:
        gold: Texts, None for what is absent, dictionaries, lists (in any order), and tuples of
            alternatives, any one of which is right.
        predicted: The same without tuples.

    Returns:
        0 to 1. A text for what is absent, or none for what is there, scores 0; what is empty on
        both sides scores 1.
    """
    total, places = _score(gold, predicted)
    return total / places if places else 1.0


def _score(gold: Any, predicted: Any) -> tuple[float, int]:
    """The sum of the similarities, and the number of places."""
    if isinstance(gold, tuple):
        scores = [_score(form, predicted) for form in gold]
        return max(scores, key=_mean)
    if isinstance(gold, dict) and isinstance(predicted, dict):
        parts = [_score(value, predicted.get(name)) for name, value in gold.items()]
        # A name that the gold lacks costs its places, and one where nothing stands there.
        parts += [(0.0, max(_places(v), 1)) for k, v in predicted.items() if k not in gold]
        return sum(total for total, _ in parts), sum(places for _, places in parts)
    if isinstance(gold, list) and isinstance(predicted, list):
        return _list_score(gold, predicted)
    places = max(_places(gold), _places(predicted))
    if gold is None:
        return float(_is_nothing(predicted)), places
    if isinstance(gold, str) and isinstance(predicted, str):
        return text_similarity(gold, predicted), places
    return 0.0, places


def _list_score(gold: list[Any], predicted: list[Any]) -> tuple[float, int]:
    scores = [[_score(a, b) for b in predicted] for a in gold]
    pairs = best_pairs([[_mean(score) for score in row] for row in scores])
    total = sum(scores[a][b][0] for a, b in pairs)
    places = sum(scores[a][b][1] for a, b in pairs)
    left_gold = set(range(len(gold))) - {a for a, _ in pairs}
    left_predicted = set(range(len(predicted))) - {b for _, b in pairs}
    places += sum(_places(gold[a]) for a in left_gold)
    return total, places + sum(_places(predicted[b]) for b in left_predicted)


def _mean(score: tuple[float, int]) -> float:
    total, places = score
    return total / places if places else 1.0


def _places(tree: Any) -> int:
    if isinstance(tree, dict):
        return sum(map(_places, tree.values()))
    if isinstance(tree, list):
        return sum(map(_places, tree))
    if isinstance(tree, tuple):
        return max(map(_places, tree))
    return 1


def _is_nothing(tree: Any) -> bool:
    return tree is None or tree in ({}, [], "")


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def field_similarities(
    predictions: pl.DataFrame, gold: pl.DataFrame, run: Collect | None = None
) -> pl.DataFrame:
    """ANLS* of each document's fields, where each label is a list of values in any order.

    Args:
        predictions: Predicted rows of `ITEM_SCHEMA` of one system, one dataset, split and
            condition, task `field`.
        gold: Gold rows of the same; those of one document and path are alternatives, those with a null text
            are nothing.
        run: Runs the queries; by default `collect`.

    Returns:
        `document_id`, `similarity` (the sum) and `places`; documents with neither predictions nor
        gold are not in it. `similarity / places` is the score of the document, and the score of a
        dataset is the mean over its documents.
    """
    run = run or partial(collect, engine="auto")
    group = [*DOCUMENT, "label"]
    plain = pl.col("text").str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
    given = predictions.lazy().select(*group, plain.alias("given"), row=pl.int_range(pl.len()))
    wanted = (
        gold.lazy()
        .filter(pl.col("text").is_not_null())
        .select(*group, plain.alias("wanted"), item="path")
    )
    places = run(
        given.group_by(group)
        .agg(given=pl.len())
        .join(
            wanted.group_by(group).agg(wanted=pl.col("item").n_unique()),
            on=group,
            how="full",
            coalesce=True,
        )
        .group_by("document_id")
        .agg(places=pl.max_horizontal("given", "wanted").sum().cast(pl.Int64))
    )
    pairs = run(given.join(wanted.unique(), on=group))
    near = cpdist(
        pairs["wanted"].to_list(),
        pairs["given"].to_list(),
        scorer=Levenshtein.normalized_similarity,
        score_cutoff=THRESHOLD,
        dtype=np.float64,
    )
    best = run(
        pairs.lazy()
        .with_columns(pl.Series("similarity", near))
        .filter(pl.col("similarity") > 0)
        .group_by("document_id", "label", "row", "item")
        .agg(pl.col("similarity").max())
    )
    totals = run(_paired(best).lazy().group_by("document_id").agg(pl.col("similarity").sum()))
    return (
        places.join(totals, on="document_id", how="left")
        .select("document_id", pl.col("similarity").fill_null(0.0), "places")
        .sort("document_id")
    )


def _paired(edges: pl.DataFrame) -> pl.DataFrame:
    """The similarities that count, when each row and each item is paired at most once."""
    group = ["document_id", "label"]
    alone = (pl.len().over("row") == 1) & (pl.len().over([*group, "item"]) == 1)
    edges = edges.with_columns(alone=alone)
    number = pl.col("row", "item").rank("dense").over(group).cast(pl.Int64) - 1
    several = edges.filter(~pl.col("alone")).select(*group, number, "similarity").sort(group)
    row, item, near = (several[c].to_numpy() for c in ("row", "item", "similarity"))
    lengths = several.group_by(group, maintain_order=True).len()
    totals, start = [], 0
    for length in lengths["len"]:
        cells = slice(start, start + length)
        start += length
        matrix = np.zeros((row[cells].max() + 1, item[cells].max() + 1))
        matrix[row[cells], item[cells]] = near[cells]
        totals.append(sum(matrix[pair] for pair in best_pairs(matrix)))
    paired = lengths.select("document_id", similarity=pl.Series(totals, dtype=pl.Float64))
    return pl.concat([edges.filter("alone").select("document_id", "similarity"), paired])
