"""XFUND: forms in seven languages (Xu et al. 2022; CC BY-NC-SA 4.0).

Blocks are the nodes, with FUNSD's labels in lower case. A block's text is kept as released, and its
released words are put together to what blanks part in it: in Chinese and Japanese these words are
single characters, and a block without blanks is one word. A link is stored at both of its ends; most
go from a question to an answer, some from a question to a question. Only the former are gold values
(`pairs`). Words and blocks of no text are dropped as in FUNSD; the German forms have none.

Chinese is also read in PaddleOCR's conversion, which has the blocks and links but no words: they are
cut from the block (`lines`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from hybrid.document import BoundingBox, Document, Page, Segment, Word
from hybrid.errors import DatasetError

from .base import BACKGROUND, Dataset, Sample, naming, page_size, read_json
from .funsd import released_links
from .json_lines import numbered_lines, paddle_box, paddle_line
from .lines import split_words
from .pairs import pair_values
from .reading_order import reading_order

LANGUAGES = ("de", "zh", "ja", "es", "fr", "it", "pt")


class Xfund(Dataset):
    """Reads `<language>.{train,val}.json`, for Chinese else `zh_paddle/zh_<split>/<split>.json`.

    Pictures are those of that name in `<language>_<split>` (PaddleOCR's: in `image`) or beside the
    JSON file.

    Args:
        language: One of `LANGUAGES`.
    """

    labels: ClassVar[tuple[str, ...]] = (BACKGROUND, "question", "answer", "header")
    released_splits: ClassVar[tuple[str, ...]] = ("train", "val")

    def __init__(self, language: str) -> None:
        self.name = f"xfund_{language}"
        self.language = language

    def _read(self, root: Path, split: str) -> Iterator[Sample]:
        path = root / f"{self.language}.{split}.json"
        converted = root / "zh_paddle" / f"zh_{split}" / f"{split}.json"
        if path.is_file():
            yield from self._original(path, split)
        elif self.language == "zh" and converted.is_file():
            yield from self._converted(converted)
        else:
            raise self._absent(split, path)

    def _original(self, path: Path, split: str) -> Iterator[Sample]:
        with naming(path):
            documents = read_json(path)["documents"]
        for content in documents:
            with naming(path):
                size = content["img"]
                image = self._image(path.parent, split, size["fname"])
                yield self._sample(path, content["id"], content["document"], size, image)

    def _image(self, folder: Path, split: str, name: str) -> Path | None:
        for path in (folder / f"{self.language}_{split}" / name, folder / name):
            if path.is_file():
                return path
        return None

    def _converted(self, path: Path) -> Iterator[Sample]:
        for number, line in numbered_lines(path):
            with naming(path):
                picture, released = paddle_line(path, number, line)
                blocks = [
                    b | {"text": b["transcription"], "box": list(paddle_box(b).as_tuple())}
                    for b in released
                ]
                image = path.parent / "image" / picture
                image_path = image if image.is_file() else None
                yield self._sample(path, Path(picture).stem, blocks, None, image_path)

    def _sample(
        self,
        path: Path,
        document_id: str,
        released: Sequence[dict[str, Any]],
        size: dict[str, Any] | None,
        image: Path | None,
    ) -> Sample:
        blocks = [b for b in released if b["text"].strip()]
        labels = [str(b["label"]).lower() for b in blocks]
        for label in labels:
            if label not in self.labels:
                raise DatasetError(f"{path} is broken: unknown label {label!r} in {document_id}")
        boxes = [BoundingBox.model_validate(b["box"]) for b in blocks]
        order = reading_order(boxes)
        segments: list[Segment] = []
        next_word = 0
        for number, k in enumerate(order):
            words = _words(blocks[k], boxes[k], next_word)
            next_word += len(words)
            text = " ".join(w.text for w in words)
            segments.append(Segment(id=number, page=1, text=text, box=boxes[k], words=words))
        frame = (
            [BoundingBox(left=0, top=0, right=size["width"], bottom=size["height"])] if size else []
        )
        width, height = page_size(image, [*frame, *boxes])
        page = Page(number=1, width=width, height=height, segments=tuple(segments))
        ordered = tuple(labels[k] for k in order)
        ids = {blocks[k]["id"]: number for number, k in enumerate(order)}
        links = released_links(blocks, ids)
        return Sample(
            document=Document(id=document_id, source=str(path), pages=(page,)),
            labels=ordered,
            values=pair_values(segments, ordered, links),
            links=links,
            released_ids=tuple(blocks[k]["id"] for k in order),
            image_path=image,
        )


def _words(block: dict[str, Any], box: BoundingBox, first_id: int) -> tuple[Word, ...]:
    """The block's text at its blanks, with the boxes of the released words that spell each part.

    Where the released words do not spell the text, its parts share the block's box.
    """
    text = block["text"].strip()
    released = [
        ("".join(w["text"].split()), BoundingBox.model_validate(w["box"]))
        for w in block.get("words", [])
        if w["text"].strip()
    ]
    if "".join(word for word, _ in released) != "".join(text.split()):
        return split_words(text, box, first_id)
    words = []
    place = 0  # of the next released word
    start = 0  # characters of it that an earlier part took
    for offset, part in enumerate(text.split()):
        boxes = []
        missing = len(part)
        while missing > 0:
            word, word_box = released[place]
            boxes.append(word_box)
            taken = min(missing, len(word) - start)
            missing -= taken
            start += taken
            if start == len(word):
                place, start = place + 1, 0
        words.append(Word(id=first_id + offset, text=part, box=BoundingBox.union_of(boxes)))
    return tuple(words)
