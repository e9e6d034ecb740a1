"""CORD: receipts with quads, groups and a nested parse (Park et al. 2019; CC BY 4.0).

Read in its two forms, v1 and v2 alike: the original one, a JSON file a receipt, and that of the
Hugging Face hub, rows with a string `ground_truth` that holds the same JSON. A `valid_line` is an
entity; its words on one row are a node, so that an entity over two rows is two nodes. The release
transcribes no text outside of entities: a receipt has no background nodes. Printed keys ("TOTAL")
are words of their entities, and are left out of gold values.

`tree` is the release's `gt_parse` as far as `ItemizedReceipt` asks for it
(`receipt_gold.restricted_tree`), or, without `gt_parse`, the same made of the lines' groups.

The release has a `dev` of its own, so `fit` is all of `train`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from hybrid.document import BoundingBox, Document, Page, Segment, Word, segment_of
from hybrid.errors import DatasetError

from .base import BACKGROUND, Dataset, Sample, naming, page_size, read_json
from .cord_r import ENTITY_LABELS
from .json_lines import json_lines
from .reading_order import reading_order
from .receipt_gold import Part, parts_tree, receipt_values, restricted_tree

HUB_NAMES = {"train": ("train",), "dev": ("dev", "validation"), "test": ("test",)}
"""What the hub calls the splits."""

_PICTURES = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class CordWord:
    """A word of a line.

    Attributes:
        text: Not empty.
        box: In pixels.
        is_key: Whether it is a printed key ("TOTAL").
        row: Words of one row share it.
    """

    text: str
    box: BoundingBox
    is_key: bool
    row: int


@dataclass(frozen=True)
class CordLine:
    """An entity with its words in order.

    Attributes:
        label: One of `ENTITY_LABELS`.
        group: Of the release.
        words: Not empty.
    """

    label: str
    group: int
    words: tuple[CordWord, ...]


class Cord(Dataset):
    """Reads `<split>/json/*.json` and, where there is none, the hub's form.

    That is `<split>.jsonl`, `<split>/metadata.jsonl`, `<split>*.parquet` or
    `data/<split>-*.parquet`, in which `dev` is called `validation`. Pictures are taken from
    `<split>/image` or where `file_name` says; those inside a parquet file are not read.
    """

    name = "cord"
    labels: ClassVar[tuple[str, ...]] = (BACKGROUND, *ENTITY_LABELS)
    released_splits: ClassVar[tuple[str, ...]] = ("train", "dev", "test")

    def _read(self, root: Path, split: str) -> Iterator[Sample]:
        folder = root / split / "json"
        if not folder.is_dir():
            yield from self._hub(root, split, folder)
            return
        for path in self._files(folder, "*.json", split):
            with naming(path):
                image = _picture(root / split / "image" / path.stem)
                yield cord_sample(path.stem, path, read_json(path), image)

    def _hub(self, root: Path, split: str, original: Path) -> Iterator[Sample]:
        files = [path for name in HUB_NAMES[split] for path in _hub_files(root, name)]
        if not files:
            raise self._absent(split, original)
        number = 0
        for path in files:
            for row in _rows(path):
                with naming(path):
                    content = json.loads(row["ground_truth"])
                    image_id = content.get("meta", {}).get("image_id", number)
                    image = path.parent / row["file_name"] if row.get("file_name") else None
                    image = image if image is not None and image.is_file() else None
                    yield cord_sample(f"receipt_{image_id:05}", path, content, image)
                number += 1


def _picture(stem: Path) -> Path | None:
    candidates = (stem.with_name(stem.name + suffix) for suffix in _PICTURES)
    return next((path for path in candidates if path.is_file()), None)


def _hub_files(root: Path, name: str) -> list[Path]:
    lines = [root / f"{name}.jsonl", root / name / "metadata.jsonl"]
    tables = [*root.glob(f"{name}*.parquet"), *(root / "data").glob(f"{name}-*.parquet")]
    found = [path for path in lines if path.is_file()] or sorted(tables)
    return found[:1] if found and found[0].suffix == ".jsonl" else found


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    if path.suffix == ".jsonl":
        yield from json_lines(path)
        return
    import polars as pl

    try:
        table = pl.read_parquet(path, columns=["ground_truth"])
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DatasetError(f"{path} is broken: {str(error).splitlines()[0]}") from error
    yield from table.iter_rows(named=True)


def cord_sample(
    document_id: str, path: Path, content: Mapping[str, Any], image: Path | None
) -> Sample:
    """One receipt of the official JSON.

    Args:
        document_id: Of the receipt.
        path: The file that it stands in.
        content: With `valid_line` and, mostly, `gt_parse` and `meta`.
        image: Its picture, or None.
    """
    lines = [line for released in content["valid_line"] if (line := _line(released)) is not None]
    size = content.get("meta", {}).get("image_size")
    sample, parts = lines_sample(document_id, path, lines, size, image)
    parse = content.get("gt_parse")
    tree = parts_tree(parts) if parse is None else restricted_tree(parse)
    return sample.model_copy(update={"tree": tree})


def _line(released: Mapping[str, Any]) -> CordLine | None:
    words = tuple(
        CordWord(
            text=word["text"].strip(),
            box=BoundingBox.from_points(
                (word["quad"][f"x{k}"], word["quad"][f"y{k}"]) for k in (1, 2, 3, 4)
            ),
            is_key=bool(word["is_key"]),
            row=word["row_id"],
        )
        for word in released["words"]
        if word["text"].strip()
    )
    # Some copies write "menu.sub_nm" for "menu.sub.nm".
    label = released["category"].replace("menu.sub_", "menu.sub.")
    return CordLine(label, released["group_id"], words) if words else None


def lines_sample(
    document_id: str,
    path: Path,
    lines: Sequence[CordLine],
    size: Mapping[str, float] | None,
    image: Path | None,
) -> tuple[Sample, list[Part]]:
    """A receipt without its tree, and its entities in the release's order.

    Args:
        document_id: Of the receipt.
        path: The file that it stands in.
        lines: In the release's order.
        size: Of the page, with `width` and `height`, or None.
        image: The page's picture, or None.

    Raises:
        DatasetError: If a label is unknown.
    """
    nodes: list[tuple[int, int, list[CordWord]]] = []  # line, number of the first word, words
    number = 0
    for k, line in enumerate(lines):
        if line.label not in ENTITY_LABELS:
            raise DatasetError(f"{path} is broken: unknown label {line.label!r} in {document_id}")
        rows: dict[int, list[CordWord]] = {}
        first: dict[int, int] = {}
        for word in line.words:
            rows.setdefault(word.row, []).append(word)
            first.setdefault(word.row, number)
            number += 1
        nodes += [(k, first[row], words) for row, words in rows.items()]
    order = reading_order([BoundingBox.union_of(w.box for w in words) for _, _, words in nodes])
    segments: list[Segment] = []
    segment_ids: dict[int, list[int]] = {}
    next_word = 0
    for segment_id, k in enumerate(order):
        words = [
            Word(id=next_word + offset, text=w.text, box=w.box)
            for offset, w in enumerate(nodes[k][2])
        ]
        next_word += len(words)
        segments.append(segment_of(segment_id, 1, words))
        segment_ids.setdefault(nodes[k][0], []).append(segment_id)
    parts = [
        Part(
            label=lines[k].label,
            group=lines[k].group,
            text=" ".join(w.text for w in lines[k].words if not w.is_key),
            segment_ids=tuple(ids),
        )
        for k, ids in sorted(segment_ids.items())
    ]
    boxes = [segment.box for segment in segments]
    if size is not None:
        boxes.append(BoundingBox(left=0, top=0, right=size["width"], bottom=size["height"]))
    width, height = page_size(image, boxes)
    page = Page(number=1, width=width, height=height, segments=tuple(segments))
    sample = Sample(
        document=Document(id=document_id, source=str(path), pages=(page,)),
        labels=tuple(lines[nodes[k][0]].label for k in order),
        values=receipt_values(parts),
        released_ids=tuple(nodes[k][1] for k in order),
        image_path=image,
    )
    return sample, parts
