"""CORD-r: receipts of CORD as re-annotated on real OCR (CC BY 4.0); not the original CORD.

A file lists OCR segments; what it calls their "words" are single characters, each with a box, and
its entities are lists of character ids over one or several segments. An entity includes the printed
key ("TOTAL45,500"). A segment of the release is a line or a part of it, and can hold characters of
several entities or of none.

Nodes are either words (runs of characters of a segment without blanks; the default) or the
segments. A node takes the label that most of its entity characters have, the first of them where
two are equally frequent; characters of no entity have no say, since a value inside a longer line
still has to be found. The release has no groups: each label of the menu is numbered by itself in
reading order (`receipt_gold` has the other rules of gold values). Segments of blanks only are left out, and so are the release's seven entities
that are a single blank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from hybrid.document import BoundingBox, Document, Page, Segment, Word, segment_of
from hybrid.errors import DatasetError

from .base import (
    BACKGROUND,
    Dataset,
    Entity,
    GoldValue,
    Sample,
    naming,
    page_size,
    read_json,
    read_text,
)
from .reading_order import reading_order
from .receipt_gold import Part, receipt_values

LISTS = {"train": "data.train.txt", "valid": "data.val.txt", "test": "data.test.txt"}

ENTITY_LABELS = (
    "menu.nm",
    "menu.num",
    "menu.unitprice",
    "menu.cnt",
    "menu.discountprice",
    "menu.price",
    "menu.itemsubtotal",
    "menu.vatyn",
    "menu.etc",
    "menu.sub.nm",
    "menu.sub.unitprice",
    "menu.sub.cnt",
    "menu.sub.price",
    "menu.sub.etc",
    "void_menu.nm",
    "void_menu.price",
    "sub_total.subtotal_price",
    "sub_total.discount_price",
    "sub_total.service_price",
    "sub_total.othersvc_price",
    "sub_total.tax_price",
    "sub_total.etc",
    "total.total_price",
    "total.total_etc",
    "total.cashprice",
    "total.changeprice",
    "total.creditcardprice",
    "total.emoneyprice",
    "total.menutype_cnt",
    "total.menuqty_cnt",
)
"""The release's `labels.txt`, in its order; `menu.sub.etc` occurs in no document here."""

Character = dict[str, Any]


class CordR(Dataset):
    """Reads `jsons/<split>_*.json` as named in `data.{train,val,test}.txt`.

    Args:
        nodes: "words" or "segments": what a node of the graph is.
    """

    name = "cord_r"
    labels: ClassVar[tuple[str, ...]] = (BACKGROUND, *ENTITY_LABELS)
    released_splits: ClassVar[tuple[str, ...]] = ("train", "valid", "test")

    def __init__(self, nodes: Literal["words", "segments"] = "words") -> None:
        self.nodes = nodes

    def _read(self, root: Path, split: str) -> Iterator[Sample]:
        for path in self._listed(root, split):
            with naming(path):
                yield self._sample(path, root / "images" / f"{path.stem}.png")

    def _listed(self, root: Path, split: str) -> list[Path]:
        """The files on the release's list, which leaves out one of the training files."""
        list_path = root / LISTS[split]
        if not list_path.is_file():
            raise self._absent(split, list_path)
        lines = [line.split() for line in read_text(list_path).splitlines() if line.strip()]
        if not lines:
            raise DatasetError(f"{list_path} is empty")
        return [root / parts[-1] for parts in lines]

    def _sample(self, path: Path, image: Path) -> Sample:
        image_path = image if image.is_file() else None
        content = read_json(path)
        label_of = _character_labels(path, content["label_entities"])
        nodes = [node for line in content["document"] for node in self._nodes_of(line)]
        boxes = [BoundingBox.union_of(_box(c) for word in node for c in word) for node in nodes]
        order = reading_order(boxes)
        segments: list[Segment] = []
        word_of: dict[int, int] = {}
        next_word = 0
        for number, k in enumerate(order):
            words = []
            for characters in nodes[k]:
                words.append(_word(next_word, characters))
                word_of |= {c["id"]: next_word for c in characters}
                next_word += 1
            segments.append(segment_of(number, 1, words))
        entities = tuple(_entities(content, word_of))
        size = content["img"]
        width, height = page_size(
            None, [BoundingBox(left=0, top=0, right=size["width"], bottom=size["height"]), *boxes]
        )
        return Sample(
            document=Document(
                id=path.stem,
                source=str(path),
                pages=(Page(number=1, width=width, height=height, segments=tuple(segments)),),
            ),
            labels=tuple(_majority(nodes[k], label_of) for k in order),
            values=_values(entities, segments),
            entities=entities,
            released_ids=tuple(nodes[k][0][0]["id"] for k in order),
            image_path=image_path,
        )

    def _nodes_of(self, line: dict[str, Any]) -> list[list[list[Character]]]:
        """The nodes of one OCR segment: each a list of words, each a list of characters."""
        words: list[list[Character]] = [[]]
        for character in line["words"]:
            if character["text"].strip():
                words[-1].append(character)
            elif words[-1]:
                words.append([])
        words = [word for word in words if word]
        if self.nodes == "words":
            return [[word] for word in words]
        return [words] if words else []


def _box(character: Character) -> BoundingBox:
    return BoundingBox.model_validate(character["box"])


def _word(word_id: int, characters: Sequence[Character]) -> Word:
    return Word(
        id=word_id,
        text="".join(c["text"] for c in characters),
        box=BoundingBox.union_of(_box(c) for c in characters),
    )


def _character_labels(path: Path, entities: list[dict[str, Any]]) -> dict[int, str]:
    for entity in entities:
        if entity["label"] not in ENTITY_LABELS:
            raise DatasetError(f"{path} is broken: unknown label {entity['label']!r}")
    return {k: entity["label"] for entity in entities for k in entity["word_idx"]}


def _majority(node: list[list[Character]], label_of: dict[int, str]) -> str:
    """The label of most of the node's entity characters; Counter keeps the first of equals."""
    counts = Counter(label_of[c["id"]] for word in node for c in word if c["id"] in label_of)
    return counts.most_common(1)[0][0] if counts else BACKGROUND


def _entities(content: dict[str, Any], word_of: dict[int, int]) -> Iterator[Entity]:
    characters = {
        c["id"]: (line["id"], c["text"]) for line in content["document"] for c in line["words"]
    }
    for entity in content["label_entities"]:
        text = ""
        previous = None
        for k in entity["word_idx"]:
            line, character = characters[k]
            if previous is not None and line != previous:
                text += " "
            text += character
            previous = line
        words = dict.fromkeys(word_of[k] for k in entity["word_idx"] if k in word_of)
        if words:
            yield Entity(
                label=entity["label"],
                text=" ".join(text.split()),
                word_ids=tuple(words),
                character_ids=tuple(entity["word_idx"]),
            )


def _values(entities: Sequence[Entity], segments: Sequence[Segment]) -> tuple[GoldValue, ...]:
    segment_of_word = {word.id: segment.id for segment in segments for word in segment.words}
    seen: Counter[str] = Counter()
    parts = []
    for entity in sorted(entities, key=lambda e: min(e.word_ids)):
        ids = dict.fromkeys(segment_of_word[k] for k in sorted(entity.word_ids))
        parts.append(Part(entity.label, seen[entity.label], entity.text, tuple(ids)))
        seen[entity.label] += 1
    return receipt_values(parts)
