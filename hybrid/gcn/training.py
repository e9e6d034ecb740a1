"""Trains a checkpoint: encoder, then graph model, then temperature; a killed run goes on.

Of the documents given, 12 % decide when to stop and fit the temperature, chosen by the hash of their
ids; the rest are trained on. One choice of an epoch and one number take so little from them that
apart they would only cost documents. Where there are few documents, the graph model is then trained
once more, on all of them and to the last epoch, and keeps the temperature. The development documents
are only scored, at the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from hybrid.errors import CheckpointError
from hybrid.gcn.calibration import calibrate, calibration_error
from hybrid.gcn.checkpoint import CheckpointConfig, EncoderConfig, Metrics, save_checkpoint
from hybrid.gcn.context import ContextEncoder
from hybrid.gcn.encoder import TextEncoder, encoder_sha256
from hybrid.gcn.graph_stage import (
    Example,
    GraphStage,
    is_settled,
    mean_f1,
    noisy_copies,
    out_of_patience,
    predict_logits,
    prepare,
    scores_by_dataset,
)
from hybrid.gcn.labelled import LabelledDocument, check_enough, label_set, split_by_hash
from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.pairing import fit_pairing, linked_labels
from hybrid.gcn.pretraining import pretrain
from hybrid.gcn.progress_bars import ProgressBars
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.registry import build_network, find_recipe
from hybrid.gcn.state import (
    Progress,
    StateStore,
    configuration_hash,
    copy_of,
    in_half_precision,
    load_optimizer,
    optimizer_tensors,
    seeded,
    with_prefix,
    without_prefix,
)
from hybrid.gcn.text_stage import TextStage, text_examples
from hybrid.gcn.warm_start import WarmStart

_HELD_OUT = 0.12
FEW_DOCUMENTS = 400
"""To so many, the held-out ones are too good to lose: on FUNSD they are worth a point."""


@dataclass(frozen=True)
class TrainingSettings:
    """What can be chosen; the defaults suit a few hundred to a thousand documents on two cores.

    Attributes:
        seed: Of everything random.
        text_epochs: Of fine-tuning the encoder; 0 leaves it as it is.
        text_examples: Most texts in such an epoch.
        text_learning_rate: Of the encoder's deltas, at its peak.
        rank: Of the deltas.
        graph_epochs: Most epochs of the graph model.
        patience: In the second half of the epochs, it ends after so many without a better F1.
        graph_learning_rate: At its peak.
        noisy_copies: Perturbed copies of each document to draw from.
        hidden: Width of the graph model.
        layers: Its rounds of messages.
        members: Networks of the default recipe that are trained and asked together.
        recipe: Graph and network, as `RecipeConfig.parse` reads it.
    """

    seed: int = 0
    text_epochs: int = 2
    text_examples: int = 12_000
    text_learning_rate: float = 1e-3
    rank: int = 8
    graph_epochs: int = 24
    patience: int = 8
    graph_learning_rate: float = 1e-3
    noisy_copies: int = 2
    hidden: int = 160
    layers: int = 3
    members: int = 3
    recipe: str = "default"


def train(
    documents: Sequence[LabelledDocument],
    encoder_path: Path,
    out: Path,
    *,
    encoder_name: str,
    data_sha256: str,
    development: Sequence[LabelledDocument] = (),
    settings: TrainingSettings | None = None,
    start: WarmStart | Sequence[WarmStart] = (),
    context: ContextEncoder | None = None,
) -> Metrics:
    """Trains on labelled documents and writes a checkpoint; shows a progress bar on stderr.

    Args:
        documents: To fit on, of one or several datasets; of each dataset at least 5.
        encoder_path: Folder of a BERT-family encoder.
        out: Folder of the checkpoint; an unfinished training of the same configuration in it is
            continued.
        encoder_name: The name that the checkpoint records for the encoder.
        data_sha256: Of the list of training documents, to be recorded.
        development: Documents to score at the end; nothing is fitted on them.
        settings: Default `TrainingSettings()`.
        start: A checkpoint to begin with, or several to choose from: the one that fits and has the
            most labels in common is taken, if there is any.
        context: A language model that reads the pages, for the default recipe.

    Returns:
        What `metrics.json` holds.

    Raises:
        CheckpointError: If the training cannot begin with the one checkpoint that was given.
        DatasetError: If there are too few documents.
        ModelError: If the encoder cannot be loaded.
    """
    with_text = [d for d in documents if d.labels]
    check_enough(with_text)
    with ProgressBars() as bars:
        run = _Run(
            with_text,
            encoder_path,
            encoder_name,
            out,
            data_sha256,
            settings or TrainingSettings(),
            start,
            context,
            bars,
        )
        run.text_stage()
        run.graph_stage()
        return run.finish(development)


class _Run:
    """One training: the state that its three steps share."""

    def __init__(
        self,
        documents: Sequence[LabelledDocument],
        encoder_path: Path,
        encoder_name: str,
        out: Path,
        data_sha256: str,
        settings: TrainingSettings,
        start: WarmStart | Sequence[WarmStart],
        context: ContextEncoder | None,
        bars: ProgressBars,
    ) -> None:
        self.out = out
        self.data_sha256 = data_sha256
        self.settings = settings
        self.bars = bars
        recipe = RecipeConfig.parse(settings.recipe)
        self.recipe = find_recipe(recipe.name)
        self.labels = label_set(documents)
        self.held_out, self.fit = split_by_hash(documents, (_HELD_OUT,))
        with seeded(settings.seed, "encoder"):
            self.encoder = TextEncoder(encoder_path)
            self.encoder.add_deltas(settings.rank, 2.0 * settings.rank)
        self.context = context if recipe.name == "default" else None
        model_config = GraphModelConfig(
            text_width=self.encoder.width,
            context_width=self.context.width if self.context else 0,
            node_features=len(self.recipe.feature_names),
            edge_features=len(self.recipe.graph.columns),
            labels=len(self.labels),
            hidden=settings.hidden,
            layers=settings.layers,
            members=settings.members if recipe.name == "default" else 1,
            links=recipe.name == "default" and any(d.links for d in documents),
        )
        with seeded(settings.seed, "model"):
            self.model = build_network(model_config, recipe)
        self.config = CheckpointConfig(
            encoder=EncoderConfig(
                name=encoder_name,
                sha256=encoder_sha256(encoder_path),
                rank=settings.rank,
                alpha=2.0 * settings.rank,
            ),
            context=self.context.config if self.context else None,
            model=model_config,
            recipe=recipe,
            temperature=1.0,
            feature_names=self.recipe.feature_names,
            edge_features=self.recipe.graph.columns,
        )
        self.start = self._begin(start)
        self.first_model = copy_of(self.model)
        self.refits = len(documents) <= FEW_DOCUMENTS
        self.store = StateStore(out)
        configuration = configuration_hash(
            {
                "settings": asdict(settings),
                "data": data_sha256,
                "config": self.config.model_dump(mode="json"),
                "labels": self.labels,
                "documents": sorted(d.key for d in documents),
                "start": self.start.sha256 if self.start else None,
            }
        )
        saved = self.store.load(configuration)
        self.progress, self.tensors = saved or (Progress(configuration=configuration), {})
        if saved:
            bars.say(
                f"going on after epoch {self.progress.epoch} of stage {self.progress.stage!r} "
                f"({self.store.folder})"
            )
        self.best_model = without_prefix(self.tensors, "best.")
        self.last_score = self.progress.best_score

    def _begin(self, start: WarmStart | Sequence[WarmStart]) -> WarmStart | None:
        """Takes over the weights of the checkpoint to begin with, if there is one."""
        if isinstance(start, WarmStart):
            if misfit := start.misfit(self.config):
                raise CheckpointError(
                    f"{start.folder}: the training cannot begin with this checkpoint, {misfit}"
                )
            best: WarmStart | None = start
        else:
            best = WarmStart.best(start, self.config, self.labels)
        if best is not None:
            best.load_into(self.model, self.encoder, self.labels)
            self.bars.say(f"beginning with the weights of the checkpoint {best.folder.name!r}")
        return best

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
        if self.progress.stage != "text":
            return
        if self.tensors:
            stage.head.load_state_dict(without_prefix(self.tensors, "head."))
            load_optimizer(stage.optimizer, self.tensors, "optimizer.")
        for number in range(self.progress.epoch, self.settings.text_epochs):
            self._epoch("text", number, self.settings.text_epochs, stage.epoch)
            self.progress.epoch = number + 1
            self.tensors = (
                with_prefix(self.encoder.deltas(), "encoder.")
                | with_prefix(copy_of(stage.head), "head.")
                | optimizer_tensors(stage.optimizer, "optimizer.")
            )
            self.store.save(self.progress, self.tensors)
        # From here on as a checkpoint holds them.
        self.encoder.load_deltas(in_half_precision(self.encoder.deltas()))
        self.progress.stage, self.progress.epoch = "graph", 0
        self.tensors = {}

    def graph_stage(self) -> None:
        """Stages 2 and 3, from the epoch that is due."""
        started = time.perf_counter()
        copies = noisy_copies(self.fit, self.settings.noisy_copies, self.settings.seed)
        every = [*self.fit, *copies, *self.held_out]
        examples = []
        for example in prepare(every, self.encoder, self.labels, self.recipe, self.context):
            examples.append(example)
            self.bars.show("encode", len(examples) / len(every), {})
        originals, noisy, early = (
            examples[: len(self.fit)],
            examples[len(self.fit) : len(self.fit) + len(copies)],
            examples[len(self.fit) + len(copies) :],
        )
        self.progress.seconds += time.perf_counter() - started
        if self.progress.stage == "graph":
            self._fit_graph(originals, noisy, early)
            self.model.load_state_dict(self.best_model)
            self.progress.calibration = calibrate(self.model, early, self.labels)
            if not self.refits:
                return
            self.progress.stage, self.progress.epoch, self.tensors = "final", 0, {}
            self.model.load_state_dict(self.first_model)
        held_out = [e for e in early for _ in range(self.settings.noisy_copies)]
        self._fit_graph([*originals, *early], [*noisy, *held_out], [])
        self.best_model = copy_of(self.model)

    def _fit_graph(
        self, originals: Sequence[Example], noisy: Sequence[Example], early: Sequence[Example]
    ) -> None:
        """To the last epoch; where `early` documents choose one, or to the end of patience."""
        settings, progress = self.settings, self.progress
        stage = GraphStage(
            self.model, originals, noisy, settings.graph_epochs, settings.graph_learning_rate
        )
        if progress.epoch:
            self.model.load_state_dict(without_prefix(self.tensors, "model."))
            load_optimizer(stage.optimizer, self.tensors, "optimizer.")
        else:
            with seeded(settings.seed, "pretraining") as own:
                pretrain(self.model, originals, settings.graph_learning_rate, own)
        deltas = with_prefix(self.encoder.deltas(), "encoder.")
        for number in range(progress.epoch, settings.graph_epochs):
            if early and out_of_patience(
                number, progress.best_epoch, settings.graph_epochs, settings.patience
            ):
                break
            self._epoch(progress.stage, number, settings.graph_epochs, stage.epoch)
            if early:
                self._keep_best(number, early)
            progress.epoch = number + 1
            self.tensors = (
                deltas
                | with_prefix(copy_of(self.model), "model.")
                | with_prefix(self.best_model, "best.")
                | optimizer_tensors(stage.optimizer, "optimizer.")
            )
            self.store.save(progress, self.tensors)

    def _keep_best(self, number: int, early: Sequence[Example]) -> None:
        scores = scores_by_dataset(early, predict_logits(self.model, early), self.labels)
        self.last_score = score = mean_f1(scores)
        settled = is_settled(number, self.settings.graph_epochs)
        if settled and score > self.progress.best_score:
            self.progress.best_score, self.progress.best_epoch = score, number + 1
            self.best_model = copy_of(self.model)

    def finish(self, development: Sequence[LabelledDocument]) -> Metrics:
        """Scores and the checkpoint's files."""
        started = time.perf_counter()
        # Scored is what will be loaded.
        weights = in_half_precision(self.best_model)
        self.model.load_state_dict(weights)
        calibration = self.progress.calibration
        assert calibration is not None
        dev = list(prepare(development, self.encoder, self.labels, self.recipe, self.context))
        dev_logits = predict_logits(self.model, dev)
        seconds = self.progress.seconds + time.perf_counter() - started
        metrics = Metrics(
            datasets=tuple(sorted({d.dataset for d in self.fit})),
            documents={"fit": len(self.fit), "held_out": len(self.held_out), "dev": len(dev)},
            dev=scores_by_dataset(dev, dev_logits, self.labels),
            early_stopping_f1=self.progress.best_score,
            best_epoch=self.progress.best_epoch,
            refitted=self.refits,
            ece_before=calibration.ece_before,
            ece_after=calibration.ece_after,
            ece_dev=calibration_error(dev, dev_logits, self.labels, calibration.temperature)
            if dev
            else None,
            training_data_sha256=self.data_sha256,
            started_from=self.start.sha256 if self.start else None,
            seed=self.settings.seed,
            seconds=round(seconds, 1),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        pairing, found = {}, None
        if linked_labels(self.fit):
            network, found = fit_pairing([*self.fit, *self.held_out], self.settings.seed)
            pairing = in_half_precision(network.state_dict())
        config = self.config.model_copy(
            update={"temperature": calibration.temperature, "pairing": found}
        )
        deltas = in_half_precision(self.encoder.deltas())
        save_checkpoint(self.out, weights, deltas, pairing, config, self.labels, metrics)
        self.store.remove()
        return metrics

    def _epoch(
        self,
        name: str,
        number: int,
        epochs: int,
        batches: Callable[[int, int], Iterator[tuple[float, float]]],
    ) -> None:
        """Runs one epoch and reports the share that is done, the mean loss and the best F1."""
        started = time.perf_counter()
        total = 0.0
        with seeded(self.settings.seed, name, number) as seed:
            for count, (share, loss) in enumerate(batches(number, seed), start=1):
                total += loss
                figures = {"loss": total / count}
                if self.progress.best_epoch and name == "graph":
                    figures |= {"F1": self.last_score, "best": self.progress.best_score}
                self.bars.show(name, (number + share) / epochs, figures)
        self.progress.seconds += time.perf_counter() - started
