"""CORD v2 with five labels: the official words and boxes of these labels only (CC BY 4.0).

Words of other labels are not in the release, and there is no background. Document ids are CORD's
own (`receipt_00000`), so results can be matched with the original; note that a receipt of `train`
and one of `validation` can have the same number. A line of several rows, which the release does not
tell word by word, is split where the words' boxes stand on different rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from hybrid.document import BoundingBox

from .base import BACKGROUND, Dataset, Sample, naming
from .cord import CordLine, CordWord, lines_sample
from .json_lines import json_lines
from .reading_order import rows_of


class CordFiveLabels(Dataset):
    """Reads `{train,validation,test}.jsonl`."""

    name = "cord_v2_5labels"
    labels: ClassVar[tuple[str, ...]] = (
        BACKGROUND,
        "menu.nm",
        "menu.cnt",
        "menu.price",
        "sub_total.subtotal_price",
        "total.total_price",
    )
    released_splits: ClassVar[tuple[str, ...]] = ("train", "validation", "test")

    def _read(self, root: Path, split: str) -> Iterator[Sample]:
        path = root / f"{split}.jsonl"
        if not path.is_file():
            raise self._absent(split, path)
        for record in json_lines(path):
            with naming(path):
                lines = [_line(annotation) for annotation in record["annotations"]]
                document_id = f"receipt_{record['image_id']:05}"
                kept = [line for line in lines if line.words]
                yield lines_sample(document_id, path, kept, record["image_size"], None)[0]


def _line(annotation: dict[str, Any]) -> CordLine:
    boxes = [BoundingBox.model_validate(box) for box in annotation["word_boxes"]]
    row_of = dict.fromkeys(range(len(boxes)), 0)
    if len(set(annotation["row_ids"])) > 1:
        row_of = {k: row for row, members in enumerate(rows_of(boxes)) for k in members}
    words = zip(annotation["word_texts"], boxes, annotation["is_key_flags"], strict=True)
    return CordLine(
        label=annotation["label"],
        group=annotation["group_id"],
        words=tuple(
            CordWord(text.strip(), box, bool(is_key), row_of[k])
            for k, (text, box, is_key) in enumerate(words)
            if text.strip()
        ),
    )
