"""A trained GCN as a folder: safetensors and JSON, small because the encoder is not in it.

- `model.safetensors`: graph model (`model.*`), the low-rank deltas of the encoder (`encoder.*`), and
  where links were learned what finds them (`pairing.*`), in half precision where a training wrote it;
- `config.json`: sizes, the encoder's name and hash, the temperature;
- `labels.json`: the classes, in the order of the outputs;
- `metrics.json`: how good it was, on what, and what it was trained on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from hybrid.errors import CheckpointError, MissingCheckpointError
from hybrid.gcn.context import ContextConfig, ContextEncoder, context_sha256
from hybrid.gcn.encoder import TextEncoder, encoder_sha256
from hybrid.gcn.features import FEATURE_NAMES
from hybrid.gcn.labelled import BACKGROUND
from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.pairing import PAIR_FEATURES, Pairing, PairingConfig
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.registry import RECIPES, build_network, find_recipe
from hybrid.gcn.scores import LabelScore
from hybrid.gcn.state import with_prefix, without_prefix
from hybrid.graph.builder import EDGE_FEATURES

T = TypeVar("T")

WEIGHTS, CONFIG, LABELS, METRICS = (
    "model.safetensors",
    "config.json",
    "labels.json",
    "metrics.json",
)


class EncoderConfig(BaseModel):
    """Which encoder the deltas are for.

    Attributes:
        name: As `hybrid models pull` knows it, or a path that the user gave.
        sha256: Of its weights.
        rank: Of the deltas.
        alpha: Their scale is `alpha / rank`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    rank: int = Field(gt=0)
    alpha: float = Field(gt=0)


class CheckpointConfig(BaseModel):
    """`config.json`.

    Attributes:
        version: Of the folder's layout.
        encoder: The text encoder.
        context: The language model that reads the pages; None without one.
        model: Sizes of the graph model.
        recipe: How graph and network are built; checkpoints without one are of `default`.
        temperature: Divides the logits, so that probabilities are calibrated.
        feature_names: Node features it was trained on, in order.
        edge_features: Edge attributes it was trained on, in order.
        pairing: Of questions and answers; None where the training documents had no links.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    encoder: EncoderConfig
    context: ContextConfig | None = None
    model: GraphModelConfig
    recipe: RecipeConfig = RecipeConfig()
    temperature: float = Field(gt=0)
    feature_names: tuple[str, ...] = FEATURE_NAMES
    edge_features: tuple[str, ...] = EDGE_FEATURES
    pairing: PairingConfig | None = None


class Metrics(BaseModel):
    """`metrics.json`: all F1 over segments, without the background, from 0 to 1.

    Attributes:
        datasets: What it was trained on.
        documents: Number of documents by use: fit, held_out (to choose the epoch and fit the
            temperature), dev.
        dev: Scores by dataset and label ("micro" pools them) on documents that nothing was fitted
            on; empty where none were given.
        early_stopping_f1: Mean over datasets, of the epoch that was kept.
        best_epoch: Its number, from 1.
        refitted: Whether the graph model was then trained anew on all the documents, to the last
            epoch; F1 and calibration error on held-out documents are those of the network before.
        ece_before: Expected calibration error on the held-out documents at temperature 1.
        ece_after: The same at the fitted temperature.
        ece_dev: The same on the dev documents; None where none were given.
        training_data_sha256: Of the list of training documents with their contents' hashes.
        started_from: SHA-256 of the checkpoint that the training began with; None for none.
        seed: Of the training.
        seconds: It took.
        finished: ISO date and time, UTC.
    """

    datasets: tuple[str, ...]
    documents: dict[str, int]
    dev: dict[str, dict[str, LabelScore]]
    early_stopping_f1: float
    best_epoch: int
    refitted: bool = False
    ece_before: float
    ece_after: float
    ece_dev: float | None
    training_data_sha256: str
    started_from: str | None = None
    seed: int
    seconds: float
    finished: str


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint.

    Attributes:
        model: In evaluation mode.
        encoder: With the deltas merged in.
        context: Reads the pages; None where the configuration has none.
        config: As read.
        labels: Names of the outputs; the first is the background.
        pairing: In evaluation mode; None where the configuration has none.
        sha256: Of weights, configuration and labels, for provenance.
    """

    model: nn.Module
    encoder: TextEncoder
    context: ContextEncoder | None
    config: CheckpointConfig
    labels: tuple[str, ...]
    pairing: Pairing | None
    sha256: str


