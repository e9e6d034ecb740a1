"""FUNSD: noisy scanned forms (Jaume et al. 2019; research and education, non-commercial).

Blocks are the nodes. Some words and some blocks of the release have empty text. As others do, they
are left out: an empty word is dropped, a block none of whose words has text is dropped with its
links. Scores are therefore over the blocks with text.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from hybrid.document import BoundingBox, Document, Page, Segment, Word
from hybrid.errors import DatasetError

from .base import BACKGROUND, Dataset, Sample, naming, page_size, read_json
from .pairs import pair_values
from .reading_order import reading_order

FOLDERS = {"train": "training_data", "test": "testing_data"}


class Funsd(Dataset):
    """Reads `dataset/{training,testing}_data/{annotations,images}`."""

    name = "funsd"
    labels: ClassVar[tuple[str, ...]] = (BACKGROUND, "question", "answer", "header")
    released_splits: ClassVar[tuple[str, ...]] = ("train", "test")

    def _read(self, root: Path, split: str) -> Iterator[Sample]:
        folder = root / "dataset" / FOLDERS[split]
        for path in self._files(folder / "annotations", "*.json", split):
            with naming(path):
                yield self._sample(path, folder / "images" / f"{path.stem}.png")

    def _sample(self, path: Path, image: Path) -> Sample:
        image_path = image if image.is_file() else None
        blocks = [b for b in read_json(path)["form"] if any(_has_text(w) for w in b["words"])]
        for block in blocks:
            if block["label"] not in self.labels:
                raise DatasetError(f"{path} is broken: unknown label {block['label']!r}")
        boxes = [BoundingBox.model_validate(b["box"]) for b in blocks]
        order = reading_order(boxes)
        segments: list[Segment] = []
        next_word = 0
        for number, k in enumerate(order):
            texts = [w for w in blocks[k]["words"] if _has_text(w)]
            words = tuple(
                Word(
                    id=next_word + offset,
                    text=w["text"].strip(),
                    box=BoundingBox.model_validate(w["box"]),
                )
                for offset, w in enumerate(texts)
            )
            next_word += len(words)
            # The block's own box is kept: it is what published results use.
            text = " ".join(w.text for w in words)
            segments.append(Segment(id=number, page=1, text=text, box=boxes[k], words=words))
        width, height = page_size(image_path, boxes)
        page = Page(number=1, width=width, height=height, segments=tuple(segments))
        ids = {blocks[k]["id"]: number for number, k in enumerate(order)}
        labels = tuple(blocks[k]["label"] for k in order)
        links = released_links(blocks, ids)
        return Sample(
            document=Document(id=path.stem, source=str(path), pages=(page,)),
            labels=labels,
            values=pair_values(segments, labels, links),
            links=links,
            released_ids=tuple(blocks[k]["id"] for k in order),
            image_path=image_path,
        )


def _has_text(word: dict[str, Any]) -> bool:
    return bool(word["text"].strip())


def released_links(
    blocks: list[dict[str, Any]], ids: dict[int, int]
) -> tuple[tuple[int, int], ...]:
    """Links between the blocks that are left; the release stores each at both of its ends.

    Args:
        blocks: As released, with their `linking`.
        ids: Segment ids by the ids of the blocks that became segments.
    """
    pairs = {
        (ids[source], ids[target])
        for block in blocks
        for source, target in block["linking"]
        if source in ids and target in ids and source != target
    }
    return tuple(sorted(pairs))
