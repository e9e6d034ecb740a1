"""Datasets become a tuned LLM: what `hybrid tune` does."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hybrid.errors import DatasetError, ModelError
from hybrid.gcn.progress_bars import ProgressBars
from hybrid.llm.adapter import WEIGHTS
from hybrid.llm.fetch import sha256_of
from hybrid.llm.models import model_path, pull_merged
from hybrid.llm.profile import AdapterSource, Profile
from hybrid.llm.profiles import known_profiles, load_profile
from hybrid.llm.thinking import check_thinking, make_thinking, spare_tokens
from hybrid.schema import FieldSchema
from hybrid.tuning.examples import TuningExample, examples_to_json
from hybrid.tuning.export import export_adapter, tuned_profile
from hybrid.tuning.lora import TunedModel
from hybrid.tuning.state import TuningState
from hybrid.tuning.tokens import tree_of
from hybrid.tuning.training import TuningResult, TuningSettings, train_adapter
from hybrid.verify.prompts import EXTRACT, VERIFY, prompt_hash

from .out_of_fold import Folds, train_folds
from .tuning_examples import tuning_examples

_HELD_OUT = 0.05
WORK = "work"
"""Folder inside the adapter's for networks, examples and the state of an interrupted tuning."""


def tune_model(
    datasets: Sequence[str],
    data_roots: Sequence[Path | None],
    base: str,
    out: Path,
    name: str,
    encoder: str = "minilm-l6-v2",
    seed: int = 0,
    epochs: int = 1,
    learning_rate: float = 4e-4,
    rank: int = 16,
    documents: Sequence[int] | None = None,
    limit: int | None = None,
    think: bool = False,
    start: Path | None = None,
    schema: FieldSchema | None = None,
) -> TuningResult:
    """Tunes an LLM on the `fit` part of one or several datasets; 5 % of it are only scored.

    Args:
        datasets: Names, each once.
        data_roots: The folder of each dataset's release; None for one that is drawn.
        base: Name of the profile of a pulled LLM.
        out: Folder of the adapter.
        name: Of the tuned model.
        encoder: Of the GCN whose proposals out of fold are verified.
        seed: Of everything random.
        epochs: Passes over the examples.
        learning_rate: At its peak.
        rank: Of the adapter.
        documents: The LLM learns from at most so many of each dataset; the GCN from all.
        limit: At most so many documents of each dataset, for trying things out.
        think: It learns to write the evidence before its answer, and is served as a model that
            reasons.
        start: Folder of an adapter of the same base and rank whose values the training begins with.
        schema: Of the dataset `own`.

    Returns:
        Losses and costs, which also stand in `training.json`.

    Raises:
        DatasetError: If a dataset is unknown, missing or broken.
        MissingExtraError: If peft is not installed.
        ModelError: If base model or encoder were not pulled, or cannot be tuned.
    """
    most: list[int | None] = [*documents] if documents else [None] * len(datasets)
    if not len(datasets) == len(data_roots) == len(most):
        raise DatasetError(
            f"{len(datasets)} datasets: give one data root, and one number of documents, for each"
        )
    profile = load_profile(base)
    if not profile.is_llm:
        raise ModelError(f"{base} is no LLM")
    folder = _whole(base)
    # By a name it is found from everywhere, by a path only where that is absolute.
    spec = base if base in known_profiles()[0] else str(Path(base).expanduser().resolve())
    source = AdapterSource(base=spec, rank=rank, sha256="0" * 64)
    tuned = tuned_profile(profile, name, source, think=think)
    settings = TuningSettings(
        seed=seed, epochs=epochs, learning_rate=learning_rate, rank=rank, alpha=2 * rank
    )
    work = out / WORK
    with ProgressBars() as bars:
        # What peft or the model lacks is better said before the long work than after it.
        model = TunedModel(folder, settings.rank, settings.alpha, seed)
        if start is not None:
            model.start_from(start)
        tokenizer, thinking = _tokenizer(folder, work / "tokenizer", model if think else None)
        bars.say("networks for proposals out of fold")
    folds = train_folds(
        datasets, data_roots, work, encoder, seed, on_status=_say, limit=limit, schema=schema
    )
    with ProgressBars() as bars:
        examples = _examples(
            datasets, data_roots, folds, tuned, seed, most, work, think, bars, schema
        )
        learned, held_out = _split(examples)
        data = _hash(examples)
        started_from = sha256_of(start / WEIGHTS) if start is not None else None
        result = train_adapter(
            model,
            [tree_of(e, tokenizer) for e in learned],
            [tree_of(e, tokenizer) for e in held_out],
            work,
            settings,
            f"{base}/{data}/{started_from}",
            bars,
        )
    training = {
        "name": name,
        "base": base,
        "base_source": profile.source.model_dump(mode="json"),
        "datasets": list(datasets),
        "documents": len({e.document_id for e in examples}),
        "examples": _counts(learned),
        "held_out_examples": _counts(held_out),
        "data_sha256": data,
        "started_from": started_from,
        "settings": asdict(settings),
        "result": asdict(result),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    notice = _notice(name, profile, datasets)
    export_adapter(out, model, profile, spec, name, training, notice, thinking)
    TuningState(work).remove()
    return result


def _tokenizer(
    folder: Path, work: Path, model: TunedModel | None
) -> tuple[Any, dict[str, str] | None]:
    """The base's tokenizer; for a model that is to think, with tokens for that, and their names."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    if model is None:
        return tokenizer, None
    thinking = spare_tokens(tokenizer, model.vocabulary)
    shutil.rmtree(work, ignore_errors=True)
    unwanted = shutil.ignore_patterns("*.safetensors", "*.bin", "*.gguf")
    shutil.copytree(folder, work, ignore=unwanted)
    make_thinking(work, thinking)
    tokenizer = AutoTokenizer.from_pretrained(work)
    check_thinking(tokenizer)
    return tokenizer, thinking


def _whole(base: str) -> Path:
    """The folder of a pulled model; an adapter is merged into its own base first, on a GPU too."""
    model_path(base)
    return pull_merged(base)


def _say(text: str) -> None:
    with ProgressBars() as bars:
        bars.say(text)


def _examples(
    datasets: Sequence[str],
    roots: Sequence[Path | None],
    folds: Folds,
    profile: Profile,
    seed: int,
    most: Sequence[int | None],
    work: Path,
    think: bool,
    bars: ProgressBars,
    schema: FieldSchema | None = None,
) -> list[TuningExample]:
    """All examples, made once and kept."""
    prompts = prompt_hash(EXTRACT)[:6] + prompt_hash(VERIFY)[:6]
    # As the pipeline cuts pages for it.
    context = profile.max_model_len - (profile.thought_tokens if think else 0)
    made_of = f"{folds.folder.name}-{prompts}-{context}-{seed}{'-thinking' if think else ''}"
    found: list[TuningExample] = []
    for number, (dataset, root, limit) in enumerate(zip(datasets, roots, most, strict=True)):
        for share, examples in tuning_examples(
            dataset,
            root,
            folds,
            context,
            seed,
            limit,
            work / f"examples-{made_of}-{dataset}.jsonl",
            think,
            schema,
        ):
            found += examples
            bars.show("examples", (number + share) / len(datasets), {"count": len(found)})
    return found


def _split(examples: Sequence[TuningExample]) -> tuple[list[TuningExample], list[TuningExample]]:
    """What is learned, and by the hash of the document 5 % to score."""
    parts: tuple[list[TuningExample], list[TuningExample]] = ([], [])
    for example in examples:
        parts[random.Random(example.document_id).random() < _HELD_OUT].append(example)  # noqa: S311
    return parts


def _counts(examples: Sequence[TuningExample]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for example in examples:
        kind = f"{example.task}{' without a field' if example.removed else ''}"
        counts[kind] = counts.get(kind, 0) + len(example.turns)
    return dict(sorted(counts.items()))


def _hash(examples: Sequence[TuningExample]) -> str:
    return hashlib.sha256(examples_to_json(examples).encode()).hexdigest()


def _notice(name: str, profile: Profile, datasets: Sequence[str]) -> str:
    licence = f"{profile.licence}" + (f", {profile.license_url}" if profile.license_url else "")
    return (
        f"{name}\n\n"
        f"A LoRA adapter for {profile.name} ({profile.description}; {licence}).\n"
        f"Trained on the training documents, without the development part, of: "
        f"{', '.join(datasets)}.\n"
        "The adapter holds weights only, no text of these documents. The licences of the base "
        "model and of the data apply.\n"
    )
