"""Trains a checkpoint: encoder, then graph model, then temperature; a killed run goes on.

Of the documents given, 12 % decide when to stop and 8 % fit the temperature, chosen by the hash of
their ids; the rest are trained on. The development documents are only scored, at the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from hybrid.errors import DatasetError
from hybrid.gcn.calibration import fit_temperature
from hybrid.gcn.checkpoint import CheckpointConfig, EncoderConfig, Metrics, save_checkpoint
from hybrid.gcn.encoder import TextEncoder, encoder_sha256
from hybrid.gcn.features import FEATURE_NAMES
from hybrid.gcn.graph_stage import (
    Example,
    GraphStage,
    mean_f1,
    noisy_copies,
    predict_logits,
    prepare,
    scores_by_dataset,
)
from hybrid.gcn.labelled import UNKNOWN, LabelledDocument, label_set, project, split_by_hash
from hybrid.gcn.model import GraphModel, GraphModelConfig
from hybrid.gcn.scores import LabelScore, expected_calibration_error
from hybrid.gcn.state import (
    Progress,
    StateStore,
    configuration_hash,
    copy_of,
    load_optimizer,
    optimizer_tensors,
    seeded,
    with_prefix,
    without_prefix,
)
from hybrid.gcn.text_stage import TextStage, text_examples
from hybrid.graph.builder import EDGE_FEATURES

if TYPE_CHECKING:
    from rich.console import Console

_EARLY_STOPPING, _CALIBRATION = 0.12, 0.08
_FEWEST_DOCUMENTS = 5


@dataclass(frozen=True)
class TrainingSettings:
    """What can be chosen; the defaults suit a few hundred to a thousand documents on two cores.

    Attributes:
        seed: Of everything random.
        text_epochs: Of stage 1; 0 leaves the encoder as it is.
        text_examples: Most texts in an epoch of stage 1.
        text_learning_rate: At its peak, of the deltas.
        rank: Of the deltas.
        graph_epochs: Most epochs of stage 2.
        patience: Stage 2 ends after so many epochs without a better F1.
        graph_learning_rate: At its peak.
        noisy_copies: Perturbed copies of each document to draw from.
        hidden: Width of the graph model.
        layers: Its rounds of messages.
        dropout: Of the graph model.
    """

    seed: int = 0
    text_epochs: int = 2
    text_examples: int = 12_000
    text_learning_rate: float = 1e-3
    rank: int = 8
    graph_epochs: int = 30
    patience: int = 8
    graph_learning_rate: float = 1e-3
    noisy_copies: int = 2
    hidden: int = 160
    layers: int = 3
    dropout: float = 0.2


def train(
    documents: Sequence[LabelledDocument],
    encoder_path: Path,
    out: Path,
    *,
    encoder_name: str,
    data_sha256: str,
    development: Sequence[LabelledDocument] = (),
    settings: TrainingSettings | None = None,
    console: Console | None = None,
) -> Metrics:
    """Trains on labelled documents and writes a checkpoint.

    Args:
        documents: To fit on, of one or several datasets; each dataset at least 5.
        encoder_path: Folder of a BERT-family encoder.
        out: Folder of the checkpoint; an unfinished training of the same configuration in it is
            continued.
        encoder_name: The name that the checkpoint records for the encoder.
        data_sha256: Of the list of training data, to be recorded.
        development: Documents to score at the end; nothing is fitted on them.
        settings: Default `TrainingSettings()`.
        console: For the progress bar; default the standard error.

    Returns:
        What `metrics.json` holds.

    Raises:
        DatasetError: If there are too few documents.
        ModelError: If the encoder cannot be loaded.
    """
    from rich.console import Console

    run = _Run(
        documents,
        encoder_path,
        out,
        encoder_name,
        data_sha256,
        development,
        settings or TrainingSettings(),
        console or Console(stderr=True),
    )
    run.text_stage()
    run.graph_stage()
    return run.finish()


class _Run:
    """One training: the state that its three steps share."""

    def __init__(
        self,
        documents: Sequence[LabelledDocument],
        encoder_path: Path,
        out: Path,
        encoder_name: str,
        data_sha256: str,
        development: Sequence[LabelledDocument],
        settings: TrainingSettings,
        console: Console,
    ) -> None:
        _check_enough(documents)
        self.out = out
        self.settings = settings
        self.console = console
        self.data_sha256 = data_sha256
        self.development = development
        self.labels = label_set(documents)
        self.early, self.calibration, self.fit = split_by_hash(
            documents, (_EARLY_STOPPING, _CALIBRATION)
        )
        self.encoder_config = EncoderConfig(
            name=encoder_name,
            sha256=encoder_sha256(encoder_path),
            rank=settings.rank,
            alpha=2.0 * settings.rank,
        )
        with seeded(settings.seed, "encoder"):
            self.encoder = TextEncoder(encoder_path)
            self.encoder.add_deltas(self.encoder_config.rank, self.encoder_config.alpha)
        self.model_config = GraphModelConfig(
            text_width=self.encoder.width,
            node_features=len(FEATURE_NAMES),
            edge_features=len(EDGE_FEATURES),
            labels=len(self.labels),
            hidden=settings.hidden,
            layers=settings.layers,
            dropout=settings.dropout,
        )
        with seeded(settings.seed, "model"):
            self.model = GraphModel(self.model_config)
        self.store = StateStore(out)
        configuration = configuration_hash(
            {
                "settings": asdict(settings),
                "data": data_sha256,
                "encoder": self.encoder_config.model_dump(),
                "labels": self.labels,
                "model": self.model_config.model_dump(),
                "features": (FEATURE_NAMES, EDGE_FEATURES),
                "documents": sorted(d.key for d in documents),
            }
        )
        saved = self.store.load(configuration)
        self.progress, self.tensors = saved or (Progress(configuration=configuration), {})
        if saved:
            console.print(
                f"going on after {self.progress.stage} epoch {self.progress.epoch} "
                f"({self.store.folder})"
            )
        self.best_model = without_prefix(self.tensors, "best.")

    def text_stage(self) -> None:
        """Stage 1, unless it is done."""
        with seeded(self.settings.seed, "head"):
            stage = TextStage(
                self.encoder,
                text_examples(self.fit, self.labels),
                self.settings.text_epochs,
                self.settings.text_examples,
                self.settings.text_learning_rate,
            )
        if self.tensors:
            self.encoder.load_deltas(without_prefix(self.tensors, "encoder."))
        if self.progress.stage == "graph":
            return
        if self.tensors:
            stage.head.load_state_dict(without_prefix(self.tensors, "head."))
            load_optimizer(stage.optimizer, self.tensors, "optimizer.")
        for number in range(self.progress.epoch, self.settings.text_epochs):
            self._epoch("text", number, self.settings.text_epochs, stage.batches, stage.epoch)
            self.progress.epoch = number + 1
            self.tensors = (
                with_prefix(self.encoder.deltas(), "encoder.")
                | with_prefix(copy_of(stage.head), "head.")
                | optimizer_tensors(stage.optimizer, "optimizer.")
            )
            self.store.save(self.progress, self.tensors)
        self.progress.stage, self.progress.epoch = "graph", 0
        self.tensors = {}

    def graph_stage(self) -> None:
        """Stage 2, from the epoch that is due to the last or to the end of patience."""
        seed = self.settings.seed
        with self.console.status("building graphs and encoding texts"):
            copies = noisy_copies(self.fit, self.settings.noisy_copies, seed)
            stage = GraphStage(
                self.model,
                list(prepare(self.fit, self.encoder, self.labels)),
                list(prepare(copies, self.encoder, self.labels)),
                self.settings.graph_epochs,
                self.settings.graph_learning_rate,
            )
            early = list(prepare(self.early, self.encoder, self.labels))
        if self.progress.epoch:
            self.model.load_state_dict(without_prefix(self.tensors, "model."))
            load_optimizer(stage.optimizer, self.tensors, "optimizer.")
        batches = sum(len(e.allowed) for e in stage.originals) // 400 + 1
        deltas = with_prefix(self.encoder.deltas(), "encoder.")
        for number in range(self.progress.epoch, self.settings.graph_epochs):
            if self._out_of_patience():
                break
            self._epoch("graph", number, self.settings.graph_epochs, batches, stage.epoch)
            scores = scores_by_dataset(early, predict_logits(self.model, early), self.labels)
            score = mean_f1(scores)
            if score > self.progress.best_score:
                self.progress.best_score, self.progress.best_epoch = score, number + 1
                self.best_model = copy_of(self.model)
            self.progress.epoch = number + 1
            self.tensors = (
                deltas
                | with_prefix(copy_of(self.model), "model.")
                | with_prefix(self.best_model, "best.")
                | optimizer_tensors(stage.optimizer, "optimizer.")
            )
            self.store.save(self.progress, self.tensors)
            self.console.print(f"  F1 {score:.4f} (best {self.progress.best_score:.4f})")
        self.model.load_state_dict(self.best_model)

    def finish(self) -> Metrics:
        """Temperature, scores and the checkpoint's files."""
        started = time.perf_counter()
        held_out = list(prepare(self.calibration, self.encoder, self.labels))
        held_out_logits = predict_logits(self.model, held_out)
        temperature = fit_temperature(
            torch.cat(held_out_logits), torch.cat([e.allowed for e in held_out])
        )
        development = list(prepare(self.development, self.encoder, self.labels))
        dev_logits = predict_logits(self.model, development)
        dev: dict[str, dict[str, LabelScore]] = (
            scores_by_dataset(development, dev_logits, self.labels) if development else {}
        )
        seconds = self.progress.seconds + time.perf_counter() - started
        metrics = Metrics(
            datasets=tuple(sorted({d.dataset for d in self.fit})),
            documents={
                "fit": len(self.fit),
                "early_stopping": len(self.early),
                "calibration": len(self.calibration),
                "dev": len(self.development),
            },
            dev=dev,
            early_stopping_f1=self.progress.best_score,
            best_epoch=self.progress.best_epoch,
            ece_before=self._calibration_error(held_out, held_out_logits, 1.0),
            ece_after=self._calibration_error(held_out, held_out_logits, temperature),
            ece_dev=self._calibration_error(development, dev_logits, temperature)
            if development
            else None,
            training_data_sha256=self.data_sha256,
            seed=self.settings.seed,
            seconds=round(seconds, 1),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        config = CheckpointConfig(
            encoder=self.encoder_config, model=self.model_config, temperature=temperature
        )
        save_checkpoint(
            self.out, self.best_model, self.encoder.deltas(), config, self.labels, metrics
        )
        self.store.remove()
        return metrics

    def _out_of_patience(self) -> bool:
        return self.progress.epoch - self.progress.best_epoch >= self.settings.patience

    def _epoch(
        self,
        name: str,
        number: int,
        epochs: int,
        batches: int,
        losses: Callable[[int, int], object],
    ) -> None:
        """Runs one epoch behind a progress bar that shows the running loss."""
        raise NotImplementedError

    def _calibration_error(
        self, examples: Sequence[Example], logits: Sequence[Tensor], temperature: float
    ) -> float:
        """ECE over all segments whose label is known, each dataset with its own labels."""
        confidence: list[Tensor] = []
        correct: list[Tensor] = []
        for example, rows in zip(examples, logits, strict=True):
            d = example.labelled
            best = project((rows / temperature).softmax(dim=1), d.known_labels, self.labels).max(1)
            right = [self.labels[int(k)] == g for k, g in zip(best.indices, d.labels, strict=True)]
            known = torch.tensor([g != UNKNOWN for g in d.labels])
            confidence.append(best.values[known])
            correct.append(torch.tensor(right)[known])
        return expected_calibration_error(torch.cat(confidence), torch.cat(correct))


def _check_enough(documents: Sequence[LabelledDocument]) -> None:
    for dataset in sorted({d.dataset for d in documents}):
        count = sum(d.dataset == dataset and bool(d.labels) for d in documents)
        if count < _FEWEST_DOCUMENTS:
            raise DatasetError(
                f"dataset {dataset}: {count} documents with text to train on, and training, early "
                f"stopping and calibration need at least {_FEWEST_DOCUMENTS} together"
            )
    if not documents:
        raise DatasetError("no documents to train on; name at least one dataset")
