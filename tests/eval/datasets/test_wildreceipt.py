import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import DATASETS, read_dataset
from eval.datasets.wildreceipt import CLASSES
from hybrid.errors import DatasetError

PICTURE = "image_files/Image_1/2/abc.jpeg"
BOXES: list[tuple[str, int, int, int]] = [  # text, class, left, top
    ("9.00", 23, 100, 100),
    ("TOTAL", 24, 10, 100),
    ("ACME", 1, 10, 10),
    ("STORE", 1, 60, 10),
    ("", 0, 10, 30),
    ("Tea", 11, 10, 50),
    ("3.00", 15, 100, 50),
    ("Cake", 11, 10, 70),
    ("$9.00", 23, 100, 120),
    ("9.50", 23, 100, 140),
    ("THANKS", 25, 10, 160),
    (" ", 13, 50, 50),
]
TEXTS = ["ACME", "STORE", "Tea", "3.00", "Cake", "TOTAL", "9.00", "$9.00", "9.50", "THANKS"]


def corners(left: int, top: int) -> list[float]:
    """From the bottom-left corner, as the release has them."""
    right, bottom = left + 40, top + 10
    return [left, bottom, right, bottom, right, top, left, top]


def mmocr(boxes: list[tuple[str, int, int, int]] = BOXES, **more: Any) -> str:
    annotations = [
        {"box": corners(left, top), "text": text, "label": label} | more
        for text, label, left, top in boxes
    ]
    record = {"file_name": PICTURE, "height": 300, "width": 200, "annotations": annotations}
    return json.dumps(record) + "\n"


def paddle() -> str:
    blocks = []
    for text, label, left, top in BOXES:
        numbers = corners(left, top)
        points = [list(p) for p in zip(numbers[::2], numbers[1::2], strict=True)]
        blocks.append({"transcription": text, "label": label, "points": points})
    return f"{PICTURE}\t{json.dumps(blocks)}\n"


@pytest.mark.parametrize(
    ("file", "content"), [("train.txt", mmocr()), ("wildreceipt_train.txt", paddle())]
)
def test_both_forms(tmp_path: Path, file: str, content: str) -> None:
    (tmp_path / file).write_text(content, encoding="utf-8")
    (tmp_path / "class_list.txt").write_text("\n".join(f"{k} {c}" for k, c in enumerate(CLASSES)))
    (sample,) = read_dataset("wildreceipt", tmp_path, "train")
    assert sample.id == "abc"
    assert [s.text for s in sample.document.segments] == TEXTS
    assert sample.document.segments[0].box.as_tuple() == (10, 10, 50, 20)
    assert sample.released_ids == (2, 3, 5, 6, 7, 1, 0, 8, 9, 10)
    assert sample.labels is not None
    assert sample.labels[:2] == ("Store_name_value", "Store_name_value")
    assert sample.labels[-1] == "other"
    assert sample.labels[5] == "Total_key"
    assert [(v.path, v.label, v.text, v.segment_ids) for v in sample.values or ()] == [
        ("store_name", "store_name", "ACME STORE", (0, 1)),
        ("prod_item[0]", "prod_item", "Tea", (2,)),
        ("prod_item[1]", "prod_item", "Cake", (4,)),
        ("prod_price[0]", "prod_price", "3.00", (3,)),
        ("total", "total", "9.00", (6, 7)),
        ("total", "total", "9.50", (8,)),
    ]
    page = sample.document.pages[0]
    assert (page.width, page.height) == ((200, 300) if file == "train.txt" else (150, 180))
    assert sample.image_path is None


def test_the_picture_is_found(tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "train.txt").write_text(mmocr(), encoding="utf-8")
    (tmp_path / PICTURE).parent.mkdir(parents=True)
    Image.new("L", (200, 300)).save(tmp_path / PICTURE)
    (sample,) = read_dataset("wildreceipt", tmp_path, "train")
    assert sample.image_path == tmp_path / PICTURE


def test_labels_and_those_that_are_scored() -> None:
    dataset = DATASETS["wildreceipt"]
    assert len(CLASSES) == 26
    assert dataset.labels == ("other", *CLASSES[1:25])
    assert len(dataset.scored_labels) == 12
    assert all(label.endswith("_value") for label in dataset.scored_labels)
    assert DATASETS["funsd"].scored_labels == ("question", "answer", "header")


def test_the_open_set_is_made_of_the_closed_one(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text(mmocr(), encoding="utf-8")
    (sample,) = read_dataset("wildreceipt_openset", tmp_path, "train")
    assert sample.labels == ("value",) * 5 + ("key",) + ("value",) * 3 + ("other",)
    assert sample.links == ((5, 6), (5, 7), (5, 8))
    assert sample.values is None


def test_the_open_set_as_released(tmp_path: Path) -> None:
    boxes = [("TOTAL", 1, 10, 10), ("9.00", 2, 100, 10), ("noise", 0, 10, 30), ("bye", 3, 10, 50)]
    (tmp_path / "openset_test.txt").write_text(mmocr(boxes, edge=1), encoding="utf-8")
    (sample,) = read_dataset("wildreceipt_openset", tmp_path, "test")
    assert sample.labels == ("key", "value", "other", "other")
    assert sample.links == ((0, 1),)
    (tmp_path / "openset_test.txt").write_text(mmocr([("x", 4, 0, 0)]), encoding="utf-8")
    with pytest.raises(DatasetError, match=r"openset_test\.txt line 1 is broken: unknown label 4"):
        read_dataset("wildreceipt_openset", tmp_path, "test")


def test_broken_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text("\n" + mmocr([("x", 26, 0, 0)]))
    with pytest.raises(DatasetError, match=r"train\.txt line 2 is broken: unknown label 26"):
        read_dataset("wildreceipt", tmp_path, "train")
    path.write_text("{")
    with pytest.raises(DatasetError, match=r"train\.txt line 1 is broken: Expecting"):
        read_dataset("wildreceipt", tmp_path, "train")
    path.write_text("a.jpg []")
    with pytest.raises(DatasetError, match=r"train\.txt line 1: expected a picture, a tab"):
        read_dataset("wildreceipt", tmp_path, "train")
    path.write_text('a.jpg\t[{"transcription": "x", "label": 1}]')
    with pytest.raises(DatasetError, match=r"train\.txt is broken: it has no 'points'"):
        read_dataset("wildreceipt", tmp_path, "train")
    (tmp_path / "class_list.txt").write_text("Ignore\nTotal\n")
    with pytest.raises(DatasetError, match=r"class_list\.txt does not list the 26 classes"):
        read_dataset("wildreceipt", tmp_path, "train")
    with pytest.raises(DatasetError, match="split 'test' is not here"):
        read_dataset("wildreceipt_openset", tmp_path, "test")


def test_the_real_release(shared_data: Path) -> None:
    root = shared_data / "wildreceipt"
    samples = read_dataset("wildreceipt", root, "train")
    assert len(samples) == 372
    assert len({s.id for s in samples}) == 372
    assert all(s.image_path for s in samples)
    # 15197 boxes, of which 730 have no text.
    labels = [label for s in samples for label in s.labels or ()]
    assert len(labels) == 15197 - 730
    assert labels.count("Total_value") == 458 - 1
    assert {"Store_name_key", "Store_addr_key"}.isdisjoint(labels)
    opened = read_dataset("wildreceipt_openset", root, "train")
    assert [s.released_ids for s in opened] == [s.released_ids for s in samples]