def save_checkpoint(
    folder: Path,
    model_state: dict[str, Tensor],
    deltas: dict[str, Tensor],
    pairing: dict[str, Tensor],
    config: CheckpointConfig,
    labels: tuple[str, ...],
    metrics: Metrics,
) -> None:
    """Writes the four files, each at once; a checkpoint that was there before is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = (
        with_prefix(model_state, "model.")
        | with_prefix(deltas, "encoder.")
        | with_prefix(pairing, "pairing.")
    )
    temporary = folder / (WEIGHTS + ".partial")
    # Not save_file, which makes a file that nobody but its owner can read.
    temporary.write_bytes(save({name: value.contiguous() for name, value in tensors.items()}))
    temporary.replace(folder / WEIGHTS)
    _write(folder / CONFIG, config.model_dump_json(indent=2))
    _write(folder / LABELS, TypeAdapter(tuple[str, ...]).dump_json(labels, indent=2).decode())
    _write(folder / METRICS, metrics.model_dump_json(indent=2))


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".partial")
    temporary.write_text(text + "\n", encoding="utf-8")
    temporary.replace(path)


def read_config(folder: Path) -> CheckpointConfig:
    """`config.json` of a checkpoint; names the encoder that it needs.

    Raises:
        CheckpointError: If it is missing or not of this version.
    """
    return _read(folder, CONFIG, TypeAdapter(CheckpointConfig))


def read_labels(folder: Path) -> tuple[str, ...]:
    """`labels.json` of a checkpoint: the classes in the order of the outputs.

    Raises:
        CheckpointError: If it is missing or broken.
    """
    return _read(folder, LABELS, TypeAdapter(tuple[str, ...]))


def read_metrics(folder: Path) -> Metrics:
    """`metrics.json` of a checkpoint: what it was trained on, and how good it is.

    Raises:
        CheckpointError: If it is missing or broken.
    """
    return _read(folder, METRICS, TypeAdapter(Metrics))


def load_checkpoint(
    folder: Path, encoder_path: Path, context_path: Path | None = None
) -> Checkpoint:
    """Loads a checkpoint for inference.

    Args:
        folder: The checkpoint.
        encoder_path: Folder of the encoder that `config.json` names.
        context_path: Folder of the language model that it names, if it does.

    Raises:
        CheckpointError: If a file is missing or broken, the parts do not fit each other or this
            version, or encoder or language model are others than those it was trained on.
        ModelError: If the encoder cannot be loaded.
    """
    config = read_config(folder)
    labels = read_labels(folder)
    _check(folder, config, labels)
    if not (folder / WEIGHTS).is_file():
        raise _missing(folder, WEIGHTS)
    if encoder_sha256(encoder_path) != config.encoder.sha256:
        raise CheckpointError(
            f"{folder}: trained on the encoder {config.encoder.name!r}, but the weights in "
            f"{encoder_path} are others; bring it with `hybrid models pull {config.encoder.name}`"
        )
    context = _context(folder, config.context, context_path)
    try:
        tensors = load_file(folder / WEIGHTS)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{folder / WEIGHTS} cannot be read: {error}") from error
    model = build_network(config.model, config.recipe)
    pairing = Pairing().eval() if config.pairing else None
    try:
        model.load_state_dict(without_prefix(tensors, "model."))
        if pairing is not None:
            pairing.load_state_dict(without_prefix(tensors, "pairing."))
    except RuntimeError as error:
        raise CheckpointError(
            f"{folder / WEIGHTS} does not fit {CONFIG}; take both from the same training"
        ) from error
    encoder = TextEncoder(encoder_path)
    encoder.add_deltas(config.encoder.rank, config.encoder.alpha)
    encoder.load_deltas(without_prefix(tensors, "encoder."))
    encoder.merge_deltas()
    return Checkpoint(
        model=model.eval(),
        encoder=encoder.eval(),
        context=context,
        config=config,
        labels=labels,
        pairing=pairing,
        sha256=checkpoint_sha256(folder),
    )


def _context(
    folder: Path, config: ContextConfig | None, context_path: Path | None
) -> ContextEncoder | None:
    if config is None:
        return None
    if context_path is None or context_sha256(context_path) != config.sha256:
        raise CheckpointError(
            f"{folder}: trained with pages as the language model {config.name!r} reads them, and "
            f"{context_path or 'nothing'} was given; bring it with `hybrid models pull {config.name}`"
        )
    return ContextEncoder(context_path, config.name, config.layers)


def checkpoint_sha256(folder: Path) -> str:
    """SHA-256 over the hashes of weights, configuration and labels.

    Raises:
        CheckpointError: If one of the three files is missing.
    """
    total = hashlib.sha256()
    for name in (WEIGHTS, CONFIG, LABELS):
        path = folder / name
        if not path.is_file():
            raise _missing(folder, name)
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def _check(folder: Path, config: CheckpointConfig, labels: tuple[str, ...]) -> None:
    if config.recipe.name not in RECIPES:
        raise CheckpointError(f"{folder / CONFIG}: unknown recipe {config.recipe.name!r}")
    recipe = find_recipe(config.recipe.name)
    names = (recipe.feature_names, recipe.graph.columns)
    pairs_differ = config.pairing is not None and config.pairing.features != PAIR_FEATURES
    if (config.feature_names, config.edge_features) != names or pairs_differ:
        raise CheckpointError(
            f"{folder}: made by another version, with other features of nodes, edges or pairs; train it again"
        )
    if len(labels) != config.model.labels or labels[0] != BACKGROUND:
        raise CheckpointError(
            f"{folder / LABELS}: {CONFIG} asks for {config.model.labels} labels with "
            f"{BACKGROUND!r} first, and there are {len(labels)}; take both from the same training"
        )
    sizes = (config.model.node_features, config.model.edge_features)
    if sizes != (len(names[0]), len(names[1])):
        raise CheckpointError(f"{folder / CONFIG}: sizes and names of the features do not agree")


def _missing(folder: Path, name: str) -> CheckpointError:
    if not folder.is_dir():
        return MissingCheckpointError(
            f"{folder}: there is no such checkpoint folder; train one with `hybrid train`"
        )
    return CheckpointError(
        f"{folder}: not a complete checkpoint, {name} is missing; train it again"
    )


def _read(folder: Path, name: str, adapter: TypeAdapter[T]) -> T:
    path = folder / name
    if not path.is_file():
        raise _missing(folder, name)
    try:
        return adapter.validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "content"
        raise CheckpointError(f"{path}: {where}: {first['msg']}") from error
