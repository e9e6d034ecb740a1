import json
from pathlib import Path

import pytest

from eval.datasets import Sample, read_dataset
from eval.datasets.lines import split_words
from eval.datasets.sroie import FIELDS, read_lines
from hybrid.document import BoundingBox
from hybrid.errors import DatasetError

LINES = [
    "10,10,90,10,90,20,10,20,ACME SDN BHD",
    "10,30,90,30,90,40,10,40,NO 1, JALAN CAFÉ,",
    "10,50,90,50,90,60,10,60,50000 KUALA LUMPUR",
    "",
    "10,70,90,70,90,80,10,80,DATE: 25/12/2018 8:13 PM",
    "60,90,90,90,90,100,60,100,9.00",
    "10,90,40,90,40,100,10,100,TOTAL",
    "5,5,5,5,5,5,5,5,.",
]
KEY = {
    "company": "ACME SDN BHD",
    "date": "25/12/2018",
    "address": "NO 1, JALAN CAFÉ, 50000 KUALA LUMPUR",
    "total": "9.00",
}


def texts(sample: Sample) -> dict[str, str]:
    return {v.label: v.text for v in sample.values or ()}


def write(root: Path, key: dict[str, str], lines: list[str] = LINES) -> Path:
    for folder in ("box", "key"):
        (root / "train" / folder).mkdir(parents=True, exist_ok=True)
    path = root / "train" / "box" / "X1.txt"
    path.write_bytes("\r\n".join(lines).encode("latin-1"))
    (root / "train" / "key" / "X1.txt").write_text(json.dumps(key), encoding="utf-8")
    return path


def test_lines_words_labels_and_fields(tmp_path: Path) -> None:
    write(tmp_path, KEY)
    (sample,) = read_dataset("sroie", tmp_path, "train")
    found = {
        s.text: label
        for s, label in zip(sample.document.segments, sample.labels or (), strict=True)
    }
    assert found == {
        ".": "other",
        "ACME SDN BHD": "company",
        "NO 1, JALAN CAFÉ,": "address",
        "50000 KUALA LUMPUR": "address",
        "DATE: 25/12/2018 8:13 PM": "date",
        "TOTAL": "other",
        "9.00": "total",
    }
    assert texts(sample) == KEY
    address = next(v for v in sample.values or () if v.path == "address")
    assert [sample.document.segments[k].text for k in address.segment_ids] == [
        "NO 1, JALAN CAFÉ,",
        "50000 KUALA LUMPUR",
    ]
    # The row is read from left to right although the file has it the other way.
    assert [s.text for s in sample.document.segments][-2:] == ["TOTAL", "9.00"]
    assert sample.released_ids == (6, 0, 1, 2, 3, 5, 4)
    page = sample.document.pages[0]
    assert (page.width, page.height) == (95, 105)
    assert sample.image_path is None


def test_the_picture_gives_the_size_of_the_page(tmp_path: Path) -> None:
    from PIL import Image

    write(tmp_path, KEY)
    (tmp_path / "train" / "img").mkdir()
    Image.new("L", (200, 400)).save(tmp_path / "train" / "img" / "X1.jpg")
    (sample,) = read_dataset("sroie", tmp_path, "train")
    assert (sample.document.pages[0].width, sample.document.pages[0].height) == (200, 400)


def test_missing_and_empty_keys_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"company": "ACME SDN BHD", "date": "25/12/2018", "total": " "})
    (sample,) = read_dataset("sroie", tmp_path, "train")
    assert texts(sample) == {"company": "ACME SDN BHD", "date": "25/12/2018"}
    assert set(sample.labels or ()) == {"other", "company", "date"}


@pytest.mark.parametrize("line", ["1,2,3,TEXT", "1,2,3,4,5,6,7,x,TEXT"])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    write(tmp_path, KEY, [LINES[0], line])
    with pytest.raises(DatasetError, match=r"X1\.txt line 2: expected x1,y1"):
        read_dataset("sroie", tmp_path, "train")


def test_a_missing_or_broken_key_is_named(tmp_path: Path) -> None:
    write(tmp_path, KEY)
    key = tmp_path / "train" / "key" / "X1.txt"
    key.write_text('["no", "object"]', encoding="utf-8")
    with pytest.raises(DatasetError, match=r"key/X1\.txt is broken"):
        read_dataset("sroie", tmp_path, "train")
    key.unlink()
    with pytest.raises(DatasetError, match=r"key/X1\.txt cannot be read"):
        read_dataset("sroie", tmp_path, "train")


def test_read_lines_keeps_commas_and_odd_separators(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("0,0,4,0,4,2,0,2,A, B\x85,C\n0,0,4,0,4,2,0,2, \n", encoding="utf-8")
    assert [text for _, text in read_lines(path)] == ["A, B\x85,C"]


def test_words_share_the_box_of_their_line() -> None:
    box = BoundingBox(left=100, top=10, right=200, bottom=20)
    words = split_words("ab  cd ab", box, 7)
    assert [(w.id, w.text) for w in words] == [(7, "ab"), (8, "cd"), (9, "ab")]
    assert [w.box.left for w in words] == pytest.approx([100, 100 + 400 / 9, 100 + 700 / 9])
    assert words[-1].box.right == pytest.approx(200)
    assert all((w.box.top, w.box.bottom) == (10, 20) for w in words)


def test_the_real_release(shared_data: Path) -> None:
    samples = read_dataset("sroie", shared_data / "sroie", "train")
    assert len(samples) == 626
    assert sum(s.image_path is not None for s in samples) == 100
    assert sum(len(s.document.segments) for s in samples) == 33626
    given = {name: sum(name in texts(s) for s in samples) for name in FIELDS}
    assert given == {"company": 626, "date": 626, "address": 625, "total": 625}
    labelled = {name: sum(name in (s.labels or ()) for s in samples) for name in FIELDS}
    assert labelled == {"company": 626, "date": 623, "address": 625, "total": 625}
    # A field that a receipt does not have labels nothing.
    assert not any(set(s.labels or ()) - {"other", *texts(s)} for s in samples)


def test_real_dev_and_test(shared_data: Path) -> None:
    assert len(read_dataset("sroie", shared_data / "sroie", "dev")) == 94
    with pytest.raises(DatasetError, match="split 'test' is not here"):
        read_dataset("sroie", shared_data / "sroie", "test")
