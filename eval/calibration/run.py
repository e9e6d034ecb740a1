"""From a checkpoint and an LLM to the fusion of the two, in a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

from hybrid.errors import DatasetError, ModelError
from hybrid.gcn.checkpoint import checkpoint_sha256, read_config, read_labels
from hybrid.gcn.training import TrainingSettings
from hybrid.llm.cached import CachedBackend
from hybrid.llm.connect import check
from hybrid.pipeline.connection import LlmConnection
from hybrid.pipeline.fusing import check_samples, pair_of, unfitted_strategy
from hybrid.resources import checkpoint_folder
from hybrid.schema import FieldSchema
from hybrid.verify.fitted import FittedFusion
from hybrid.verify.propose import labels_of
from hybrid.verify.risk import HeldOut, levels_of
from hybrid.verify.strategies import AUTO, DrawingStrategy, Strategy, make_strategy

from ..out_of_fold import Folds, train_folds
from ..run.systems import replies_file
from .collect import Source, asked_about, collect, proposals, without_a_field
from .fit import fit, folds_of, held_out_values, split
from .report import SYSTEMS, compare_systems
from .scorer import choose_scorer, cross_scored, scored

FEWEST = 20
"""Documents, below which nothing is fitted."""


class Listener(Protocol):
    """Is told how a calibration goes."""

    def status(self, text: str) -> None:
        """What is being waited for."""

    def begins(self, what: str, total: int) -> None:
        """A stage with so many steps begins."""

    def advances(self) -> None:
        """One step more."""


class Silent:
    """A listener that says nothing."""

    def status(self, text: str) -> None:
        """See `Listener`."""

    def begins(self, what: str, total: int) -> None:
        """See `Listener`."""

    def advances(self) -> None:
        """See `Listener`."""


Predict = Callable[..., Folds]


def calibrate(
    checkpoint: str,
    llm: str,
    datasets: Sequence[str],
    data_roots: Sequence[Path | None],
    out: Path,
    work: Path,
    limit: int | None = None,
    tuned_on: Sequence[int] = (),
    strategy: str | Strategy = AUTO,
    reasoning: bool = False,
    listener: Listener | None = None,
    predict: Predict = train_folds,
    schema: FieldSchema | None = None,
) -> FittedFusion:
    """Fits the fusion of a checkpoint and an LLM on training documents and writes it.

    Where the strategy draws several answers, a scorer is fitted first, and kept only where its votes
    are better than those of the majority.

    The `fit` documents of all datasets train the networks that stand for the checkpoint on documents
    that it has not seen; the LLM is asked about those that are not drawn, and about a copy of each
    that lacks a field. Two thirds of these are fitted on, by cross-validation; on the third third
    the systems are compared, and, without the copies, the threshold for a wished risk is computed.
    Nothing of `dev` or `test` is read.

    Args:
        checkpoint: Name or folder.
        llm: Profile name, folder of a model, or address with the model's name.
        datasets: Names, each once; best those that the checkpoint was trained on.
        data_roots: The folder of each dataset's release; None for one that is drawn.
        out: The file that is written.
        work: Folder that keeps networks and replies, so that a killed calibration goes on.
        limit: Ask about at most so many documents of each dataset.
        tuned_on: Where the LLM was tuned on the datasets: on how many documents of each, the first
            by their ids (`hybrid tune --documents`). They are left out.
        strategy: How the LLM is asked: a name, what `make_strategy` gives, or "auto": one that is
            trusted reads ("structure"), another one chooses.
        reasoning: A model that can be told to think or not is told to think.
        listener: Told how it goes.
        predict: Gives the predictions out of fold.
        schema: Of the dataset `own`.

    Raises:
        CheckpointError: If the checkpoint is missing or damaged.
        DatasetError: If a dataset is unknown, missing, broken, or has no fixed fields.
        ModelError: If the LLM is unknown, was not pulled or is not named, the strategy asks none,
            or several of its answers would all be the same.
        ServerError: If the LLM cannot be reached.
    """
    told = listener or Silent()
    learned = [*tuned_on, *[0] * (len(datasets) - len(tuned_on))]
    parts = zip(datasets, data_roots, learned, strict=True)
    sources = [Source(name, root, count, schema) for name, root, count in parts]
    for source in asked_about(sources):
        source.asked()
    folder = checkpoint_folder(checkpoint)
    config = read_config(folder)
    if schema is not None:
        _check_labels(folder, schema)
    asked: Strategy | None = None
    if strategy != AUTO:
        asked = make_strategy(strategy) if isinstance(strategy, str) else strategy
    if asked is not None and not asked.prompts:
        raise ModelError(f"strategy {asked.name} asks no LLM: there is nothing to fit")
    check(llm)
    replies = replies_file(work / "replies", llm)
    connection = LlmConnection(
        llm,
        on_status=told.status,
        wrap=lambda backend: CachedBackend(backend, replies, backend.model),
        reasoning=reasoning,
    )
    asked = asked or unfitted_strategy(connection)
    check_samples(asked, connection)
    with closing(connection):
        if connection.model is None:
            raise ModelError(f"name the model that answers at {llm}: {llm}#model")
        # As many networks as the checkpoint has: a single one is wrong more often, and where it is
        # an LLM looks more useful than it will be.
        settings = TrainingSettings(members=config.model.members)
        folds = predict(
            datasets,
            data_roots,
            work,
            config.encoder.name,
            on_status=told.status,
            settings=settings,
            schema=schema,
        )
        documents = proposals(asked_about(sources), folds.predictions, limit)
        if len(documents) < FEWEST:
            raise DatasetError(
                f"{len(documents)} documents: a fusion is fitted on at least {FEWEST} on which "
                "neither the networks nor the LLM were trained"
            )
        told.status("a copy of each document without a field")
        copies = without_a_field(documents, folds)
        predictions = {**folds.predictions, **{d.sample.id: said for d, said in copies}}
        documents += [document for document, _ in copies]
        told.begins("documents asked about", len(documents))
        documents = collect(documents, connection, asked, told.advances)
        told.status("fitting")
        fitted_on, held_out = split(documents)
        after, scorer, tried = asked, None, None
        if isinstance(asked, DrawingStrategy) and asked.sampling.samples > 1:
            scorer, tried = choose_scorer(folds_of(fitted_on))
            if scorer is not None:
                after = asked.scored_by(scorer)
                fitted_on = cross_scored(folds_of(fitted_on))
                held_out = [scored(document, scorer) for document in held_out]
        found = fit(fitted_on)
        # The risk that is promised is that on documents as they come.
        originals = [d for d in held_out if d.removed is None]
        values = list(held_out_values(originals, found.fusion))
        fitted_values = held_out_values(fitted_on, found.fusion)
        pair = pair_of(checkpoint, checkpoint_sha256(folder), connection, after)
        assert pair is not None
        if all(d.schema.is_flat for d in documents):
            prompts = {name: pair.prompts[name] for name in asked.prompts}
            pair = pair.model_copy(update={"prompts": prompts})
        fitted = FittedFusion(
            pair=pair,
            fusion=found.fusion,
            scorer=scorer,
            held_out=HeldOut(
                levels=levels_of([v.score for document in fitted_values for v in document]),
                documents=tuple(
                    tuple((round(v.score, 6), v.right) for v in document) for document in values
                ),
            ),
        )
        told.begins("held-out documents measured", len(SYSTEMS) * len(held_out))
        systems = compare_systems(
            held_out, predictions, connection, fitted, (asked, after), told.advances
        )
    fitted = fitted.model_copy(
        update={
            "report": {
                "datasets": list(datasets),
                "limit": limit,
                "tuned_on": list(tuned_on),
                "documents": {
                    "fitted_on": sum(d.removed is None for d in fitted_on),
                    "held_out": len(originals),
                    "copies": len(copies),
                },
                **({"scorer": tried} if tried is not None else {}),
                **found.record(),
                "held_out": systems,
            }
        }
    )
    fitted.write(out)
    return fitted


def _check_labels(folder: Path, schema: FieldSchema) -> None:
    """On documents of one's own networks learn the schema's fields; the checkpoint must know them."""
    known = read_labels(folder)
    unknown = [leaf.path for leaf in schema.leaves if not set(labels_of(leaf)) & set(known)]
    if unknown:
        raise DatasetError(
            f"checkpoint {folder} knows no label for {', '.join(unknown)}: train one on these "
            "documents first (hybrid train --dataset own --schema ...) and calibrate that"
        )
