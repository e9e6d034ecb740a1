import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import DATASETS, Sample, read_dataset
from eval.datasets.cord_r import ENTITY_LABELS
from hybrid.errors import DatasetError


def word(text: str, left: int, top: int, row: int, is_key: int = 0) -> dict[str, Any]:
    right, bottom = left + 10 * len(text), top + 10
    quad = {"x1": left, "y1": top, "x2": right, "y2": top}
    quad |= {"x3": right, "y3": bottom, "x4": left, "y4": bottom}
    return {"quad": quad, "is_key": is_key, "row_id": row, "text": text}


def line(category: str, group: int, *words: dict[str, Any]) -> dict[str, Any]:
    return {"category": category, "group_id": group, "sub_group_id": 0, "words": list(words)}


LINES = [
    line("menu.cnt", 3, word("2x", 0, 10, 1)),
    line("menu.nm", 3, word("Nasi", 50, 10, 1), word("", 95, 10, 1), word("Goreng", 50, 30, 2)),
    line("menu.price", 3, word("Rp", 200, 10, 1), word("9,000", 230, 10, 1)),
    line("menu.sub_nm", 3, word("egg", 50, 50, 3)),
    line("total.total_price", 6, word("TOTAL", 0, 70, 4, 1), word("9,000", 230, 70, 4)),
    line("total.cashprice", 6, word("", 0, 90, 5)),
]


def receipt(**more: Any) -> dict[str, Any]:
    meta = {"image_id": 7, "image_size": {"width": 400, "height": 500}}
    return {"meta": meta, "valid_line": LINES, "roi": {}, **more}


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def check(sample: Sample) -> None:
    segments = sample.document.segments
    assert [s.text for s in segments] == ["2x", "Nasi", "Rp 9,000", "Goreng", "egg", "TOTAL 9,000"]
    assert sample.labels == (
        "menu.cnt",
        "menu.nm",
        "menu.price",
        "menu.nm",
        "menu.sub.nm",
        "total.total_price",
    )
    assert sample.released_ids == (0, 1, 3, 2, 5, 6)
    assert [(v.path, v.text, v.segment_ids) for v in sample.values or ()] == [
        ("menu[0].cnt", "2", (0,)),
        ("menu[0].nm", "Nasi Goreng", (1, 3)),
        ("menu[0].price", "9,000", (2,)),
        ("total.total_price", "9,000", (5,)),
    ]
    assert (sample.document.pages[0].width, sample.document.pages[0].height) == (400, 500)
    assert sample.id == "receipt_00007"


def test_the_original_form(tmp_path: Path) -> None:
    parse = {"menu": {"nm": "Nasi Goreng", "cnt": "2x", "sub": {"nm": "egg"}}, "total": {}}
    write(tmp_path / "dev" / "json" / "receipt_00007.json", receipt(gt_parse=parse))
    (sample,) = read_dataset("cord", tmp_path, "dev")
    check(sample)
    assert sample.tree == {
        "menu": [{"nm": "Nasi Goreng", "cnt": "2x"}],
        "sub_total": {},
        "total": {},
    }
    assert sample.image_path is None


def test_without_a_parse_the_tree_is_made_of_the_groups(tmp_path: Path) -> None:
    from PIL import Image

    write(tmp_path / "train" / "json" / "receipt_00007.json", receipt())
    (tmp_path / "train" / "image").mkdir()
    Image.new("L", (400, 500)).save(tmp_path / "train" / "image" / "receipt_00007.png")
    (sample,) = read_dataset("cord", tmp_path, "train")
    check(sample)
    assert sample.tree == {
        "menu": [{"cnt": "2x", "nm": "Nasi Goreng", "price": "Rp 9,000"}],
        "sub_total": {},
        "total": {"total_price": "9,000"},
    }
    assert sample.image_path is not None


@pytest.mark.parametrize("name", ["validation.jsonl", "dev.jsonl", "validation/metadata.jsonl"])
def test_rows_of_the_hub_as_json_lines(tmp_path: Path, name: str) -> None:
    row = {"ground_truth": json.dumps(receipt(gt_parse={})), "file_name": "absent.png"}
    write(tmp_path / name, row)
    (sample,) = read_dataset("cord", tmp_path, "dev")
    check(sample)
    assert sample.tree == {"menu": [], "sub_total": {}, "total": {}}


@pytest.mark.parametrize("name", ["train.parquet", "data/train-00000-of-00002-abc.parquet"])
def test_rows_of_the_hub_as_parquet(tmp_path: Path, name: str) -> None:
    import polars as pl

    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    rows = {"ground_truth": [json.dumps(receipt())], "image": [{"bytes": b"", "path": None}]}
    pl.DataFrame(rows).write_parquet(path)
    (sample,) = read_dataset("cord", tmp_path, "train")
    check(sample)
    path.write_bytes(b"no table")
    with pytest.raises(DatasetError, match=rf"{path.name} is broken"):
        read_dataset("cord", tmp_path, "train")


def test_the_release_has_its_own_dev(tmp_path: Path) -> None:
    dataset = DATASETS["cord"]
    assert dataset.splits == ("train", "dev", "test", "fit")
    write(tmp_path / "train" / "json" / "receipt_00007.json", receipt())
    assert read_dataset("cord", tmp_path, "fit") == read_dataset("cord", tmp_path, "train")
    with pytest.raises(DatasetError, match=r"cord: split 'dev' is not here, .*dev/json"):
        read_dataset("cord", tmp_path, "dev")


def test_broken_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "dev" / "json" / "receipt_00007.json"
    write(path, receipt(valid_line=[line("menu.colour", 1, word("red", 0, 0, 1))]))
    with pytest.raises(DatasetError, match=r"00007\.json is broken: unknown label 'menu.colour'"):
        read_dataset("cord", tmp_path, "dev")
    write(path, {"gt_parse": {}})
    with pytest.raises(DatasetError, match=r"00007\.json is broken: it has no 'valid_line'"):
        read_dataset("cord", tmp_path, "dev")
    (tmp_path / "test.jsonl").write_text('{"ground_truth": "{"}\n', encoding="utf-8")
    with pytest.raises(DatasetError, match=r"test\.jsonl is broken: Expecting"):
        read_dataset("cord", tmp_path, "test")


def test_the_real_release(shared_data: Path) -> None:
    samples = read_dataset("cord", shared_data / "cord_v2", "dev")
    assert len(samples) == 100
    assert {label for s in samples for label in s.labels or ()} <= set(ENTITY_LABELS)
    # 25 of the 1221 lines run over several rows; gold paths are those of the official parse.
    assert sum(len(s.document.segments) for s in samples) == 1244
    for sample in samples:
        assert sample.tree is not None
        paths = {f"menu[{k}].{name}" for k, item in enumerate(sample.tree["menu"]) for name in item}
        paths |= {f"{t}.{name}" for t in ("sub_total", "total") for name in sample.tree[t]}
        assert {v.path for v in sample.values or ()} == paths
