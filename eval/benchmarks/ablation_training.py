"""One training of an ablation: the loop of `hybrid train`, without a checkpoint."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from hybrid.gcn.calibration import calibrate, outcomes
from hybrid.gcn.graph_stage import (
    Example,
    GraphStage,
    is_settled,
    mean_f1,
    out_of_patience,
    predict_logits,
    scores_by_dataset,
)
from hybrid.gcn.labelled import BACKGROUND, UNKNOWN, project
from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.pretraining import pretrain
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.registry import build_network, find_recipe
from hybrid.gcn.scores import expected_calibration_error
from hybrid.gcn.state import copy_of, seeded
from hybrid.gcn.training import TrainingSettings

from ..metrics.calibration import area_under_risk_coverage
from .ablation_data import FoldTensors

Counts = tuple[int, int, int]
"""Of a document: entities found rightly, entities predicted, entities there."""


@dataclass(frozen=True)
class Trained:
    """What came of one training.

    Attributes:
        counts: Of each scored document that has text, in the fold's order.
        early_f1: Micro F1 on the early-stopping documents, at the epoch that was kept.
        best_epoch: That epoch, from 1.
        parameters: Of the network, without the text encoder.
        seconds: Without the text encoder.
        ece: Expected calibration error over the scored segments, at the temperature that fits the
            early-stopping documents; None where the row gives no probabilities.
        aurc: Area under their risk-coverage curve; None as before.
    """

    counts: list[Counts]
    early_f1: float
    best_epoch: int
    parameters: int
    seconds: float
    ece: float | None = None
    aurc: float | None = None


def train_recipe(
    data: FoldTensors,
    recipe: RecipeConfig,
    settings: TrainingSettings,
    show: Callable[[float], None],
) -> Trained:
    """Trains a recipe's network on a fold, by `settings.seed`, and scores the fold's test part.

    Args:
        data: The fold.
        recipe: Which network.
        settings: Of the graph stage.
        show: Told the share that is done, 0 to 1.

    Raises:
        ModelError: If there is no such recipe.
    """
    started = time.perf_counter()
    found, seed = find_recipe(recipe.name), settings.seed
    parts = data.parts(found)
    config = GraphModelConfig(
        text_width=data.text[0].shape[1],
        node_features=len(found.feature_names),
        edge_features=len(found.graph.columns),
        labels=len(data.labels),
        hidden=settings.hidden,
        layers=settings.layers,
    )
    with seeded(seed, "model"):
        model = build_network(config, recipe)
    stage = GraphStage(
        model, parts.train, parts.copies, settings.graph_epochs, settings.graph_learning_rate
    )
    with seeded(seed, "pretraining") as own:
        pretrain(model, parts.train, settings.graph_learning_rate, own)
    best, best_epoch, state = -1.0, 0, copy_of(model)
    for number in range(settings.graph_epochs):
        if out_of_patience(number, best_epoch, settings.graph_epochs, settings.patience):
            break
        with seeded(seed, "graph", number) as own:
            for share, _ in stage.epoch(number, own):
                show((number + share) / settings.graph_epochs)
        early = scores_by_dataset(parts.early, predict_logits(model, parts.early), data.labels)
        score = mean_f1(early)
        if is_settled(number, settings.graph_epochs) and score > best:
            best, best_epoch, state = score, number + 1, copy_of(model)
    model.load_state_dict(state)
    logits = predict_logits(model, parts.test)
    temperature = calibrate(model, parts.early, data.labels).temperature
    confidence, correct = outcomes(parts.test, logits, data.labels, temperature)
    return Trained(
        counts=[count(e, rows, data.labels) for e, rows in zip(parts.test, logits, strict=True)],
        early_f1=best,
        best_epoch=best_epoch,
        parameters=sum(p.numel() for p in model.parameters()),
        seconds=time.perf_counter() - started,
        ece=expected_calibration_error(confidence, correct),
        aurc=area_under_risk_coverage(confidence.numpy(), correct.numpy()),
    )


def count(example: Example, logits: Tensor, labels: Sequence[str]) -> Counts:
    """A document's counts, as `hybrid.gcn.scores` pools them under "micro"."""
    d = example.labelled
    best = project(logits.softmax(dim=1), d.known_labels, labels).argmax(dim=1).tolist()
    return count_labels(d.labels, [labels[k] for k in best])


def count_labels(gold: Sequence[str], predicted: Sequence[str]) -> Counts:
    """Counts of one document; segments whose gold label is not known are left out."""
    pairs = [(g, p) for g, p in zip(gold, predicted, strict=True) if g != UNKNOWN]
    return (
        sum(g == p != BACKGROUND for g, p in pairs),
        sum(p != BACKGROUND for _, p in pairs),
        sum(g != BACKGROUND for g, _ in pairs),
    )
