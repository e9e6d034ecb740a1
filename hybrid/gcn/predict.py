"""Calibrated label probabilities for the segments of a document."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from hybrid.document import Document
from hybrid.gcn.checkpoint import Checkpoint, CheckpointConfig, load_checkpoint
from hybrid.gcn.context import text_vectors
from hybrid.gcn.pairing import Links, find_links
from hybrid.gcn.recipes.registry import find_recipe

_FEW_NODES = 800


@contextmanager
def _threads_for(nodes: int) -> Iterator[None]:
    """One thread for the graph network of a page, whose operations are too small to share.

    With three networks 50 nodes take 10 ms on one thread and 26 on two, 800 take 135 on either.
    """
    threads = torch.get_num_threads()
    if nodes < _FEW_NODES:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True)
class NodePredictions:
    """What the GCN says of a document.

    Attributes:
        labels: Names of the columns; the first is the background.
        probabilities: `[n, labels]` float64, calibrated, rows sum to 1; row k is for the k-th of
            `document.segments`.
        seconds: Time by stage, "graph" and "gcn" (text encoder, classifier and links).
        links: Between the nodes that are most likely questions and answers; None where the
            checkpoint has learned none.
    """

    labels: tuple[str, ...]
    probabilities: NDArray[np.float64]
    seconds: dict[str, float]
    links: Links | None = None


class GcnPredictor:
    """A checkpoint ready for inference; may be used from several threads."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._recipe = find_recipe(checkpoint.config.recipe.name)
        # The encoder's cache is not safe to share, and torch uses all cores for one call anyway.
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls, folder: Path, encoder_path: Path, context_path: Path | None = None
    ) -> GcnPredictor:
        """Loads a checkpoint, its encoder, and the language model that it names, from local folders.

        Raises:
            CheckpointError: If the checkpoint is incomplete, broken, or for other models.
            ModelError: If a model cannot be loaded.
        """
        return cls(load_checkpoint(folder, encoder_path, context_path))

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, the background first."""
        return self._checkpoint.labels

    @property
    def checkpoint_sha256(self) -> str:
        """Hash of weights, configuration and labels."""
        return self._checkpoint.sha256

    @property
    def config(self) -> CheckpointConfig:
        """The checkpoint's `config.json`."""
        return self._checkpoint.config

    @torch.no_grad()
    def predict(self, document: Document) -> NodePredictions:
        """Labels all segments of all pages.

        Args:
            document: May have no segments; then there are no rows.

        Returns:
            The probabilities.
        """
        started = time.perf_counter()
        edges = self._recipe.graph.build(document)
        built = time.perf_counter()
        with self._lock:
            text = text_vectors(document, self._checkpoint.encoder, self._checkpoint.context)
            features = self._recipe.features(document)
            with _threads_for(len(features)):
                logits = self._checkpoint.model(text, features, edges.index, edges.attributes)
        scaled = logits.double() / self._checkpoint.config.temperature
        probabilities: NDArray[np.float64] = scaled.softmax(dim=1).numpy()
        links = None
        pairing, config = self._checkpoint.pairing, self._checkpoint.config.pairing
        if pairing is not None and config is not None:
            likeliest = [self.labels[k] for k in probabilities.argmax(axis=1)]
            links = find_links(pairing, config, document, likeliest)
        seconds = {"graph": built - started, "gcn": time.perf_counter() - built}
        return NodePredictions(self.labels, probabilities, seconds, links)
