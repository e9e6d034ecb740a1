"""What a dataset is: samples with gold, splits, and errors that name the broken file."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from hybrid.document import BoundingBox, Document
from hybrid.errors import DatasetError

BACKGROUND = "other"
"""The label of segments that belong to no entity; always the first of `Dataset.labels`."""

DEV_SHARE = 0.15


class Entity(BaseModel):
    """A gold entity that is finer than a segment, or spans several.

    Attributes:
        label: One of the dataset's labels, never the background.
        text: The entity's characters, with a blank where it goes on in another segment.
        word_ids: Ids of the document's words that hold at least one of its characters, in order.
        character_ids: Ids of its characters in the release's file, in the release's order.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    text: str
    word_ids: tuple[int, ...]
    character_ids: tuple[int, ...] = ()


class GoldValue(BaseModel):
    """A document-level gold value: what the task `field` asks for.

    Attributes:
        path: Concrete, in the schema of the dataset's task: "total", "menu[2].price", "pairs[3]".
            Values of one path are alternatives, any one of which is right.
        label: The path without indices ("menu.price"); of a form's pair the question's text.
        text: Verbatim, never empty.
        segment_ids: Of the segments in which it stands; empty where the release does not say.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    label: str
    text: str
    segment_ids: tuple[int, ...] = ()


class Sample(BaseModel):
    """One document of a dataset with its gold.

    Attributes:
        document: Its segments are the nodes to label, in reading order, with ids from 0.
        labels: One label a segment, in the order of `document.segments`; None where the release
            has none.
        values: The gold of the task `field`; what is absent or empty in the release is left out.
            None where the dataset has none.
        tree: The gold of the task `structure`: nested dictionaries and lists of texts in the form
            of the task's schema; None where the release has none.
        links: Pairs of segment ids, from question to answer (or header to question, as released).
        entities: Gold entities where the release has them apart from the segments.
        released_ids: For each segment its number in the release's file, in the same order, so that
            others can match results with the release: block (FUNSD, XFUND), box or line from 0
            (SROIE, WildReceipt), word from 0 (CORD: the segment's first word, counted through all
            lines), segment or first character of the word (CORD-r).
        image_path: The page's picture, or None where the release here has none.
    """

    model_config = ConfigDict(frozen=True)

    document: Document
    labels: tuple[str, ...] | None = None
    values: tuple[GoldValue, ...] | None = None
    tree: dict[str, Any] | None = None
    links: tuple[tuple[int, int], ...] = ()
    entities: tuple[Entity, ...] = ()
    released_ids: tuple[int, ...] = ()
    image_path: Path | None = None

    @model_validator(mode="after")
    def _check(self) -> Sample:
        count = len(self.document.segments)
        for name, values in (("labels", self.labels), ("released ids", self.released_ids)):
            if values and len(values) != count:
                raise ValueError(f"{len(values)} {name} for {count} segments")
        return self

    @property
    def id(self) -> str:
        """The document's id: the stem of its annotation file, or of its picture."""
        return self.document.id

    def links_between(self, source: str, target: str) -> tuple[tuple[int, int], ...]:
        """The links from a segment labelled `source` to one labelled `target`."""
        labels = dict(zip((s.id for s in self.document.segments), self.labels or (), strict=False))
        return tuple(
            (a, b) for a, b in self.links if labels.get(a) == source and labels.get(b) == target
        )


def split_dev(samples: Iterable[Sample]) -> tuple[list[Sample], list[Sample]]:
    """Parts training documents into those to fit on and `dev`.

    `dev` is the 15 % (rounded) with the smallest SHA-256 of the document's id, so it is the same
    for everybody, whatever order the files are read in.

    Args:
        samples: All training documents of the release.

    Returns:
        `(fit, dev)`, each in the order given.
    """
    items = list(samples)
    chosen = dev_ids(s.id for s in items)
    return [s for s in items if s.id not in chosen], [s for s in items if s.id in chosen]


def dev_ids(ids: Iterable[str]) -> frozenset[str]:
    """Which of the ids of all training documents are those of `dev`, see `split_dev`."""
    by_hash = sorted(ids, key=lambda own: hashlib.sha256(own.encode()).hexdigest())
    return frozenset(by_hash[: round(len(by_hash) * DEV_SHARE)])


