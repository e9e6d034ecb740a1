"""Documents as plain typed data: boxes, words, segments, pages.

Every box is in page units with the origin in the top-left corner: pixels after EXIF rotation for
pictures (`unit="px"`), points after page rotation and cropping for PDF pages (`unit="pt"`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator

Unit = Literal["px", "pt"]
_SAME_ROW = 0.5
"""Least part of the lower box's height that boxes on one row share."""


class BoundingBox(BaseModel):
    """An axis-aligned rectangle in page units, origin top-left, y downwards.

    Reads from and serialises to `[left, top, right, bottom]`.

    Attributes:
        left: Smallest x.
        top: Smallest y.
        right: Largest x, `right >= left`.
        bottom: Largest y, `bottom >= top`.
        origin: Always "top-left"; part of the type so that no reader has to guess.
    """

    model_config = ConfigDict(frozen=True)

    left: float
    top: float
    right: float
    bottom: float
    origin: Literal["top-left"] = "top-left"

    @model_validator(mode="before")
    @classmethod
    def _from_sequence(cls, data: Any) -> Any:
        if isinstance(data, (list, tuple)):
            if len(data) != 4:
                raise ValueError(f"a box is [left, top, right, bottom], got {len(data)} numbers")
            return dict(zip(("left", "top", "right", "bottom"), data, strict=True))
        return data

    @model_validator(mode="after")
    def _check(self) -> BoundingBox:
        if not all(math.isfinite(v) for v in self.as_tuple()):
            raise ValueError("a box needs finite coordinates")
        if self.right < self.left or self.bottom < self.top:
            raise ValueError(f"a box needs left <= right and top <= bottom, got {self.as_tuple()}")
        return self

    @model_serializer
    def _to_list(self) -> list[float]:
        return [round(v, 2) for v in self.as_tuple()]

    @classmethod
    def from_points(cls, points: Iterable[tuple[float, float]]) -> BoundingBox:
        """The smallest box around a polygon's corners, in any order."""
        xs, ys = zip(*points, strict=True)
        return cls(left=min(xs), top=min(ys), right=max(xs), bottom=max(ys))

    @classmethod
    def union_of(cls, boxes: Iterable[BoundingBox]) -> BoundingBox:
        """The smallest box around all the boxes given.

        Raises:
            ValueError: If there are none.
        """
        items = list(boxes)
        if not items:
            raise ValueError("the union of no boxes is not defined")
        return cls(
            left=min(b.left for b in items),
            top=min(b.top for b in items),
            right=max(b.right for b in items),
            bottom=max(b.bottom for b in items),
        )

    def scaled(self, factor: float) -> BoundingBox:
        """The box in other units, of which each of its own is so many."""
        return BoundingBox(
            left=self.left * factor,
            top=self.top * factor,
            right=self.right * factor,
            bottom=self.bottom * factor,
        )

    def as_tuple(self) -> tuple[float, float, float, float]:
        """`(left, top, right, bottom)`."""
        return (self.left, self.top, self.right, self.bottom)

    @property
    def width(self) -> float:
        """Horizontal extent in page units."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Vertical extent in page units."""
        return self.bottom - self.top

    @property
    def center(self) -> tuple[float, float]:
        """`(x, y)` of the middle."""
        return ((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    @property
    def area(self) -> float:
        """Square page units; 0 for a degenerate box."""
        return self.width * self.height

    def normalized(self, width: float, height: float) -> BoundingBox:
        """The box as fractions of a page of `width` by `height`."""
        return BoundingBox(
            left=self.left / width,
            top=self.top / height,
            right=self.right / width,
            bottom=self.bottom / height,
        )

    def intersection_area(self, other: BoundingBox) -> float:
        """Area shared with `other`, in square page units."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)

    def intersection_over_union(self, other: BoundingBox) -> float:
        """Jaccard index of the two areas; 0 where both are degenerate."""
        shared = self.intersection_area(other)
        total = self.area + other.area - shared
        return shared / total if total > 0 else 0.0

    def vertical_overlap(self, other: BoundingBox) -> float:
        """Shared height as a fraction of the lower box's height: 1 for boxes on the same row."""
        shared = min(self.bottom, other.bottom) - max(self.top, other.top)
        smaller = min(self.height, other.height)
        if smaller <= 0:
            return 1.0 if shared >= 0 else 0.0
        return max(shared, 0.0) / smaller

    def shares_row(self, other: BoundingBox) -> bool:
        """Whether the boxes stand on one row: they share half of the lower one's height, or more."""
        return self.vertical_overlap(other) >= _SAME_ROW

    def horizontal_overlap(self, other: BoundingBox) -> float:
        """Shared width as a fraction of the narrower box's width: 1 for one column."""
        shared = min(self.right, other.right) - max(self.left, other.left)
        smaller = min(self.width, other.width)
        if smaller <= 0:
            return 1.0 if shared >= 0 else 0.0
        return max(shared, 0.0) / smaller


class Word(BaseModel):
    """One token of text with its box.

    Attributes:
        id: Unique within the document.
        text: As recognised, without surrounding blanks.
        box: In page units.
        confidence: Of the recognition, 0 to 1; None where nothing was recognised (text layer).
    """

    model_config = ConfigDict(frozen=True)

    id: int
    text: str
    box: BoundingBox
    confidence: float | None = Field(default=None, ge=0, le=1)


class Segment(BaseModel):
    """A line of words that stand together on one row: the node of the page graph.

    Attributes:
        id: Unique within the document, numbered in reading order from 0.
        page: Page number, from 1.
        text: The words' text, joined by blanks.
        box: Around all the words.
        words: In reading order, never empty.
        confidence: Of the recognition, 0 to 1, or None.
    """

    model_config = ConfigDict(frozen=True)

    id: int
    page: int = Field(ge=1)
    text: str
    box: BoundingBox
    words: tuple[Word, ...]
    confidence: float | None = Field(default=None, ge=0, le=1)


class PageImage(BaseModel):
    """The picture of a page, encoded, for the report; it may be scaled down from the page.

    Attributes:
        data: The file's bytes.
        media_type: "image/jpeg" or "image/png".
    """

    model_config = ConfigDict(frozen=True)

    data: bytes = Field(repr=False)
    media_type: Literal["image/jpeg", "image/png"]


class Page(BaseModel):
    """One page and its segments.

    Attributes:
        number: From 1.
        width: In `unit`s.
        height: In `unit`s.
        unit: "px" or "pt".
        segments: In reading order; empty for a page with no text.
        source: Where the text came from: "text-layer", "ocr:<engine>", "text-layer+ocr:<engine>" where
            the text layer leaves out pictures, or "boxes".
        image: The page's picture, or None where there is none; never serialised.
    """

    number: int = Field(ge=1)
    width: float = Field(gt=0)
    height: float = Field(gt=0)
    unit: Unit = "px"
    segments: tuple[Segment, ...] = ()
    source: str = "boxes"
    image: PageImage | None = Field(default=None, exclude=True, repr=False)


class Document(BaseModel):
    """Pages in order, with what is known of where they came from.

    Attributes:
        id: Short name: the stem of the file's name, or the id in a dataset.
        source: Path or address of the input, or "" where it was made in memory.
        sha256: Of the input's bytes, or "".
        pages: In order.
        warnings: One line each, such as "page 3: the text layer is unreadable, used OCR".
        seconds: Time spent by stage while reading, such as {"ocr": 1.8}.
    """

    id: str
    source: str = ""
    sha256: str = ""
    pages: tuple[Page, ...]
    warnings: tuple[str, ...] = ()
    seconds: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_ids(self) -> Document:
        segments = self.segments
        if len({s.id for s in segments}) != len(segments):
            raise ValueError(f"document {self.id!r}: segment ids are not unique")
        word_ids = [w.id for s in segments for w in s.words]
        if len(set(word_ids)) != len(word_ids):
            raise ValueError(f"document {self.id!r}: word ids are not unique")
        return self

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All pages' segments in reading order."""
        return tuple(s for p in self.pages for s in p.segments)

    @property
    def text(self) -> str:
        """All segments, one a line."""
        return "\n".join(s.text for s in self.segments)

    def __iter__(self) -> Iterator[Page]:  # type: ignore[override]  # pages, not (name, value) pairs
        return iter(self.pages)

    def page(self, number: int) -> Page:
        """The page of that number.

        Raises:
            KeyError: If there is no such page.
        """
        for page in self.pages:
            if page.number == number:
                return page
        raise KeyError(f"document {self.id!r} has no page {number}")


class Recognized(Protocol):
    """A text with how sure its recognition is, if it was recognised."""

    @property
    def text(self) -> str:
        """As recognised."""
        ...

    @property
    def confidence(self) -> float | None:
        """0 to 1, or None."""
        ...


def mean_confidence(items: Iterable[Recognized]) -> float | None:
    """Mean recognition confidence, weighted by length; None where nothing was recognised."""
    known = [(i.confidence, max(len(i.text), 1)) for i in items if i.confidence is not None]
    total = sum(length for _, length in known)
    return sum(c * n for c, n in known) / total if total else None


def segment_of(segment_id: int, page: int, words: Iterable[Word]) -> Segment:
    """A segment from its words, in the order given: text joined by blanks, box around them all.

    Args:
        segment_id: Unique within the document.
        page: Page number, from 1.
        words: At least one.

    Returns:
        The segment; its confidence is the words' mean, weighted by their lengths.

    Raises:
        ValueError: If there are no words.
    """
    items = tuple(words)
    if not items:
        raise ValueError("a segment needs at least one word")
    return Segment(
        id=segment_id,
        page=page,
        text=" ".join(w.text for w in items),
        box=BoundingBox.union_of(w.box for w in items),
        words=items,
        confidence=mean_confidence(items),
    )
