import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import read_dataset
from eval.datasets.xfund import LANGUAGES
from hybrid.errors import DatasetError


def block(number: int, label: str, text: str, words: list[str], top: int, **more: Any) -> Any:
    released = [
        {"text": word, "box": [20 * k, top, 20 * k + 15, top + 10]} for k, word in enumerate(words)
    ]
    box = [0, top, 100, top + 10]
    base = {"id": number, "label": label, "text": text, "words": released, "box": box}
    return base | {"linking": []} | more


FORM = [
    block(5, "answer", "张三", ["张", "三"], 30, linking=[[4, 5]]),
    block(4, "QUESTION", "Ihr Name :", ["Ihr", "Name", ":"], 10, linking=[[4, 5], [4, 9]]),
    block(6, "header", "Antrag A", ["An", "trag", "A"], 0),
    block(9, "answer", " ", [], 50, linking=[[4, 9]]),
    block(7, "other", "a b", ["something", "else"], 70),
]


def write(path: Path, blocks: list[Any]) -> None:
    document = {
        "id": "x_train_0",
        "img": {"fname": "x_train_0.jpg", "width": 200, "height": 100},
        "document": blocks,
    }
    path.write_text(json.dumps({"documents": [document]}), encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_original_form(tmp_path: Path, language: str) -> None:
    write(tmp_path / f"{language}.train.json", FORM)
    (sample,) = read_dataset(f"xfund_{language}", tmp_path, "train")
    assert sample.id == "x_train_0"
    segments = sample.document.segments
    assert [s.text for s in segments] == ["Antrag A", "Ihr Name :", "张三", "a b"]
    assert sample.labels == ("header", "question", "answer", "other")
    assert sample.released_ids == (6, 4, 5, 7)
    assert sample.links == ((1, 2),)
    assert [(v.path, v.label, v.text, v.segment_ids) for v in sample.values or ()] == [
        ("pairs[0]", "Ihr Name :", "张三", (2,))
    ]
    # Released words are put together to what blanks part: "An" + "trag", and all Chinese characters.
    assert [(w.text, w.box.left, w.box.right) for w in segments[0].words] == [
        ("Antrag", 0, 35),
        ("A", 40, 55),
    ]
    assert [(w.text, w.box.left, w.box.right) for w in segments[2].words] == [("张三", 0, 35)]
    # Words that do not spell the text: its parts share the block's box.
    assert [w.text for w in segments[3].words] == ["a", "b"]
    assert (sample.document.pages[0].width, sample.document.pages[0].height) == (200, 100)


def test_one_released_word_for_two_parts(tmp_path: Path) -> None:
    write(tmp_path / "de.val.json", [block(1, "other", "ab cd", ["ab cd"], 0)])
    (sample,) = read_dataset("xfund_de", tmp_path, "val")
    (segment,) = sample.document.segments
    assert [(w.text, w.box.left, w.box.right) for w in segment.words] == [
        ("ab", 0, 15),
        ("cd", 0, 15),
    ]


def test_pictures_beside_the_file_or_in_a_folder(tmp_path: Path) -> None:
    from PIL import Image

    write(tmp_path / "de.train.json", FORM)
    for place in (tmp_path / "x_train_0.jpg", tmp_path / "de_train" / "x_train_0.jpg"):
        place.parent.mkdir(exist_ok=True)
        Image.new("L", (200, 100)).save(place)
        (sample,) = read_dataset("xfund_de", tmp_path, "train")
        assert sample.image_path == place


def test_chinese_as_converted_by_paddleocr(tmp_path: Path) -> None:
    folder = tmp_path / "zh_paddle" / "zh_train"
    folder.mkdir(parents=True)
    points = [[0, 0], [50, 2], [50, 12], [0, 10]]
    below = [[0, 30], [50, 30], [50, 40], [0, 40]]
    blocks = [
        {"transcription": "姓名:", "label": "question", "points": points, "id": 1},
        {"transcription": "张 三", "label": "answer", "points": below, "id": 2},
    ]
    for released in blocks:
        released["linking"] = [[1, 2]]
    line = f"zh_train_0.jpg\t{json.dumps(blocks, ensure_ascii=False)}\n"
    (folder / "train.json").write_text(line, encoding="utf-8")
    (sample,) = read_dataset("xfund_zh", tmp_path, "train")
    assert sample.id == "zh_train_0"
    assert sample.labels == ("question", "answer")
    assert sample.document.segments[0].box.as_tuple() == (0, 0, 50, 12)
    assert [(v.label, v.text) for v in sample.values or ()] == [("姓名:", "张 三")]
    # The original goes first.
    write(tmp_path / "zh.train.json", FORM)
    assert read_dataset("xfund_zh", tmp_path, "train")[0].id == "x_train_0"
    with pytest.raises(DatasetError, match="xfund_ja: split 'train' is not here"):
        read_dataset("xfund_ja", tmp_path, "train")


def test_broken_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "fr.train.json"
    write(path, [block(1, "title", "x", ["x"], 0)])
    with pytest.raises(DatasetError, match=r"fr\.train\.json is broken: unknown label 'title'"):
        read_dataset("xfund_fr", tmp_path, "train")
    path.write_text("{}")
    with pytest.raises(DatasetError, match=r"fr\.train\.json is broken: it has no 'documents'"):
        read_dataset("xfund_fr", tmp_path, "train")


def test_the_real_release(shared_data: Path) -> None:
    german = read_dataset("xfund_de", shared_data / "xfund", "train")
    assert len(german) == 149
    labels = [label for s in german for label in s.labels or ()]
    assert {name: labels.count(name) for name in ("question", "answer", "header", "other")} == {
        "question": 2609,
        "answer": 3992,
        "header": 155,
        "other": 1876,
    }
    assert sum(len(s.links_between("question", "answer")) for s in german) == 3977
    chinese = read_dataset("xfund_zh", shared_data / "xfund", "train")
    assert len(chinese) == 149
    assert sum(s.image_path is not None for s in chinese) == 12
    assert len(read_dataset("xfund_de", shared_data / "xfund", "dev")) == 22
    for name in ("xfund_de", "xfund_zh"):
        with pytest.raises(DatasetError, match="split 'val' is not here"):
            read_dataset(name, shared_data / "xfund", "val")
