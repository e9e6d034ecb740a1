import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import read_dataset
from eval.datasets.cord_r import ENTITY_LABELS
from hybrid.errors import DatasetError

ROWS = [("2x Nasi 9,000", 10), ("TOTAL", 30), ("9,000", 50), ("  ", 70)]


def content(entities: list[tuple[str, list[int]]]) -> dict[str, Any]:
    """Characters 10 wide and high, numbered through over all segments; one segment a row."""
    document, number = [], 0
    for k, (text, top) in enumerate(ROWS):
        characters = []
        for place, character in enumerate(text):
            box = [10 * place, top, 10 * place + 10, top + 10]
            characters.append({"id": number, "box": box, "text": character})
            number += 1
        document.append({"id": k, "box": [0, top, 10, top + 10], "text": text, "words": characters})
    labels = [
        {"entity_id": k, "label": label, "word_idx": ids} for k, (label, ids) in enumerate(entities)
    ]
    return {
        "img": {"width": 200, "height": 300},
        "document": document,
        "label_entities": labels,
        "uid": "t",
    }


ENTITIES = [
    ("menu.cnt", [0]),
    ("menu.nm", [3, 4, 5, 6]),
    ("menu.price", [8, 9, 10, 11, 12]),
    ("menu.cnt", [7]),
    ("total.total_price", [13, 14, 15, 16, 17, 18, 19, 20, 21, 22]),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "jsons").mkdir()
    (tmp_path / "data.train.txt").write_text("images/train_0001.png jsons/train_0001.json\n")
    write(tmp_path, content(ENTITIES))
    (tmp_path / "jsons" / "train_0002.json").write_text("not on the list")
    return tmp_path


def write(root: Path, value: Any) -> None:
    path = root / "jsons" / "train_0001.json"
    path.write_text(json.dumps(value), encoding="utf-8")


def test_words_as_nodes(root: Path) -> None:
    (sample,) = read_dataset("cord_r", root, "train")
    segments = sample.document.segments
    assert [s.text for s in segments] == ["2x", "Nasi", "9,000", "TOTAL", "9,000"]
    assert sample.labels == (
        "menu.cnt",
        "menu.nm",
        "menu.price",
        "total.total_price",
        "total.total_price",
    )
    assert sample.id == "train_0001"
    assert sample.released_ids == (0, 3, 8, 13, 18)
    assert segments[1].box.as_tuple() == (30, 10, 70, 20)
    assert (sample.document.pages[0].width, sample.document.pages[0].height) == (200, 300)


def test_segments_as_nodes_take_the_majority_of_entity_characters(root: Path) -> None:
    (sample,) = read_dataset("cord_r_segments", root, "train")
    assert [s.text for s in sample.document.segments] == ["2x Nasi 9,000", "TOTAL", "9,000"]
    assert sample.labels == ("menu.price", "total.total_price", "total.total_price")
    assert [len(s.words) for s in sample.document.segments] == [3, 1, 1]


def test_few_entity_characters_in_a_long_segment_count(root: Path) -> None:
    write(root, content([("menu.cnt", [0])]))
    (sample,) = read_dataset("cord_r_segments", root, "train")
    assert sample.labels == ("menu.cnt", "other", "other")


@pytest.mark.parametrize("name", ["cord_r", "cord_r_segments"])
def test_entities_point_at_words(root: Path, name: str) -> None:
    (sample,) = read_dataset(name, root, "train")
    assert len(sample.entities) == len(ENTITIES) - 1  # one is a blank
    entities = {e.label: e for e in sample.entities}
    assert {label: e.text for label, e in entities.items()} == {
        "menu.cnt": "2",
        "menu.nm": "Nasi",
        "menu.price": "9,000",
        "total.total_price": "TOTAL 9,000",
    }
    words = {w.id: w.text for s in sample.document.segments for w in s.words}
    assert [words[k] for k in entities["total.total_price"].word_ids] == ["TOTAL", "9,000"]
    assert [words[k] for k in entities["menu.cnt"].word_ids] == ["2x"]
    assert entities["menu.nm"].character_ids == (3, 4, 5, 6)


def test_gold_values_are_numbered_and_without_keys(root: Path) -> None:
    entities = [*ENTITIES, ("menu.nm", [0, 1]), ("total.menuqty_cnt", [0])]
    write(root, content(entities))
    (sample,) = read_dataset("cord_r_segments", root, "train")
    assert [(v.path, v.text, v.segment_ids) for v in sample.values or ()] == [
        ("menu[0].cnt", "2", (0,)),
        ("menu[0].nm", "2x", (0,)),
        ("menu[1].nm", "Nasi", (0,)),
        ("menu[0].price", "9,000", (0,)),
        ("total.total_price", "9,000", (1, 2)),
    ]


def test_broken_files_are_named(root: Path) -> None:
    write(root, content([("menu.unknown", [0])]))
    with pytest.raises(DatasetError, match=r"train_0001\.json is broken: unknown label"):
        read_dataset("cord_r", root, "train")
    write(root, content([("menu.nm", [999])]))
    with pytest.raises(DatasetError, match=r"train_0001\.json is broken: it has no 999"):
        read_dataset("cord_r", root, "train")
    (root / "jsons" / "train_0001.json").unlink()
    with pytest.raises(DatasetError, match=r"train_0001\.json cannot be read"):
        read_dataset("cord_r", root, "train")
    (root / "data.train.txt").write_text("\n")
    with pytest.raises(DatasetError, match=r"data\.train\.txt is empty"):
        read_dataset("cord_r", root, "train")


def test_the_real_release(shared_data: Path) -> None:
    root = shared_data / "cord_r"
    assert (root / "labels.txt").read_text().split() == list(ENTITY_LABELS)
    train = read_dataset("cord_r", root, "train")
    valid = read_dataset("cord_r", root, "valid")
    assert (len(train), len(valid)) == (799, 100)
    assert sum(len(s.document.segments) for s in [*train, *valid]) > 20000
    used = {label for s in [*train, *valid] for label in s.labels or ()}
    assert set(ENTITY_LABELS) - used <= {"menu.sub.etc"}
    entities = [e for s in [*train, *valid] for e in s.entities]
    assert all(e.word_ids and e.text for e in entities)
    # 11371 are released in 900 files, 7 of them are a single blank, and one file is on no list.
    unlisted = json.loads((root / "jsons" / "train_0748.json").read_text())
    assert len(entities) == 11371 - 7 - len(unlisted["label_entities"])
    with pytest.raises(DatasetError, match="split 'test' is not here"):
        read_dataset("cord_r", root, "test")


def test_real_dev_of_segments(shared_data: Path) -> None:
    samples = read_dataset("cord_r_segments", shared_data / "cord_r", "dev")
    assert len(samples) == 120
    assert any(len(s.words) > 1 for x in samples for s in x.document.segments)
