"""What the GCN says of documents that it was not trained on: predictions out of fold.

Whatever is fitted on top of the GCN (fusion, an LLM that learns to verify) has to see it as unsure and
as wrong as it will be on new documents, which on its own training documents it is not. So the `fit`
documents are cut into folds, and each fold is predicted by a network trained on the others. Nothing
of `dev` is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from hybrid.document import Document
from hybrid.errors import DatasetError
from hybrid.files import replacing
from hybrid.gcn.checkpoint import METRICS
from hybrid.gcn.labelled import LabelledDocument
from hybrid.gcn.predict import GcnPredictor, NodePredictions
from hybrid.gcn.state import configuration_hash
from hybrid.gcn.training import TrainingSettings, train
from hybrid.llm.models import encoder_folder
from hybrid.schema import FieldSchema

from .training import labelled, shipped_starts

QUICK = TrainingSettings(text_epochs=1, graph_epochs=16, patience=5, noisy_copies=1, members=1)
"""One network a fold, some minutes each on two cores."""


@dataclass
class Folds:
    """Networks by fold, and what each says of the documents that it has not seen.

    Attributes:
        predictions: By document id.
        fold_of: Document id to number of the fold that it is in.
        folder: With a checkpoint for each fold.
        encoder: Folder of their text encoder.
    """

    predictions: dict[str, NodePredictions]
    fold_of: dict[str, int]
    folder: Path
    encoder: Path
    _predictors: dict[int, GcnPredictor] = field(default_factory=dict)

    def predict(self, document: Document, original_id: str) -> NodePredictions:
        """What the network that has not seen a document says of a changed copy of it.

        Args:
            document: Such as one from which a field was removed.
            original_id: Of the document that it was made from.

        Raises:
            KeyError: If that is not among the documents.
        """
        fold = self.fold_of[original_id]
        if fold not in self._predictors:
            self._predictors[fold] = GcnPredictor.load(_network(self.folder, fold), self.encoder)
        return self._predictors[fold].predict(document)


def train_folds(
    datasets: Sequence[str],
    roots: Sequence[Path | None],
    work_folder: Path,
    encoder: str = "minilm-l6-v2",
    seed: int = 0,
    folds: int = 3,
    on_status: Callable[[str], None] | None = None,
    limit: int | None = None,
    settings: TrainingSettings | None = None,
    schema: FieldSchema | None = None,
) -> Folds:
    """Trains a network for each fold of the `fit` documents and predicts the fold with it.

    Args:
        datasets: Names, each once; trained together.
        roots: The folder of each dataset's release; None for one that is drawn.
        work_folder: Keeps networks and predictions, so that a killed run goes on and a repeated one
            has nothing to do.
        encoder: Name of a profile, or folder, of a BERT-family encoder.
        seed: Of everything random.
        folds: At least 2.
        on_status: Told what is being done.
        limit: At most so many documents of each dataset, for trying things out.
        settings: Of the trainings, by default `QUICK`; `seed` is put into them.
        schema: Of the dataset `own`.

    Raises:
        DatasetError: If a dataset is unknown, missing or broken, two documents have one id, or there
            are too few of them.
        ModelError: If the encoder was not pulled.
    """
    if folds < 2:
        raise DatasetError(f"{folds} folds: predictions out of fold need at least 2")
    documents: list[LabelledDocument] = []
    for name, root in zip(datasets, roots, strict=True):
        read = labelled(name, root, "fit", len(datasets) > 1, schema=schema)
        documents += [d for d in read if d.labels][:limit]
    fold_of = _assign(documents, folds)
    settings = replace(settings or QUICK, seed=seed)
    data = configuration_hash({d.key: [d.document.text, d.labels] for d in documents})
    configuration = configuration_hash(
        {
            "settings": asdict(settings),
            "encoder": encoder,
            "data": data,
            "folds": folds,
        }
    )
    folder = work_folder / f"folds-{configuration[:12]}"
    result = Folds({}, fold_of, folder, encoder_folder(encoder))
    for fold in range(folds):
        inside = [d.document for d in documents if fold_of[d.document.id] == fold]
        saved = folder / f"fold-{fold}.npz"
        if not saved.is_file():
            if on_status:
                on_status(f"GCN for fold {fold + 1} of {folds}, {len(inside)} documents to predict")
            rest = [d for d in documents if fold_of[d.document.id] != fold]
            if not (_network(folder, fold) / METRICS).is_file():
                train(
                    rest,
                    result.encoder,
                    _network(folder, fold),
                    encoder_name=encoder,
                    data_sha256=data,
                    settings=settings,
                    start=shipped_starts(datasets),
                )
            found = {document.id: result.predict(document, document.id) for document in inside}
            _save(saved, found)
        result.predictions |= _load(saved)
    return result


def _network(folder: Path, fold: int) -> Path:
    return folder / f"fold-{fold}"


def _assign(documents: Sequence[LabelledDocument], folds: int) -> dict[str, int]:
    """Folds of equal size by the documents' hash, each dataset by itself."""
    fold_of: dict[str, int] = {}
    for dataset in sorted({d.dataset for d in documents}):
        items = sorted((d for d in documents if d.dataset == dataset), key=lambda d: d.key)
        for number, item in enumerate(items):
            if item.document.id in fold_of:
                raise DatasetError(
                    f"two documents are called {item.document.id!r}: predictions by id need "
                    "different names"
                )
            fold_of[item.document.id] = number % folds
    return fold_of


def _save(path: Path, predictions: Mapping[str, NodePredictions]) -> None:
    labels = next((p.labels for p in predictions.values()), ())
    arrays = {f"document/{name}": p.probabilities for name, p in predictions.items()}
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, labels=np.array(labels), **arrays)


def _load(path: Path) -> dict[str, NodePredictions]:
    with np.load(path, allow_pickle=False) as arrays:
        labels = tuple(str(name) for name in arrays["labels"])
        return {
            name.removeprefix("document/"): NodePredictions(labels, arrays[name], {})
            for name in arrays.files
            if name.startswith("document/")
        }
