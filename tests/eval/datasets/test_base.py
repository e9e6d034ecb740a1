import hashlib
from pathlib import Path

import pytest

from eval.datasets import DATASETS, Sample, read_dataset, split_dev
from eval.datasets.base import naming, page_size, read_json, read_text
from eval.datasets.reading_order import reading_order, rows_of
from hybrid.document import BoundingBox, Document
from hybrid.errors import DatasetError


def sample(name: str) -> Sample:
    return Sample(document=Document(id=name, pages=()))


def boxes(*values: tuple[float, float, float, float]) -> list[BoundingBox]:
    return [BoundingBox.model_validate(v) for v in values]


@pytest.mark.parametrize(("count", "size"), [(149, 22), (626, 94), (799, 120), (3, 0), (0, 0)])
def test_dev_is_the_share_with_the_smallest_hashes(count: int, size: int) -> None:
    samples = [sample(f"doc-{k}") for k in range(count)]
    fit, dev = split_dev(samples)
    assert len(dev) == size
    assert sorted(s.id for s in fit + dev) == sorted(s.id for s in samples)
    hashes = [hashlib.sha256(s.id.encode()).hexdigest() for s in dev]
    others = [hashlib.sha256(s.id.encode()).hexdigest() for s in fit]
    assert not dev or max(hashes) < min(others)


def test_dev_does_not_depend_on_the_order() -> None:
    samples = [sample(f"doc-{k}") for k in range(40)]
    assert {s.id for s in split_dev(samples)[1]} == {s.id for s in split_dev(samples[::-1])[1]}


def test_unknown_dataset_and_split(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="unknown dataset 'nothing'; known are funsd"):
        read_dataset("nothing", tmp_path, "train")
    with pytest.raises(DatasetError, match=r"sroie has no split 'valid'; it has train, test, dev"):
        read_dataset("sroie", tmp_path, "valid")


READ_FROM_FILES = [name for name, d in DATASETS.items() if d.needs_root and name != "own"]


@pytest.mark.parametrize(
    ("name", "split"), [(n, s) for n in READ_FROM_FILES for s in DATASETS[n].splits]
)
def test_absent_split_and_absent_root(name: str, split: str, tmp_path: Path) -> None:
    dataset = DATASETS[name]
    asked = split if split in dataset.released_splits else "train"
    name = dataset.name  # both forms of CORD-r are one release
    with pytest.raises(DatasetError, match=rf"{name}: split '{asked}' is not here.*not exist"):
        dataset.load(tmp_path, split)
    with pytest.raises(DatasetError, match=r"there is no folder .*absent"):
        dataset.load(tmp_path / "absent", split)


def test_the_background_comes_first_and_labels_are_unique() -> None:
    for dataset in DATASETS.values():
        assert dataset.labels[0] == "other"
        assert len(set(dataset.labels)) == len(dataset.labels)


def test_broken_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"broken\.json is broken: Expecting"):
        read_json(path)
    with pytest.raises(DatasetError, match=r"absent\.json cannot be read: No such file"):
        read_json(tmp_path / "absent.json")
    with pytest.raises(DatasetError, match="it has no 'box'"), naming(path):
        raise KeyError("box")
    with pytest.raises(DatasetError, match="got 2 numbers") as caught, naming(path):
        BoundingBox.model_validate([1, 2])
    assert "\n" not in str(caught.value)


def test_text_in_latin_1_and_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes("café £5".encode("latin-1"))
    assert read_text(path) == "café £5"
    path.write_bytes("\ufeffcafé".encode())
    assert read_text(path) == "café"


def test_page_size(tmp_path: Path) -> None:
    from PIL import Image

    picture = tmp_path / "page.png"
    Image.new("L", (300, 200)).save(picture)
    page = boxes((10, 20, 90, 40), (30, 50, 110, 80))
    assert page_size(picture, page) == (300, 200)
    assert page_size(picture, boxes((0, 0, 310, 10))) == (310, 200)
    assert page_size(None, page) == (120, 100)
    assert page_size(None, []) == (1, 1)
    picture.write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=r"page\.png is not a readable picture"):
        page_size(picture, page)


def test_reading_order_holds_skewed_rows_together() -> None:
    # Each box of the first row stands 3 units lower than the one to its left.
    page = boxes((200, 6, 250, 16), (0, 0, 50, 10), (100, 3, 150, 13), (0, 20, 50, 30))
    assert rows_of(page) == [[1, 2, 0], [3]]
    assert reading_order(page) == [1, 2, 0, 3]
    assert reading_order([]) == []


def test_labels_must_fit_the_segments() -> None:
    with pytest.raises(ValueError, match="1 labels for 0 segments"):
        Sample(document=Document(id="x", pages=()), labels=("other",))
