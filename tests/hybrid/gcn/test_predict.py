from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from hybrid.document import Document
from hybrid.gcn.labelled import LabelledDocument
from hybrid.gcn.predict import GcnPredictor
from hybrid.gcn.training import TrainingSettings, train

NOT_NEEDED = ("torch_geometric", "transformers", "torch._dynamo", "torch.distributed.tensor")
"""Each takes about a second to import, and a user would wait for it before every first page."""
LABEL = """
import json, sys
from pathlib import Path
from hybrid import Document
from hybrid.gcn.predict import GcnPredictor
predictor = GcnPredictor.load(Path(sys.argv[1]), Path(sys.argv[2]))
predictor.predict(Document.model_validate_json(sys.argv[3]))
print(json.dumps(list(sys.modules)))
"""


@pytest.fixture(scope="module")
def checkpoint(
    receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("predictor")
    settings = TrainingSettings(
        text_epochs=1, rank=2, graph_epochs=2, noisy_copies=1, hidden=32, layers=2
    )
    train(receipts, tiny_encoder, out, encoder_name="tiny", data_sha256="", settings=settings)
    return out


@pytest.fixture(scope="module")
def predictor(checkpoint: Path, tiny_encoder: Path) -> GcnPredictor:
    return GcnPredictor.load(checkpoint, tiny_encoder)


def test_rows_are_distributions(predictor: GcnPredictor, receipts: list[LabelledDocument]) -> None:
    predictions = predictor.predict(receipts[0].document)
    assert predictions.labels == ("other", "company", "date", "total")
    assert predictions.probabilities.shape == (9, 4)
    assert predictions.probabilities.dtype == np.float64
    np.testing.assert_allclose(predictions.probabilities.sum(axis=1), 1, atol=1e-12)
    assert set(predictions.seconds) == {"graph", "gcn"}


def test_a_document_without_text(
    predictor: GcnPredictor, make_document: Callable[..., Document]
) -> None:
    assert predictor.predict(make_document("empty", [])).probabilities.shape == (0, 4)
    assert predictor.predict(Document(id="none", pages=())).probabilities.shape == (0, 4)


def test_many_pages(predictor: GcnPredictor, make_document: Callable[..., Document]) -> None:
    lines = [(f"line {k}", "", 20.0, 20.0 * (k % 5)) for k in range(100)]
    predictions = predictor.predict(make_document("long", lines, pages=20))
    assert predictions.probabilities.shape == (100, 4)
    assert bool(np.isfinite(predictions.probabilities).all())


def test_threads_give_what_one_thread_gives(
    predictor: GcnPredictor, receipts: list[LabelledDocument]
) -> None:
    documents = [d.document for d in receipts]
    alone = [predictor.predict(d).probabilities for d in documents]
    with ThreadPoolExecutor(4) as pool:
        together = [p.probabilities for p in pool.map(predictor.predict, documents)]
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_first_page_waits_for_no_import_that_it_does_not_need(
    checkpoint: Path, tiny_encoder: Path, receipts: list[LabelledDocument]
) -> None:
    page = receipts[0].document.model_dump_json()
    result = subprocess.run(
        [sys.executable, "-c", LABEL, str(checkpoint), str(tiny_encoder), page],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    loaded = json.loads(result.stdout)
    assert "torch" in loaded
    assert [name for name in NOT_NEEDED if name in loaded] == []
