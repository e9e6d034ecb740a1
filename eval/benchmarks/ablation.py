"""Recipes beside each other on one dataset: `hybrid bench ablation`.

Every row is trained on the same documents, text vectors and node features, by the same loop and
seeds, so what differs is the method. F1 is micro over segments without the background, pooled over
the scored documents.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from hybrid.errors import HybridError
from hybrid.files import write_text
from hybrid.gcn import features, graph_stage, model, pretraining
from hybrid.gcn.encoder import encoder_sha256
from hybrid.gcn.recipes import base, edges
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.registry import RECIPES, find_recipe
from hybrid.gcn.training import TrainingSettings
from hybrid.graph import builder
from hybrid.llm.models import encoder_folder

from . import ablation_transformers
from .ablation_data import Fold, FoldTensors, code_sha256, read_folds, text_key
from .ablation_table import Result, Run, summarise
from .ablation_training import train_recipe
from .ablation_transformers import is_transformer, train_transformer, weights_of

ABLATIONS = ("weight=none", "weight=distance", "directed=false", "mapping=false")
"""Of `gbada2024`, as its paper reports them."""

_FRAME = (graph_stage, features, pretraining, base, edges, builder)


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes:
        dataset: Name.
        data_root: Folder of its release; None for drawn documents.
        recipes: Rows, in order; a name may have switches.
        seeds: Each row is trained with the seeds 0 to this, less one.
        folds: None: fit on `fit`, score `dev`. Else so many folds of `fit`.
        epochs: Most of a training; None: as `hybrid train`.
        encoder: Name of a profile, or folder, of the text encoder.
        limit: At most so many documents of a split, for trying things out.
    """

    dataset: str
    data_root: Path | None
    recipes: tuple[str, ...] = RECIPES
    seeds: int = 3
    folds: int | None = None
    epochs: int | None = None
    encoder: str = "minilm-l6-v2"
    limit: int | None = None


class Listener(Protocol):
    """Told how the measurement goes."""

    def begins(self, total: int, done: int) -> None:
        """So many trainings in all, and so many of them are in the file already."""

    def shows(self, what: str, share: float) -> None:
        """The share, 0 to 1, of what is being done."""

    def finished(self, what: str, f1: float, seconds: float) -> None:
        """One training."""


class Record(BaseModel):
    """The file of `--out`: what was measured, and of which configuration."""

    model_config = ConfigDict(extra="forbid")

    version: int = 1
    configuration: dict[str, str | int | None]
    runs: list[Run] = []


def rows_of(recipes: str, ablate: bool) -> tuple[str, ...]:
    """The rows that a command line asks for.

    Args:
        recipes: Names joined by commas, with switches: `default,gbada2024:weight=none`; a part
            without a colon that has a value belongs to the name before it.
        ablate: The four ablations follow `gbada2024`.

    Raises:
        HybridError: If a name or a switch is unknown.
    """
    names: list[str] = []
    for part in filter(None, (p.strip() for p in recipes.split(","))):
        if "=" in part and ":" not in part and names:
            names[-1] += f",{part}"
        else:
            names.append(part)
    rows: list[str] = []
    for name in names:
        if is_transformer(name):
            weights_of(name)
            rows.append(name)
            continue
        config = RecipeConfig.parse(name)
        find_recipe(config.name)
        rows.append(str(config))
        if ablate and str(config) == "gbada2024":
            rows += [f"gbada2024:{switch}" for switch in ABLATIONS]
    if not rows:
        raise HybridError("name at least one recipe, as in --recipes default,gbada2024")
    return tuple(dict.fromkeys(rows))


