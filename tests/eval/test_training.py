"""From datasets to a checkpoint; the drawn documents need no data, SROIE and CORD-r do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from eval import training
from eval.datasets import drawn_receipts
from eval.datasets.drawn_forms import drawn_sample
from eval.training import labelled, train_checkpoint
from hybrid.errors import CheckpointError, DatasetError, ModelError
from hybrid.gcn.checkpoint import read_config
from hybrid.gcn.predict import GcnPredictor
from tests.eval.tiny_encoder import tiny_bert

DATA = Path(
    os.environ.get("HYBRID_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data"
)


@pytest.fixture
def tiny_encoder(tmp_path: Path) -> Path:
    """A folder with a BERT of one layer and random weights."""
    return tiny_bert(tmp_path / "encoder")


@pytest.fixture
def few_drawn_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty documents instead of 1,700, which take half a minute to draw."""
    drawn = [drawn_sample("train", k) for k in range(20)]
    monkeypatch.setattr(
        "eval.datasets.drawn_forms.DrawnForms.load",
        lambda self, root, split, limit=None: (drawn[:14] if split == "fit" else drawn[14:])[
            :limit
        ],
    )
    monkeypatch.setattr("hybrid.gcn.pairing._STEPS", 50)


@pytest.mark.usefixtures("few_drawn_forms")
def test_a_recipe_is_trained_and_recorded(tiny_encoder: Path, tmp_path: Path) -> None:
    recipe = "gbada2024:directed=false"
    train_checkpoint(
        ["drawn_forms"], [None], tmp_path, encoder=str(tiny_encoder), epochs=1, recipe=recipe
    )
    assert read_config(tmp_path).context is None
    assert str(read_config(tmp_path).recipe) == recipe
    with pytest.raises(ModelError, match="unknown recipe"):
        train_checkpoint(["drawn_forms"], [None], tmp_path, recipe="gbada")


def test_pages_have_their_pictures_where_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "form.png"
    path.write_bytes(b"picture")
    sample = drawn_sample("train", 0).model_copy(update={"image_path": path})
    monkeypatch.setattr(
        "eval.datasets.drawn_forms.DrawnForms.load", lambda self, root, split, limit=None: [sample]
    )
    for pictures in (False, True):
        (document,) = labelled("drawn_forms", None, "fit", joint=False, pictures=pictures)
        assert [p.image is not None for p in document.document.pages] == [pictures]


@pytest.mark.usefixtures("few_drawn_forms")
def test_drawn_forms_become_a_checkpoint(tiny_encoder: Path, tmp_path: Path) -> None:
    out = tmp_path / "forms"
    metrics = train_checkpoint(
        ["drawn_forms"], [None], out, encoder=str(tiny_encoder), epochs=2, context="none"
    )
    assert metrics.documents == {"fit": 12, "held_out": 2, "dev": 6}
    assert set(metrics.dev["drawn_forms"]) == {"micro", "question", "answer", "header"}
    predictor = GcnPredictor.load(out, tiny_encoder)
    assert predictor.labels == ("other", "answer", "header", "question")
    assert predictor.config.encoder.name == str(tiny_encoder)


@pytest.mark.usefixtures("few_drawn_forms")
def test_the_data_hash_sees_every_document_and_its_text() -> None:
    documents = labelled("drawn_forms", None, "fit", joint=False)
    whole = training._list_hash(documents)
    assert training._list_hash(documents[::-1]) == whole
    assert training._list_hash(documents[1:]) != whole


def _write_sroie(root: Path, count: int) -> None:
    for folder in ("box", "key"):
        (root / "train" / folder).mkdir(parents=True)
    key = {"company": "ACME SDN BHD", "date": "25/12/2018", "total": "9.00"}
    lines = [
        "10,10,90,10,90,20,10,20,ACME SDN BHD",
        "10,40,90,40,90,50,10,50,DATE: 25/12/2018",
        "10,70,40,70,40,80,10,80,TOTAL",
        "60,70,90,70,90,80,60,80,9.00",
    ]
    for number in range(count):
        (root / "train" / "box" / f"X{number}.txt").write_text("\n".join(lines))
        (root / "train" / "key" / f"X{number}.txt").write_text(json.dumps(key))


