"""OCR behind a small interface; engines are found through the entry points "hybrid.ocr"."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol

from hybrid.document import BoundingBox
from hybrid.errors import ModelError

if TYPE_CHECKING:
    from PIL import Image

_GROUP = "hybrid.ocr"
_LOADING = threading.Lock()
_engines: dict[str, OcrEngine] = {}


@dataclass(frozen=True)
class RecognizedWord:
    """A word with its box in pixels of the picture that was given, origin top-left."""

    text: str
    box: BoundingBox
    confidence: float | None = None


@dataclass(frozen=True)
class RecognizedLine:
    """A line of text; `words` may be empty, then they are cut from the line's box by length.

    `upside_down` says that the engine turned it, or most lines of the picture, to read them.
    """

    text: str
    box: BoundingBox
    confidence: float | None = None
    words: tuple[RecognizedWord, ...] = ()
    upside_down: bool = False


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


def get_engine(name: str) -> OcrEngine:
    """The engine of that name, loaded once.

    Raises:
        ModelError: If there is none (the message lists those that are there), or it fails to load.
    """
    with _LOADING:
        if name not in _engines:
            _engines[name] = _load(name)
        return _engines[name]


def _load(name: str) -> OcrEngine:
    for point in entry_points(group=_GROUP):
        if point.name == name:
            try:
                engine: OcrEngine = point.load()()
            except (ImportError, AttributeError) as error:
                raise ModelError(
                    f"OCR engine {name!r} ({point.value}) cannot be loaded: {error}"
                ) from error
            return engine
    known = ", ".join(available_engines()) or "none"
    raise ModelError(f"unknown OCR engine {name!r}; installed: {known}")