def measure(plan: Plan, out: Path | None, listener: Listener) -> Result:
    """Trains what is not there yet and compares the rows.

    Args:
        plan: What to measure.
        out: File to which every finished training is written at once, and from which a later call
            takes it; None keeps nothing.
        listener: Told how it goes.

    Raises:
        HybridError: If something is unknown, missing or too small, or the file holds another
            measurement.
    """
    settings = TrainingSettings()
    if plan.epochs is not None:
        settings = replace(settings, graph_epochs=plan.epochs)
    encoder = encoder_folder(plan.encoder)
    folds = read_folds(plan.dataset, plan.data_root, plan.folds, plan.limit)
    configuration: dict[str, str | int | None] = {
        "dataset": plan.dataset,
        "folds": plan.folds,
        "limit": plan.limit,
        "encoder": encoder_sha256(encoder),
        "documents": hashlib.sha256("".join(f.sha256 for f in folds).encode()).hexdigest(),
        "text": text_key(encoder, settings),
        "settings": json.dumps(asdict(settings), sort_keys=True),
    }
    record = _read(out, configuration)
    codes = {row: row_code(row) for row in plan.recipes}
    todo = [
        (fold, row, seed)
        for fold in folds
        for row in plan.recipes
        for seed in range(plan.seeds)
        if not any(r.key == (row, seed, fold.number) for r in record.runs)
    ]
    total = len(folds) * len(plan.recipes) * plan.seeds
    listener.begins(total, total - len(todo))
    for fold in folds:
        jobs = [(row, seed) for f, row, seed in todo if f is fold]
        if jobs:
            _measure_fold(fold, jobs, encoder, settings, codes, record, out, listener)
    return summarise(
        plan.dataset, record.runs, plan.recipes, plan.seeds, codes, _notes(plan, folds)
    )


def _measure_fold(
    fold: Fold,
    jobs: Sequence[tuple[str, int]],
    encoder: Path,
    settings: TrainingSettings,
    codes: Mapping[str, str],
    record: Record,
    out: Path | None,
    listener: Listener,
) -> None:
    data: FoldTensors | None = None
    for row, seed in jobs:
        what = f"{row}, seed {seed}" + (f", fold {fold.number}" if fold.number else "")

        def show(share: float, what: str = what) -> None:
            listener.shows(what, share)

        own = replace(settings, seed=seed)
        if is_transformer(row):
            trained = train_transformer(fold, row, own, show)
        else:
            data = data or FoldTensors(fold, encoder, settings, listener.shows)
            trained = train_recipe(data, RecipeConfig.parse(row), own, show)
        run = Run(row=row, seed=seed, fold=fold.number, code=codes[row], **asdict(trained))
        record.runs.append(run)
        if out is not None:
            write_text(out, record.model_dump_json() + "\n")
        listener.finished(what, run.f1, run.seconds)


def row_code(row: str) -> str:
    """SHA-256 of the code that decides a row, beside that of the text vectors."""
    if is_transformer(row):
        return code_sha256([ablation_transformers.__file__])
    recipe = find_recipe(RecipeConfig.parse(row).name)
    own = model.__file__ if recipe.name == "default" else inspect.getsourcefile(recipe.network)
    more = inspect.getsourcefile(recipe.more) if recipe.more else None
    return code_sha256([own, more, *(m.__file__ for m in _FRAME)])


def _read(out: Path | None, configuration: dict[str, str | int | None]) -> Record:
    if out is None or not out.is_file():
        return Record(configuration=configuration)
    try:
        record = Record.model_validate_json(out.read_bytes())
    except (OSError, ValidationError) as error:
        raise HybridError(
            f"{out} is no file of `hybrid bench ablation`; name another one"
        ) from error
    different = [k for k, v in configuration.items() if record.configuration.get(k) != v]
    if different:
        raise HybridError(
            f"{out} holds a measurement with other {', '.join(different)}; name another file"
        )
    return record


def _notes(plan: Plan, folds: Sequence[Fold]) -> tuple[str, ...]:
    pixels = [row for row in plan.recipes if _sees_pixels(row)]
    documents = {d.document.id for f in folds for d in (*f.train, *f.early, *f.test)}
    pictures = len(documents & folds[0].pictures.keys())
    if pixels and pictures < len(documents):
        return (f"{', '.join(pixels)}: {pictures} of {len(documents)} pages have a picture",)
    return ()


def _sees_pixels(row: str) -> bool:
    name = row.partition(":")[0]
    return name == "layoutlmv3" or (name in RECIPES and find_recipe(name).more is not None)