def _write_cord_r(root: Path, count: int) -> None:
    (root / "jsons").mkdir(parents=True)
    names = [f"train_{number:04}" for number in range(count)]
    listed = [f"images/{name}.png jsons/{name}.json" for name in names]
    (root / "data.train.txt").write_text("\n".join(listed))
    document, entities, character = [], [], 0
    texts = (("Nasi", "menu.nm"), ("9,000", "menu.price"), ("TOTAL", "total.total_price"))
    for line, (text, label) in enumerate(texts):
        words = []
        for k, letter in enumerate(text):
            box = [10 + 10 * k, 20 * line + 10, 20 + 10 * k, 20 * line + 20]
            words.append({"id": character, "text": letter, "box": box})
            character += 1
        document.append({"id": line, "words": words})
        entities.append({"label": label, "word_idx": [w["id"] for w in words]})
    content = {
        "document": document,
        "label_entities": entities,
        "img": {"width": 100, "height": 90},
    }
    for name in names:
        (root / "jsons" / f"{name}.json").write_text(json.dumps(content))


def test_receipts_of_three_datasets_become_one_checkpoint(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn_receipts, "SIZES", {"train": 12})
    _write_sroie(tmp_path / "sroie", 8)
    _write_cord_r(tmp_path / "cord_r", 8)
    names = ["sroie", "cord_r", "drawn_receipts"]
    roots = [tmp_path / "sroie", tmp_path / "cord_r", None]
    out = tmp_path / "receipts"
    metrics = train_checkpoint(
        names, roots, out, encoder=str(tiny_encoder), epochs=1, context="none"
    )
    assert metrics.datasets == tuple(sorted(names))
    assert set(metrics.dev) == set(names)
    assert "total" in metrics.dev["drawn_receipts"]
    labels = GcnPredictor.load(out, tiny_encoder).labels
    known = {name: labelled(name, root, "fit", joint=True)[0].known_labels
             for name, root in zip(names, roots, strict=True)}  # fmt: skip
    assert known["drawn_receipts"] == known["sroie"] | known["cord_r"] == set(labels)
    assert "total.total_price" not in labels


def test_bad_requests_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="unknown dataset 'nonsense'"):
        train_checkpoint(["nonsense"], [None], tmp_path)
    with pytest.raises(DatasetError, match="1 datasets and 2 data roots"):
        train_checkpoint(["sroie"], [None, None], tmp_path)


@pytest.mark.skipif(
    not (DATA / "cord_r").is_dir(),
    reason=f"CORD-r is not here: set HYBRID_TEST_DATA to the folder that holds it ({DATA})",
)
def test_trained_together_the_totals_are_one_label() -> None:
    alone = labelled("cord_r", DATA / "cord_r", "dev", joint=False)
    together = labelled("cord_r", DATA / "cord_r", "dev", joint=True)
    assert "total.total_price" in alone[0].known_labels
    assert "total" in together[0].known_labels
    assert "total.total_price" not in together[0].known_labels
    assert any("total" in d.labels for d in together)
    # words alone, segments together
    assert sum(len(d.labels) for d in alone) > sum(len(d.labels) for d in together)


def test_shipped_checkpoints_begin_only_what_they_have_not_seen(tmp_path: Path) -> None:
    names = [s.folder.name for s in training._start("auto", ["funsd"])]  # type: ignore[union-attr]
    assert names == ["forms", "receipts"]
    names = [s.folder.name for s in training._start("auto", ["sroie"])]  # type: ignore[union-attr]
    assert names == ["forms"]
    assert training._start("none", ["funsd"]) == []
    assert training._start("forms", ["drawn_forms"]).folder.name == "forms"  # type: ignore[union-attr]
    with pytest.raises(CheckpointError, match="nowhere"):
        training._start(str(tmp_path / "nowhere"), ["funsd"])
