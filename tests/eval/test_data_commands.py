import json
import re
from pathlib import Path

import pytest

from eval.data_commands import list_datasets, show_dataset, summarize
from eval.data_page import render_sample
from eval.datasets import DATASETS, GoldValue, Sample
from hybrid.document import BoundingBox, Document, Page, Word, segment_of
from hybrid.errors import DatasetError


def sample(image_path: Path | None = None) -> Sample:
    box = BoundingBox(left=10, top=10, right=90, bottom=20)
    below = BoundingBox(left=10, top=30, right=90, bottom=40)
    segments = (
        segment_of(0, 1, [Word(id=0, text="<b>Name</b>", box=box)]),
        segment_of(1, 1, [Word(id=1, text="Jane", box=below)]),
    )
    page = Page(number=1, width=100, height=50, segments=segments)
    return Sample(
        document=Document(id="x", pages=(page,), warnings=("page 1: blurred",)),
        labels=("question", "answer"),
        values=(
            GoldValue(path="pairs[0]", label="<b>Name</b>", text="Jane"),
            GoldValue(path="pairs[0]", label="<b>Name</b>", text="JANE"),
            GoldValue(path="menu[0].nm", label="menu.nm", text="Tea"),
        ),
        links=((0, 1),),
        image_path=image_path,
    )


def test_all_datasets_are_listed() -> None:
    listed = {entry.name: entry for entry in list_datasets()}
    assert listed.keys() == DATASETS.keys()
    assert (listed["funsd"].commercial, listed["funsd"].pull) == ("no", True)
    assert listed["wildreceipt"].commercial == "not stated"
    assert (listed["sroie"].commercial, listed["sroie"].pull) == ("yes", False)
    assert listed["sroie"].splits == ("train", "test", "dev", "fit")


def test_counts() -> None:
    summary = summarize([sample(), sample()], ("other", "question", "answer"))
    assert (summary.documents, summary.pictures, summary.segments) == (2, 0, 4)
    assert (summary.words, summary.links) == (4, 2)
    assert summary.labels == {"other": 0, "question": 2, "answer": 2}
    assert summary.values == {"pairs": 2, "menu.nm": 2}
    assert summary.warnings == ("x: page 1: blurred",) * 2
    assert summarize([], ("other",)).labels == {}


def test_the_page_is_escaped_and_self_contained(tmp_path: Path) -> None:
    from PIL import Image

    labels = ("other", "question", "answer")
    plain = render_sample(sample(), labels, "funsd <train>")
    assert "<b>Name" not in plain
    assert plain.count("&lt;b&gt;Name&lt;/b&gt;") >= 2
    assert plain.count("<rect ") == 2
    assert plain.count("<line ") == 1
    assert "<image" not in plain
    picture = tmp_path / "x.png"
    Image.new("RGB", (3000, 1500)).save(picture)
    drawn = render_sample(sample(picture), labels, "x")
    assert 'href="data:image/jpeg;base64,' in drawn
    assert "<text" not in drawn
    for page in (plain, drawn):
        assert not re.search(r"https?://|<script|src=", page)
    picture.write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=r"x\.png is not a readable picture"):
        render_sample(sample(picture), labels, "x")


def test_show_draws_the_first_document(tmp_path: Path) -> None:
    form = [{"id": 0, "label": "header", "box": [0, 0, 9, 9], "linking": []}]
    form[0]["words"] = [{"text": "FORM", "box": [0, 0, 9, 9]}]
    folder = tmp_path / "dataset" / "training_data" / "annotations"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text(json.dumps({"form": form}))
    out = tmp_path / "new" / "page.html"
    summary = show_dataset("funsd", tmp_path, "train", out)
    assert summary.labels == {"other": 0, "question": 0, "answer": 0, "header": 1}
    assert "<h1>funsd train: a</h1>" in out.read_text(encoding="utf-8")
    with pytest.raises(DatasetError, match=r"funsd: split 'dev' in .* has no documents"):
        show_dataset("funsd", tmp_path, "dev", None)
    with pytest.raises(DatasetError, match="funsd needs the folder of its release"):
        show_dataset("funsd", None, "train", None)
