"""GCN only: labels become fields without any LLM."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from hybrid.document import Document
from hybrid.extraction import FieldResult, RunInfo
from hybrid.pipeline.base import Extractor, Labelling, Mode, label_run, run_info
from hybrid.pipeline.notices import unknown_labels, unread_lists
from hybrid.resources import checkpoint_folder
from hybrid.schema import FieldSchema
from hybrid.verify.decide import decide_all
from hybrid.verify.fuse import default_fusion
from hybrid.verify.label import label_shares
from hybrid.verify.resolve import Proposal, choices_of

if TYPE_CHECKING:
    from hybrid.gcn.predict import GcnPredictor


class GcnExtractor(Extractor):
    """Fields from a trained graph model alone: fast, grounded by construction, calibrated.

    Args:
        predictor: A loaded checkpoint.
        checkpoint: Its name or path, for the record.
        mode: Both modes give the same here, since a GCN cannot invent.
    """

    system = "gcn"

    def __init__(self, predictor: GcnPredictor, checkpoint: str, mode: Mode = "strict") -> None:
        self.predictor = predictor
        self.checkpoint = checkpoint
        self.mode = mode

    @classmethod
    def from_pretrained(cls, checkpoint: str = "receipts", mode: Mode = "strict") -> Self:
        """Loads a shipped checkpoint by name, or one of your own by its folder.

        Raises:
            CheckpointError: If there is none, or it is damaged.
            ModelError: If its encoder was not pulled.
        """
        return cls(load_predictor(checkpoint), checkpoint, mode)

    def identity(self) -> dict[str, Any]:
        """The checkpoint's hash."""
        return {"checkpoint": self.predictor.checkpoint_sha256}

    def extract_fields(
        self, document: Document, schema: FieldSchema
    ) -> tuple[dict[str, FieldResult], RunInfo]:
        """Proposals that are believed enough become values; the others abstain."""
        predictions = self.predictor.predict(document)
        start = time.perf_counter()
        fusion = default_fusion()
        proposal = Proposal.of(document, schema, predictions)
        choices = choices_of(schema, proposal, fusion)
        fields = decide_all(schema, choices, fusion)
        seconds = {**predictions.seconds, "verify": time.perf_counter() - start}
        return fields, run_info(
            self,
            schema,
            {
                "checkpoint": self.checkpoint,
                "checkpoint_sha256": self.predictor.checkpoint_sha256,
                "seconds": seconds,
                "warnings": [
                    *unknown_labels(schema, predictions.labels),
                    *unread_lists(
                        proposal.unknown,
                        fields,
                        "name labels that it knows, or have an LLM read it",
                    ),
                ],
            },
        )

    def label(
        self, document: Document, labels: Sequence[str], aliases: Mapping[str, str] | None = None
    ) -> Labelling:
        """See `Extractor.label`: the likeliest label, with its probability as confidence.

        Args:
            document: Its segments are labelled.
            labels: The background first. What the checkpoint gives to labels that are not among
                them counts to the background.
            aliases: Label of the checkpoint to label asked for, where their names differ.
        """
        predictions = self.predictor.predict(document)
        shares = label_shares(predictions, labels, aliases)
        values = {
            "checkpoint": self.checkpoint,
            "checkpoint_sha256": self.predictor.checkpoint_sha256,
            "seconds": predictions.seconds,
        }
        return likeliest(shares, labels, label_run(self, document, values))


def likeliest(shares: NDArray[np.float64], labels: Sequence[str], run: RunInfo) -> Labelling:
    """The labelling of `[segments, labels]` probabilities."""
    columns = shares.argmax(axis=1).tolist()
    return Labelling(
        labels=tuple(labels[c] for c in columns),
        confidences=tuple(round(float(shares[i, c]), 4) for i, c in enumerate(columns)),
        run=run,
    )


def load_predictor(checkpoint: str) -> GcnPredictor:
    """A shipped checkpoint by name, or any by its folder, with the models that it names."""
    from hybrid.gcn.predict import GcnPredictor

    return GcnPredictor.load(*checkpoint_folders(checkpoint))


def checkpoint_folders(checkpoint: str) -> tuple[Path, Path, Path | None]:
    """Of a checkpoint by name or folder, of its encoder, and of what reads its pages, if that is.

    Raises:
        CheckpointError: If there is no such checkpoint, or it is broken.
        ModelError: If a model that it names was not pulled.
    """
    from hybrid.gcn.checkpoint import read_config
    from hybrid.llm.models import encoder_folder

    folder = checkpoint_folder(checkpoint)
    config = read_config(folder)
    context = encoder_folder(config.context.name) if config.context else None
    return folder, encoder_folder(config.encoder.name), context
