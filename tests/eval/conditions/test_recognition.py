from pathlib import Path

import pytest

from eval.conditions.recognition import default_cache, recognize
from eval.datasets.base import Sample
from hybrid.errors import DatasetError, DocumentError, ModelError
from tests.eval.conditions.engine import ToldEngine

LINES = [("TOTAL 9.00", (10.004, 10.0, 90.0, 22.0))]


def test_a_picture_is_read_once(pictured: Sample, tmp_path: Path) -> None:
    assert pictured.image_path is not None
    engine = ToldEngine(LINES)
    first = recognize(pictured.image_path, engine, tmp_path / "cache")
    again = recognize(pictured.image_path, engine, tmp_path / "cache")
    assert engine.calls == 1
    assert again == first
    assert first.id == "one"
    assert first.text == "TOTAL 9.00"
    assert first.pages[0].image is None
    assert [p.suffix for p in (tmp_path / "cache").iterdir()] == [".json"]


def test_the_key_is_the_content(pictured: Sample, tmp_path: Path) -> None:
    assert pictured.image_path is not None
    engine = ToldEngine(LINES)
    recognize(pictured.image_path, engine, tmp_path / "cache")
    moved = pictured.image_path.rename(tmp_path / "moved.png")
    assert recognize(moved, engine, tmp_path / "cache").id == "moved"
    assert engine.calls == 1
    other = ToldEngine(LINES)
    other.name = "other"
    recognize(moved, other, tmp_path / "cache")
    assert other.calls == 1


def test_a_damaged_cache_is_written_again(pictured: Sample, tmp_path: Path) -> None:
    assert pictured.image_path is not None
    engine = ToldEngine(LINES)
    recognize(pictured.image_path, engine, tmp_path / "cache")
    (path,) = (tmp_path / "cache").iterdir()
    path.write_text('{"id": "cut o', encoding="utf-8")
    recognize(pictured.image_path, engine, tmp_path / "cache")
    recognize(pictured.image_path, engine, tmp_path / "cache")
    assert engine.calls == 2


def test_the_default_is_the_toolkits_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYBRID_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "ocr"


def test_errors_name_the_file(tmp_path: Path, pictured: Sample) -> None:
    with pytest.raises(DatasetError, match=r"gone\.png cannot be read"):
        recognize(tmp_path / "gone.png", cache=tmp_path / "cache")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    with pytest.raises(DocumentError, match=r"broken\.png"):
        recognize(broken, cache=tmp_path / "cache")
    assert pictured.image_path is not None
    with pytest.raises(ModelError, match="unknown OCR engine 'nobody'"):
        recognize(pictured.image_path, "nobody", tmp_path / "cache")
