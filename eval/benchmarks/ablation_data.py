"""What the rows of an ablation share: documents, folds, text vectors, node features, graphs.

The text encoder is fine-tuned once a fold, by the seed 0, and its vectors are kept in the cache
folder, in half precision; a second call reads them. Graphs and node features are built anew in each
call, which takes a few milliseconds a document, and shared by recipes and seeds.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from hybrid.errors import DatasetError
from hybrid.gcn import augment, encoder, labelled, low_rank, text_stage
from hybrid.gcn.encoder import TextEncoder, encoder_sha256
from hybrid.gcn.graph_stage import DocumentTensors, Example, noisy_copies, prepare
from hybrid.gcn.labelled import LabelledDocument, allowed_labels, label_set, split_by_hash
from hybrid.gcn.links import link_targets
from hybrid.gcn.recipes.base import Edges, Recipe
from hybrid.gcn.state import seeded
from hybrid.gcn.text_stage import TextStage, text_examples
from hybrid.gcn.training import TrainingSettings
from hybrid.llm.models import models_home

from ..datasets.pictures import with_picture
from ..datasets.registry import find_dataset, read_dataset

EARLY_STOPPING = 0.12
_FEWEST_DOCUMENTS = 5
_TEXT_CODE = (augment, encoder, labelled, low_rank, text_stage)

Show = Callable[[str, float], None]
"""Told what is done and which share of it, 0 to 1."""


@dataclass(frozen=True)
class Fold:
    """Documents by use; `pictures` has the files of pages by document id.

    Attributes:
        number: From 0.
        train: To fit on.
        early: Decide when to stop.
        test: Are scored.
        pictures: Where the release has them.
    """

    number: int
    train: list[LabelledDocument]
    early: list[LabelledDocument]
    test: list[LabelledDocument]
    pictures: dict[str, Path]

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, the background first."""
        return label_set([*self.train, *self.early, *self.test])

    @property
    def sha256(self) -> str:
        """Of everything that the documents hold, and of their use."""
        total = hashlib.sha256()
        for part in (self.train, self.early, self.test):
            for d in part:
                segments = [(s.text, s.box.as_tuple()) for s in d.document.segments]
                total.update(json.dumps([d.document.id, d.labels, segments]).encode())
            total.update(b"|")
        return total.hexdigest()


def read_folds(name: str, root: Path | None, folds: int | None, limit: int | None) -> list[Fold]:
    """The documents of a dataset, parted.

    Args:
        name: Of the dataset.
        root: Folder of its release.
        folds: None: fit on `fit`, score `dev`. Else so many folds of `fit`, each scored once.
        limit: At most so many documents of a split, for trying things out.

    Raises:
        DatasetError: If the dataset is unknown, missing, broken or too small.
    """
    known = frozenset(find_dataset(name).labels)
    pictures: dict[str, Path] = {}

    def read(split: str) -> list[LabelledDocument]:
        samples = [s for s in read_dataset(name, root, split, cache=True) if s.labels]
        pictures.update({s.id: s.image_path for s in samples if s.image_path})
        return [LabelledDocument(s.document, s.labels or (), known, name) for s in samples[:limit]]

    fit = read("fit")
    if folds is None:
        parts = [(fit, read("dev"))]
    else:
        by_hash = sorted(fit, key=lambda d: d.key)
        parts = [
            ([d for k, d in enumerate(by_hash) if k % folds != n], by_hash[n::folds])
            for n in range(folds)
        ]
    made = []
    for number, (rest, test) in enumerate(parts):
        if len(rest) < _FEWEST_DOCUMENTS or not test:
            raise DatasetError(
                f"dataset {name}: {len(rest)} documents to fit on and {len(test)} to score are too "
                "few; take fewer folds or a larger limit"
            )
        early, train = split_by_hash(rest, (EARLY_STOPPING,))
        made.append(Fold(number, train, early, test, pictures))
    return made


