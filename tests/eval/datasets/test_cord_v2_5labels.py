import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import read_dataset
from hybrid.errors import DatasetError


def annotation(label: str, group: int, words: list[tuple[str, list[int], int]]) -> dict[str, Any]:
    return {
        "label": label,
        "group_id": group,
        "sub_group_id": 0,
        "row_ids": sorted({box[1] for _, box, _ in words}),
        "text": " ".join(text for text, _, _ in words),
        "word_texts": [text for text, _, _ in words],
        "word_boxes": [box for _, box, _ in words],
        "is_key_flags": [key for _, _, key in words],
    }


def write(root: Path, annotations: list[dict[str, Any]]) -> None:
    record = {
        "image_id": 12,
        "image_size": {"width": 300, "height": 200},
        "annotations": annotations,
    }
    (root / "train.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")


def test_lines_over_two_rows_keys_and_empty_words(tmp_path: Path) -> None:
    write(
        tmp_path,
        [
            annotation(
                "menu.nm", 3, [("Nasi", [10, 10, 40, 20], 0), ("Goreng", [10, 30, 60, 40], 0)]
            ),
            annotation("menu.price", 3, [("9,000", [100, 10, 140, 20], 0)]),
            annotation("menu.cnt", 3, [(" ", [80, 10, 90, 20], 0)]),
            annotation(
                "total.total_price",
                4,
                [("TOTAL", [10, 60, 50, 70], 1), ("9,000", [100, 60, 140, 70], 0)],
            ),
        ],
    )
    (sample,) = read_dataset("cord_v2_5labels", tmp_path, "train")
    assert sample.id == "receipt_00012"
    assert [s.text for s in sample.document.segments] == ["Nasi", "9,000", "Goreng", "TOTAL 9,000"]
    assert sample.labels == ("menu.nm", "menu.price", "menu.nm", "total.total_price")
    assert [(v.path, v.text) for v in sample.values or ()] == [
        ("menu[0].nm", "Nasi Goreng"),
        ("menu[0].price", "9,000"),
        ("total.total_price", "9,000"),
    ]
    assert sample.tree is None


def test_broken_lines_are_named(tmp_path: Path) -> None:
    write(tmp_path, [{"label": "menu.nm"}])
    with pytest.raises(DatasetError, match=r"train\.jsonl is broken: it has no 'word_boxes'"):
        read_dataset("cord_v2_5labels", tmp_path, "train")
    (tmp_path / "train.jsonl").write_text("\n[]\n")
    with pytest.raises(DatasetError, match=r"train\.jsonl line 2: expected a JSON object"):
        read_dataset("cord_v2_5labels", tmp_path, "train")
    with pytest.raises(DatasetError, match="split 'validation' is not here"):
        read_dataset("cord_v2_5labels", tmp_path, "validation")


def test_the_real_release(shared_data: Path) -> None:
    root = shared_data / "cord_v2_5labels"
    train = read_dataset("cord_v2_5labels", root, "train")
    validation = read_dataset("cord_v2_5labels", root, "validation")
    assert (len(train), len(validation)) == (800, 100)
    assert len(read_dataset("cord_v2_5labels", root, "dev")) == 120
    # The same receipts as in the complete release, with the same numbers.
    complete = {s.id: s for s in read_dataset("cord", shared_data / "cord_v2", "dev")}
    for sample in validation:
        names = {v.text for v in sample.values or () if v.label == "menu.nm"}
        assert names == {v.text for v in complete[sample.id].values or () if v.label == "menu.nm"}
