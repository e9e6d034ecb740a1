import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import GoldValue, read_dataset
from hybrid.errors import DatasetError


def block(number: int, label: str, box: list[int], words: list[str], **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "label": label,
        "box": box,
        "text": " ".join(words),
        "words": [{"text": w, "box": box} for w in words],
        "linking": [],
        **more,
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    from PIL import Image

    folder = tmp_path / "dataset" / "training_data"
    (folder / "annotations").mkdir(parents=True)
    (folder / "images").mkdir()
    form = [
        block(0, "answer", [60, 10, 90, 20], ["Jane", "", "Doe"], linking=[[1, 0]]),
        block(1, "question", [5, 10, 40, 20], ["Name:"], linking=[[1, 0], [1, 2], [1, 1]]),
        block(2, "answer", [60, 30, 90, 40], ["", " "], linking=[[1, 2]]),
        block(3, "header", [5, 0, 40, 8], ["FORM"], linking=[[3, 1]]),
    ]
    path = folder / "annotations" / "a.json"
    path.write_text(json.dumps({"form": form}), encoding="utf-8")
    Image.new("L", (100, 120)).save(folder / "images" / "a.png")
    return tmp_path


def test_blocks_labels_words_and_links(root: Path) -> None:
    (sample,) = read_dataset("funsd", root, "train")
    segments = sample.document.segments
    assert sample.id == "a"
    assert [s.text for s in segments] == ["FORM", "Name:", "Jane Doe"]
    assert [s.id for s in segments] == [0, 1, 2]
    assert [w.id for s in segments for w in s.words] == [0, 1, 2, 3]
    assert sample.labels == ("header", "question", "answer")
    assert sample.released_ids == (3, 1, 0)
    assert sample.links == ((0, 1), (1, 2))
    assert sample.links_between("question", "answer") == ((1, 2),)
    assert (sample.document.pages[0].width, sample.document.pages[0].height) == (100, 120)
    assert sample.image_path is not None
    assert sample.image_path.name == "a.png"
    assert sample.values == (
        GoldValue(path="pairs[0]", label="Name:", text="Jane Doe", segment_ids=(2,)),
    )


def test_an_unknown_label_and_a_missing_key_name_the_file(root: Path) -> None:
    path = root / "dataset" / "training_data" / "annotations" / "a.json"
    path.write_text(json.dumps({"form": [block(0, "title", [0, 0, 1, 1], ["x"])]}))
    with pytest.raises(DatasetError, match=r"a\.json is broken: unknown label 'title'"):
        read_dataset("funsd", root, "train")
    path.write_text(json.dumps({"forms": []}))
    with pytest.raises(DatasetError, match=r"a\.json is broken: it has no 'form'"):
        read_dataset("funsd", root, "train")
    path.write_text("[]")
    with pytest.raises(DatasetError, match=r"a\.json is broken"):
        read_dataset("funsd", root, "train")


def test_the_real_release(shared_data: Path) -> None:
    samples = read_dataset("funsd", shared_data / "funsd", "train")
    assert len(samples) == 149
    labels = [label for s in samples for label in s.labels or ()]
    # 7411 blocks are released, 152 of them have no text.
    assert len(labels) == 7411 - 152
    assert {name: labels.count(name) for name in ("question", "answer", "header", "other")} == {
        "question": 3253,
        "answer": 2732,
        "header": 441,
        "other": 833,
    }
    assert all(s.image_path for s in samples)
    fit = read_dataset("funsd", shared_data / "funsd", "fit")
    dev = read_dataset("funsd", shared_data / "funsd", "dev")
    assert (len(fit), len(dev)) == (127, 22)
    assert {s.id for s in fit} | {s.id for s in dev} == {s.id for s in samples}
    with pytest.raises(DatasetError, match="split 'test' is not here"):
        read_dataset("funsd", shared_data / "funsd", "test")
