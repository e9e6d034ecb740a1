"""WildReceipt: photographed receipts with 25 classes of boxes (Sun et al. 2021; no licence stated).

Boxes are the nodes, each given by 8 numbers that start at its bottom-left corner; blanks are
missing inside many texts ("DRESSFORLESS"). Boxes with empty text, about one in twenty and nearly all
of the class Ignore, are dropped. Ignore and Others are the background. Labels are the 24 other
classes, but published macro F1 (mmocr) is over the 12 value classes alone: these are
`scored_labels`. It has no words: they are cut from the box (`lines`).

Gold values have the classes' names in lower case without "_value":

- `store_name` and `store_addr` are one value each, all boxes of the class joined by blanks in
  reading order;
- `prod_item[i]`, `prod_quantity[i]` and `prod_price[i]` are lists, one value a box;
- of the others each distinct text, by its letters and digits, is an alternative.

`wildreceipt_openset` asks only whether a box is a key or a value, and which belong together: mmocr's
form of it, read from `openset_<split>.txt` or, without that, made of the closed set by mmocr's own
rule, by which a key is linked to every value of its class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from hybrid.document import BoundingBox, Document, Page, Segment
from hybrid.errors import DatasetError
from hybrid.schema import letters_and_digits

from .base import BACKGROUND, Dataset, GoldValue, Sample, naming, page_size, read_text
from .json_lines import numbered_lines, paddle_box, paddle_line, parse
from .lines import line_segments

_FIELDS = (
    "Store_name",
    "Store_addr",
    "Tel",
    "Date",
    "Time",
    "Prod_item",
    "Prod_quantity",
    "Prod_price",
    "Subtotal",
    "Tax",
    "Tips",
    "Total",
)
CLASSES = (
    "Ignore",
    *(f"{field}_{kind}" for field in _FIELDS for kind in ("value", "key")),
    "Others",
)
"""The release's `class_list.txt`: values have odd numbers, their keys the next even ones."""

_JOINED = frozenset({"store_name", "store_addr"})
_LISTS = frozenset({"prod_item", "prod_quantity", "prod_price"})


class _Box(NamedTuple):
    box: BoundingBox
    text: str
    label: int
    edge: int | None


class _Receipt(NamedTuple):
    picture: str
    size: tuple[float, float] | None
    boxes: list[_Box]


class WildReceipt(Dataset):
    """Reads `{train,test}.txt` (or `wildreceipt_{train,test}.txt`) in mmocr's or PaddleOCR's form."""

    name = "wildreceipt"
    labels: ClassVar[tuple[str, ...]] = (BACKGROUND, *CLASSES[1:-1])
    scored_labels: ClassVar[tuple[str, ...]] = CLASSES[1:-1:2]
    released_splits: ClassVar[tuple[str, ...]] = ("train", "test")

    def _read(self, root: Path, split: str) -> Iterator[Sample]:
        path = self._list(root, split)
        _check_classes(root / "class_list.txt")
        for receipt in _receipts(path, len(CLASSES)):
            with naming(path):
                classes = [CLASSES[box.label] for box in receipt.boxes]
                sample, order = _sample(root, path, receipt)
                labels = tuple(classes[k] if classes[k] in self.labels else "other" for k in order)
                values = _values(sample.document.segments, labels)
                yield sample.model_copy(update={"labels": labels, "values": values})

    def _list(self, root: Path, split: str) -> Path:
        paths = [root / f"{split}.txt", root / f"wildreceipt_{split}.txt"]
        for path in paths:
            if path.is_file():
                return path
        raise self._absent(split, paths[0])


class WildReceiptOpenSet(WildReceipt):
    """Reads `openset_{train,test}.txt`, or makes the same of the closed set."""

    name = "wildreceipt_openset"
    labels: ClassVar[tuple[str, ...]] = (BACKGROUND, "key", "value")
    scored_labels: ClassVar[tuple[str, ...]] = ("key", "value")

    def _read(self, root: Path, split: str) -> Iterator[Sample]:
        open_set = root / f"openset_{split}.txt"
        is_open = open_set.is_file()
        path = open_set if is_open else self._list(root, split)
        names = (BACKGROUND, "key", "value", BACKGROUND)
        for receipt in _receipts(path, len(names) if is_open else len(CLASSES)):
            with naming(path):
                if is_open:
                    kinds = [(names[box.label], box.edge) for box in receipt.boxes]
                else:
                    kinds = [_kind(box.label) for box in receipt.boxes]
                sample, order = _sample(root, path, receipt)
                ordered = [kinds[k] for k in order]
                links = [
                    (a, b)
                    for a, (source, edge) in enumerate(ordered)
                    for b, (target, other) in enumerate(ordered)
                    if (source, target) == ("key", "value") and edge == other and edge is not None
                ]
                labels = tuple(label for label, _ in ordered)
                yield sample.model_copy(update={"labels": labels, "links": tuple(links)})


