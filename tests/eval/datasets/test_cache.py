import json
import os
from pathlib import Path

import pytest

from eval.datasets import cache as cache_module
from eval.datasets import read_dataset
from eval.datasets.funsd import Funsd
from hybrid.errors import DatasetError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HYBRID_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "dataset" / "training_data" / "annotations"
    folder.mkdir(parents=True)
    write(folder / "a.json", "Name:")
    return tmp_path / "data"


def write(path: Path, text: str) -> None:
    box = [1.123, 2, 30.5, 40]
    block = {"id": 0, "label": "question", "box": box, "linking": []}
    path.write_text(json.dumps({"form": [block | {"words": [{"text": text, "box": box}]}]}))


def texts(root: Path) -> list[str]:
    return [s.document.text for s in read_dataset("funsd", root, "train", cache=True)]


def test_a_split_is_read_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_dataset("funsd", root, "train", cache=True)
    monkeypatch.delattr(Funsd, "_sample")
    second = read_dataset("funsd", root, "train", cache=True)
    assert first == second
    assert first[0].document.segments[0].box.left == 1.12
    with pytest.raises(DatasetError, match="has no attribute"):
        read_dataset("funsd", root, "train")


def test_only_id_and_sample_are_stored(root: Path, home: Path) -> None:
    import polars as pl

    texts(root)
    (path,) = (home / "datasets").iterdir()
    table = pl.read_parquet(path)
    assert table.columns == ["id", "sample"]
    assert table["id"].to_list() == ["a"]


def test_a_changed_an_added_and_a_removed_file_are_noticed(root: Path, home: Path) -> None:
    folder = root / "dataset" / "training_data" / "annotations"
    assert texts(root) == ["Name:"]
    write(folder / "a.json", "Date:")
    os.utime(folder / "a.json", ns=(1, 1))
    assert texts(root) == ["Date:"]
    write(folder / "b.json", "Sign:")
    assert texts(root) == ["Date:", "Sign:"]
    (folder / "a.json").unlink()
    assert texts(root) == ["Sign:"]
    # What is outdated is not kept.
    assert len(list((home / "datasets").iterdir())) == 1


def test_splits_and_roots_have_tables_of_their_own(root: Path, home: Path, tmp_path: Path) -> None:
    texts(root)
    assert read_dataset("funsd", root, "fit", cache=True)
    (tmp_path / "copy").symlink_to(root)
    texts(tmp_path / "copy")
    assert len(list((home / "datasets").iterdir())) == 3


def test_other_code_reads_anew(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts(root)
    monkeypatch.delattr(Funsd, "_sample")
    monkeypatch.setattr(cache_module, "_code_hash", lambda: "another")
    with pytest.raises(DatasetError, match="has no attribute"):
        texts(root)


def test_a_damaged_table_is_written_again(root: Path, home: Path) -> None:
    texts(root)
    (path,) = (home / "datasets").iterdir()
    path.write_bytes(b"no table")
    assert texts(root) == ["Name:"]
    assert path.read_bytes().startswith(b"PAR1")


def test_errors_are_those_of_the_reader(root: Path, home: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="split 'test' is not here"):
        read_dataset("funsd", root, "test", cache=True)
    with pytest.raises(DatasetError, match="there is no folder"):
        read_dataset("funsd", tmp_path / "absent", "train", cache=True)
    home.write_text("no folder")
    with pytest.raises(DatasetError, match="cannot be written"):
        texts(root)
