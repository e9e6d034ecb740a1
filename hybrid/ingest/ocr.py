"""The interface of an OCR engine, and how engines are found by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from hybrid.document import BoundingBox
from hybrid.errors import ModelError

if TYPE_CHECKING:
    from PIL import Image

ENTRY_POINT_GROUP = "hybrid.ocr"


@dataclass(frozen=True)
class RecognizedWord:
    """A piece of a line without blanks in it.

    Attributes:
        text: As recognised.
        box: In the units of the line's page or picture, origin top-left.
        confidence: 0 to 1, or None where nothing was recognised (text layer, given boxes).
    """

    text: str
    box: BoundingBox
    confidence: float | None = None


@dataclass(frozen=True)
class RecognizedLine:
    """Words that stand together on one row.

    Attributes:
        text: The words' text, joined by blanks.
        box: Around the line, in pixels of the picture for OCR, origin top-left.
        words: From left to right, never empty.
        confidence: 0 to 1, or None where nothing was recognised.
    """

    text: str
    box: BoundingBox
    words: tuple[RecognizedWord, ...]
    confidence: float | None = None

    @classmethod
    def of_words(cls, words: tuple[RecognizedWord, ...]) -> RecognizedLine:
        """A line without a confidence of its own, from at least one word."""
        return cls(
            text=" ".join(word.text for word in words),
            box=BoundingBox.union_of(word.box for word in words),
            words=words,
        )


@runtime_checkable
class OcrEngine(Protocol):
    """Reads the text of a picture.

    Another engine is plugged in as an entry point of the group "hybrid.ocr": a class (or function)
    that is called without arguments and returns the engine.
    """

    @property
    def name(self) -> str:
        """Short name, recorded as the page's source: "ocr:<name>"."""
        ...

    def recognize(self, image: Image.Image) -> list[RecognizedLine]:
        """Reads a picture; may be called from several threads.

        Args:
            image: Mode "RGB", upright, any size within `Limits`.

        Returns:
            The lines in any order, boxes in the picture's pixels, origin top-left.
        """
        ...


def available_engines() -> list[str]:
    """Names of the installed OCR engines, sorted."""
    return sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)})


@lru_cache(maxsize=8)
def get_engine(name: str) -> OcrEngine:
    """The engine of that name; the same object each time, because models are slow to load.

    Args:
        name: Of an entry point in the group "hybrid.ocr", such as "rapidocr".

    Raises:
        ModelError: If no such engine is installed, or what is installed is not an engine.
    """
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        engine = point.load()()
        if not isinstance(engine, OcrEngine):
            raise ModelError(
                f"OCR engine {name!r} ({point.value}) has no `name` and `recognize`: "
                "ask its author for a version that fits hybrid.ingest.OcrEngine"
            )
        return engine
    known = ", ".join(available_engines()) or "none: reinstall hybrid-extract"
    raise ModelError(f"no OCR engine is called {name!r}; available: {known}")
