"""OCR behind a small interface; engines are found through the entry points "hybrid.ocr"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol

from hybrid.document import BoundingBox
from hybrid.errors import ModelError

if TYPE_CHECKING:
    from PIL import Image

_GROUP = "hybrid.ocr"


@dataclass(frozen=True)
class RecognizedWord:
    """A word with its box in pixels of the picture that was given, origin top-left."""

    text: str
    box: BoundingBox
    confidence: float | None = None


@dataclass(frozen=True)
class RecognizedLine:
    """A line of text; `words` may be empty, then they are cut from the line's box by length."""

    text: str
    box: BoundingBox
    confidence: float | None = None
    words: tuple[RecognizedWord, ...] = ()


class OcrEngine(Protocol):
    """What a plug-in implements: a class without arguments, under the entry point "hybrid.ocr".

    Attributes:
        name: Short, as on the command line.
    """

    name: str

    def recognize(self, image: Image.Image) -> list[RecognizedLine]:
        """All lines of an RGB picture, in any order; called from several threads."""
        ...


def available_engines() -> list[str]:
    """Names of the engines that are installed."""
    return sorted(point.name for point in entry_points(group=_GROUP))


@lru_cache(maxsize=4)
def get_engine(name: str) -> OcrEngine:
    """The engine of that name, loaded once.

    Raises:
        ModelError: If there is none; the message lists those that are there.
    """
    for point in entry_points(group=_GROUP):
        if point.name == name:
            engine: OcrEngine = point.load()()
            return engine
    known = ", ".join(available_engines()) or "none"
    raise ModelError(f"unknown OCR engine {name!r}; installed: {known}")
