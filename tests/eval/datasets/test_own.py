import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import DATASETS, read_dataset
from hybrid.errors import DatasetError, DocumentError


def boxes(text: str) -> str:
    """A document in our own JSON with one line."""
    words = [
        {"id": k, "text": word, "box": [50 * k, 10, 50 * k + 40, 20]}
        for k, word in enumerate(text.split())
    ]
    segment = {"id": 0, "page": 1, "text": text, "box": [0, 10, 200, 20], "words": words}
    page = {"number": 1, "width": 300, "height": 100, "segments": [segment]}
    return json.dumps({"id": "x", "pages": [page]})


def write(root: Path, name: str, gold: Any) -> None:
    (root / f"{name}.json").write_text(boxes("TOTAL 12.20"), encoding="utf-8")
    (root / f"{name}.gold.json").write_text(json.dumps(gold), encoding="utf-8")


def values(root: Path) -> dict[str, list[str]]:
    (sample,) = read_dataset("own", root, "all")
    found: dict[str, list[str]] = {}
    for value in sample.values or ():
        found.setdefault(value.path, []).append(value.text)
    return found


def test_boxes_with_gold_fields(tmp_path: Path) -> None:
    write(tmp_path, "b", {"fields": {"total": "12.20", "menu[0].name": "Tea"}})
    write(tmp_path, "a", {"total": "12.20"})
    first, second = read_dataset("own", tmp_path, "all")
    assert (first.id, second.id) == ("a", "b")
    assert first.document.text == "TOTAL 12.20"
    assert first.labels is None
    assert first.image_path is None
    assert [(v.path, v.label, v.text) for v in second.values or ()] == [
        ("total", "total", "12.20"),
        ("menu[0].name", "menu.name", "Tea"),
    ]
    assert DATASETS["own"].splits == ("all", "dev", "fit")


def test_numbers_alternatives_and_absent_values(tmp_path: Path) -> None:
    write(tmp_path, "a", {})
    (tmp_path / "a.gold.json").write_text(
        '{"total": 12.20, "count": 3, "date": null, "name": " ", "paid": true, "company": ["ACME", "Acme Ltd"]}',
        encoding="utf-8",
    )
    assert values(tmp_path) == {
        "total": ["12.20"],
        "count": ["3"],
        "paid": ["true"],
        "company": ["ACME", "Acme Ltd"],
    }


def test_numbers_are_taken_as_the_document_has_them(tmp_path: Path) -> None:
    write(tmp_path, "a", {})
    (tmp_path / "a.json").write_text(boxes("TOTAL 1,054.00 of 54.00"), encoding="utf-8")
    (tmp_path / "a.gold.json").write_text(
        '{"total": 1054.0, "rest": 54.0, "text": "54.0", "other": 7.5}', encoding="utf-8"
    )
    assert values(tmp_path) == {
        "total": ["1,054.00"],
        "rest": ["54.00"],
        "text": ["54.0"],
        "other": ["7.5"],
    }


def test_a_field_may_be_called_fields(tmp_path: Path) -> None:
    write(tmp_path, "a", {"fields": "wheat"})
    assert values(tmp_path) == {"fields": ["wheat"]}


def test_a_picture_is_read_by_ocr_and_kept(tmp_path: Path) -> None:
    sample_picture = Path(__file__).parents[3] / "eval/samples/documents/receipt-cafe.png"
    (tmp_path / "cafe.png").write_bytes(sample_picture.read_bytes())
    (tmp_path / "cafe.gold.json").write_text('{"total": "12.20"}', encoding="utf-8")
    (sample,) = read_dataset("own", tmp_path, "all")
    assert sample.image_path == tmp_path / "cafe.png"
    assert len(sample.document.segments) > 5
    assert sample.document.pages[0].source.startswith("ocr:")
    assert sample.document.pages[0].image is None


def test_boxes_go_before_the_picture_of_the_same_name(tmp_path: Path) -> None:
    write(tmp_path, "a", {"total": "12.20"})
    (tmp_path / "a.png").write_bytes(b"never read")
    (tmp_path / "notes.txt").write_text("neither document nor gold")
    (sample,) = read_dataset("own", tmp_path, "all")
    assert sample.document.text == "TOTAL 12.20"
    assert sample.image_path == tmp_path / "a.png"


def test_what_does_not_fit_together_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"has no \*\.gold\.json; give each document"):
        read_dataset("own", tmp_path, "all")
    write(tmp_path, "a", {"total": "12.20"})
    (tmp_path / "b.gold.json").write_text("{}")
    with pytest.raises(DatasetError, match=r"b\.gold\.json has no document b\.\* beside it"):
        read_dataset("own", tmp_path, "all")
    (tmp_path / "b.gold.json").unlink()
    (tmp_path / "c.png").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"c\.png has no c\.gold\.json beside it"):
        read_dataset("own", tmp_path, "all")
    (tmp_path / "c.png").unlink()
    (tmp_path / "a.pdf").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"a\.gold\.json goes with several documents: a\.json, "):
        read_dataset("own", tmp_path, "all")
    with pytest.raises(DatasetError, match="own has no split 'train'; it has all"):
        read_dataset("own", tmp_path, "train")


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ({"menu": [{"name": "Tea"}]}, "menu is neither a text, a number"),
        ({"total": {"amount": 1}}, "total is neither a text, a number"),
        ({"menu[].name": "Tea"}, r"'menu\[\].name' is no path"),
        ({"": "Tea"}, "'' is no path"),
        (["total"], "is broken"),
    ],
)
def test_broken_gold_is_named(tmp_path: Path, gold: Any, message: str) -> None:
    write(tmp_path, "a", gold)
    with pytest.raises(DatasetError, match=rf"a\.gold\.json.*{message}"):
        read_dataset("own", tmp_path, "all")


def test_a_broken_document_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a", {"total": "12.20"})
    (tmp_path / "a.json").write_text("no boxes")
    with pytest.raises(DocumentError, match=r"a\.json"):
        read_dataset("own", tmp_path, "all")


def test_the_example_in_the_documentation(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "datasets.md").read_text(encoding="utf-8")
    example = text.split("```json\n")[1].split("```")[0]
    write(tmp_path, "receipt-17", json.loads(example))
    assert values(tmp_path) == {
        "total": ["12.20"],
        "date": ["25/12/2018", "25 Dec 2018"],
        "menu[0].name": ["Coffee"],
        "menu[1].name": ["Tea"],
    }