def code_sha256(files: Iterable[str | None]) -> str:
    """SHA-256 of Python files as they are understood: comments, docstrings and layout count not."""
    total = hashlib.sha256()
    for name in sorted(filter(None, files)):
        tree = ast.parse(Path(name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [n for n in body if not _is_text(n)]  # type: ignore[attr-defined]
        total.update(ast.dump(tree).encode())
    return total.hexdigest()


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def text_key(encoder_path: Path, settings: TrainingSettings) -> str:
    """What the vectors depend on beside the documents."""
    names = ("text_epochs", "text_examples", "text_learning_rate", "rank", "noisy_copies")
    values = [encoder_sha256(encoder_path), code_sha256(m.__file__ for m in _TEXT_CODE)]
    values += [str(asdict(settings)[name]) for name in names]
    return hashlib.sha256("\n".join(values).encode()).hexdigest()


@dataclass(frozen=True)
class Parts:
    """A fold in tensors, for one recipe."""

    train: list[Example]
    copies: list[Example]
    early: list[Example]
    test: list[Example]


class FoldTensors:
    """A fold with its text vectors; graphs and node features are built once for those who share.

    Args:
        fold: The documents.
        encoder_path: Folder of the text encoder.
        settings: Of its training.
        show: Told how it goes.
    """

    def __init__(
        self, fold: Fold, encoder_path: Path, settings: TrainingSettings, show: Show
    ) -> None:
        self.fold = fold
        self.labels = fold.labels
        copies = noisy_copies(fold.train, settings.noisy_copies, 0)
        self.sizes = [len(p) for p in (fold.train, copies, fold.early, fold.test)]
        self.documents = [*fold.train, *copies, *fold.early, *fold.test]
        key = hashlib.sha256(f"{text_key(encoder_path, settings)} {fold.sha256}".encode())
        path = models_home() / "ablation" / f"{fold.test[0].dataset}-{key.hexdigest()[:16]}"
        self.text = self._vectors(path.with_suffix(".safetensors"), encoder_path, settings, show)
        self._edges: dict[str, list[Edges]] = {}
        self._features: dict[tuple[str, ...], list[Tensor]] = {}

    def _vectors(
        self, path: Path, encoder_path: Path, settings: TrainingSettings, show: Show
    ) -> list[Tensor]:
        """`[n, width]` of each document, float32."""
        counts = [len(d.labels) for d in self.documents]
        found: Tensor | None = None
        if path.is_file():
            try:
                found = load_file(path)["text"]
            except (SafetensorError, KeyError):
                found = None  # damaged: as good as none
        if found is None or len(found) != sum(counts):
            vectors = fine_tuned_vectors(
                self.documents, self.fold.train, self.labels, encoder_path, settings, show
            )
            found = torch.cat(vectors).half()
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(".partial")
            save_file({"text": found}, temporary)
            temporary.replace(path)
        return list(torch.split(found.float(), counts))

    def parts(self, recipe: Recipe) -> Parts:
        """The fold in tensors."""
        edges = self._edges.get(recipe.graph.name)
        if edges is None:
            edges = [recipe.graph.build(d.document) for d in self.documents]
            self._edges[recipe.graph.name] = edges
        features = self._features.get(recipe.feature_names)
        if features is None:
            features = [self._node_features(d, recipe) for d in self.documents]
            self._features[recipe.feature_names] = features
        examples = [
            Example(
                d,
                DocumentTensors(text, own, e.index, e.attributes),
                torch.tensor([allowed_labels(x, d.known_labels, self.labels) for x in d.labels]),
                link_targets(e.index, d.links),
            )
            for d, text, own, e in zip(self.documents, self.text, features, edges, strict=True)
        ]
        train, copies, early, test = _split(examples, self.sizes)
        return Parts(train, copies, early, test)

    def _node_features(self, labelled: LabelledDocument, recipe: Recipe) -> Tensor:
        document = labelled.document
        if recipe.more is not None:
            document = with_picture(document, self.fold.pictures.get(document.id))
        return recipe.features(document)


def _split(examples: Sequence[Example], sizes: Sequence[int]) -> list[list[Example]]:
    ends = [sum(sizes[: k + 1]) for k in range(len(sizes))]
    return [list(examples[end - size : end]) for size, end in zip(sizes, ends, strict=True)]


def fine_tuned_vectors(
    documents: Sequence[LabelledDocument],
    train: Sequence[LabelledDocument],
    labels: tuple[str, ...],
    encoder_path: Path,
    settings: TrainingSettings,
    show: Show,
) -> list[Tensor]:
    """Fine-tunes the encoder on `train` as `hybrid train` does; `[n, width]` of each document."""
    with seeded(0, "encoder"):
        model = TextEncoder(encoder_path)
        model.add_deltas(settings.rank, 2.0 * settings.rank)
    with seeded(0, "head"):
        stage = TextStage(
            model,
            text_examples(train, labels),
            settings.text_epochs,
            settings.text_examples,
            settings.text_learning_rate,
        )
    for number in range(settings.text_epochs):
        with seeded(0, "text", number) as seed:
            for share, _ in stage.epoch(number, seed):
                show("text encoder", (number + share) / settings.text_epochs)
    vectors = []
    for example in prepare(documents, model, labels):
        vectors.append(example.tensors.text)
        show("text vectors", len(vectors) / len(documents))
    return vectors
