"""RapidOCR: PP-OCR weights that travel inside its wheel, on onnxruntime, without any network."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from hybrid.document import BoundingBox
from hybrid.ingest.ocr import RecognizedLine, RecognizedWord

if TYPE_CHECKING:
    from PIL import Image


_SURE = 0.9
"""From this score on RapidOCR turns a line (`Cls.cls_thresh`)."""
_FEWEST = 3
"""Lines by which a picture is called upside down."""


class RapidOcrEngine:
    """Text detection and recognition; sessions are shared and calls take turns."""

    name = "rapidocr"

    def __init__(self) -> None:
        self._engine: Any = None
        self._turned = False
        self._lock = threading.Lock()

    def recognize(self, image: Image.Image) -> list[RecognizedLine]:
        """All lines of a picture.

        Args:
            image: RGB.

        Returns:
            Lines with words; word boxes are approximate, as the recogniser's columns give them.
        """
        import numpy as np

        pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]  # RapidOCR wants OpenCV's BGR
        with self._lock:
            if self._engine is None:
                self._engine = self._load()
            self._turned = False
            found = self._engine(pixels, return_word_box=True)
            turned = self._turned
        if found.boxes is None or found.txts is None:
            return []
        words = found.word_results or [()] * len(found.txts)
        return [
            RecognizedLine(
                text=text,
                box=BoundingBox.from_points([(float(x), float(y)) for x, y in box]),
                confidence=min(max(float(score), 0.0), 1.0),
                words=tuple(_word(*word) for word in line_words if word[2] is not None),
                upside_down=turned,
            )
            for text, box, score, line_words in zip(
                found.txts, found.boxes, found.scores, words, strict=True
            )
        ]

    def _load(self) -> Any:
        from rapidocr import RapidOCR

        engine = RapidOCR(
            params={
                "Global.log_level": "critical",
                "EngineConfig.onnxruntime.intra_op_num_threads": os.cpu_count() or 1,
            }
        )
        classify = engine.cls_and_rotate

        def watched(lines: list[Any]) -> Any:
            images, found = classify(lines)
            turns = [label == "180" and score > _SURE for label, score in found.cls_res or ()]
            self._turned = len(turns) >= _FEWEST and sum(turns) > len(turns) / 2
            return images, found

        engine.cls_and_rotate = watched  # it says nowhere else which lines it turned
        return engine


def _word(text: str, score: float, corners: list[list[float]]) -> RecognizedWord:
    box = BoundingBox.from_points([(float(x), float(y)) for x, y in corners])
    return RecognizedWord(text, box, min(max(float(score), 0.0), 1.0))