class Dataset(ABC):
    """A reader of one release.

    Attributes:
        name: On the command line.
        labels: Of the segments, the background first.
        scored_labels: Those over which F1 is taken: all but the background, where a reader does
            not say otherwise.
        released_splits: The splits of the release, by its own names.
        training_split: The one of them that `dev` and `fit` are parts of.
        needs_root: Whether documents are read from a folder; drawn ones come from their seeds.
    """

    name: str
    labels: ClassVar[tuple[str, ...]]
    scored_labels: ClassVar[tuple[str, ...]]
    released_splits: ClassVar[tuple[str, ...]]
    training_split: ClassVar[str] = "train"
    needs_root: ClassVar[bool] = True

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "labels" in cls.__dict__ and "scored_labels" not in cls.__dict__:
            cls.scored_labels = cls.labels[1:]

    @property
    def splits(self) -> tuple[str, ...]:
        """The release's splits, then ours: `dev`, 15 % of the training documents, and `fit`, the rest.

        Where the release has a `dev` of its own, that is `dev`, and `fit` is all of them.
        """
        return tuple(dict.fromkeys((*self.released_splits, "dev", "fit")))

    def load(self, root: Path, split: str, limit: int | None = None) -> list[Sample]:
        """Reads one split, sorted by document id.

        Args:
            root: The folder of this dataset's own release, such as `.../sroie`.
            split: One of `splits`; "train" is all training documents of the release.
            limit: Of the first so many documents.

        Returns:
            The documents with their gold.

        Raises:
            DatasetError: If the split is unknown or not there, or a file of it is missing or
                broken.
        """
        self._check(split)
        if split in ("dev", "fit") and split not in self.released_splits:
            if "dev" in self.released_splits:
                return self.load(root, self.training_split, limit)
            fit, dev = split_dev(self.load(root, self.training_split))
            return (dev if split == "dev" else fit)[:limit]
        if not root.is_dir():
            raise DatasetError(
                f"dataset {self.name}: there is no folder {root}; "
                "name the folder of its release as the data root"
            )
        return sorted(self._read(root, split), key=lambda s: s.id)[:limit]

    def _check(self, split: str) -> None:
        """Checks that there is such a split, else a DatasetError says which there are."""
        if split not in self.splits:
            raise DatasetError(
                f"dataset {self.name} has no split {split!r}; it has {', '.join(self.splits)}"
            )

    @abstractmethod
    def _read(self, root: Path, split: str) -> Iterator[Sample]:
        """Yields the documents of one of the release's own splits."""

    def _absent(self, split: str, path: Path) -> DatasetError:
        return DatasetError(
            f"dataset {self.name}: split {split!r} is not here, {path} does not exist; "
            "fetch it from the official release or ask for another split"
        )

    def _files(self, folder: Path, pattern: str, split: str) -> list[Path]:
        """The annotation files of a split, sorted; an error that says so where there are none."""
        if not folder.is_dir():
            raise self._absent(split, folder)
        files = sorted(folder.glob(pattern))
        if not files:
            raise self._absent(split, folder / pattern)
        return files


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turns whatever goes wrong in an annotation file into one line that names the file."""
    try:
        yield
    except DatasetError:
        raise
    except ValidationError as error:
        raise DatasetError(f"{path} is broken: {error.errors()[0]['msg']}") from error
    except KeyError as error:
        raise DatasetError(f"{path} is broken: it has no {error}") from error
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise DatasetError(f"{path} is broken: {error}") from error


def read_text(path: Path) -> str:
    """A text file in UTF-8, or else in latin-1, in which some annotators saved theirs.

    Raises:
        DatasetError: If it cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_json(path: Path) -> Any:
    """A JSON file.

    Raises:
        DatasetError: If it cannot be read or is no JSON.
    """
    text = read_text(path)
    with naming(path):
        return json.loads(text)


def page_size(image_path: Path | None, boxes: Sequence[BoundingBox]) -> tuple[float, float]:
    """Width and height of a page in pixels.

    Args:
        image_path: The page's picture; only its header is read.
        boxes: On the page.

    Returns:
        The picture's size; without a picture the extent of the boxes plus, on the right and at the
        bottom, the margin that they leave on the left and at the top. Never less than the boxes'
        extent, since some boxes reach over the picture's edge.

    Raises:
        DatasetError: If the picture is broken.
    """
    right = max((b.right for b in boxes), default=1.0)
    bottom = max((b.bottom for b in boxes), default=1.0)
    if image_path is not None:
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(image_path) as image:
                width, height = image.size
        except (OSError, UnidentifiedImageError) as error:
            raise DatasetError(f"{image_path} is not a readable picture: {error}") from error
    else:
        width, height = 1, 1
        right += max(min((b.left for b in boxes), default=0.0), 0.0)
        bottom += max(min((b.top for b in boxes), default=0.0), 0.0)
    return max(float(width), right, 1.0), max(float(height), bottom, 1.0)