def _kind(label: int) -> tuple[str, int | None]:
    """The open-set label of a closed-set class, and the number that it shares with its partner."""
    if label in (0, len(CLASSES) - 1):
        return BACKGROUND, None
    return ("value" if label % 2 else "key"), (label - 1) // 2


def _check_classes(path: Path) -> None:
    """Numbers mean what they mean here; some copies write them before the names."""
    if path.is_file():
        names = tuple(line.split()[-1] for line in read_text(path).splitlines() if line.strip())
        if names != CLASSES:
            raise DatasetError(f"{path} does not list the {len(CLASSES)} classes of WildReceipt")


def _receipts(path: Path, classes: int) -> Iterator[_Receipt]:
    for number, line in numbered_lines(path):
        with naming(path):
            if line.startswith("{"):
                receipt = _mmocr(parse(path, number, line))
            else:
                picture, blocks = paddle_line(path, number, line)
                boxes = [
                    _Box(paddle_box(b), b["transcription"].strip(), b["label"], b.get("edge"))
                    for b in blocks
                ]
                receipt = _Receipt(picture, None, boxes)
            for box in receipt.boxes:
                if box.label not in range(classes):
                    raise DatasetError(f"{path} line {number} is broken: unknown label {box.label}")
            yield receipt


def _mmocr(record: dict[str, Any]) -> _Receipt:
    boxes = []
    for annotation in record["annotations"]:
        numbers = annotation["box"]
        box = BoundingBox.from_points(zip(numbers[::2], numbers[1::2], strict=True))
        text = annotation["text"].strip()
        boxes.append(_Box(box, text, annotation["label"], annotation.get("edge")))
    return _Receipt(record["file_name"], (record["width"], record["height"]), boxes)


def _sample(root: Path, path: Path, receipt: _Receipt) -> tuple[Sample, list[int]]:
    """A receipt without labels, and for each segment its number among all boxes."""
    kept = [k for k, box in enumerate(receipt.boxes) if box.text]
    segments, order = line_segments([(receipt.boxes[k].box, receipt.boxes[k].text) for k in kept])
    image = root / receipt.picture
    image_path = image if image.is_file() else None
    boxes = [s.box for s in segments]
    if receipt.size is not None:
        boxes.append(BoundingBox(left=0, top=0, right=receipt.size[0], bottom=receipt.size[1]))
    width, height = page_size(image_path, boxes)
    page = Page(number=1, width=width, height=height, segments=segments)
    numbers = [kept[k] for k in order]
    document = Document(id=Path(receipt.picture).stem, source=str(path), pages=(page,))
    return Sample(document=document, released_ids=tuple(numbers), image_path=image_path), numbers


def _values(segments: Sequence[Segment], labels: Sequence[str]) -> tuple[GoldValue, ...]:
    values: list[GoldValue] = []
    for released in WildReceipt.scored_labels:
        field = released.removesuffix("_value").lower()
        boxes = [s for s, label in zip(segments, labels, strict=True) if label == released]
        groups: list[list[Segment]] = [[s] for s in boxes]
        if field in _JOINED:
            groups = [boxes] if boxes else []
        elif field not in _LISTS:
            distinct: dict[str, list[Segment]] = {}
            for segment in boxes:
                distinct.setdefault(letters_and_digits(segment.text), []).append(segment)
            groups = list(distinct.values())
        for index, group in enumerate(groups):
            texts = [s.text for s in (group if field in _JOINED else group[:1])]
            values.append(
                GoldValue(
                    path=f"{field}[{index}]" if field in _LISTS else field,
                    label=field,
                    text=" ".join(texts),
                    segment_ids=tuple(s.id for s in group),
                )
            )
    return tuple(values)
