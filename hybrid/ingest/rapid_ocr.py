"""RapidOCR (PP-OCR in onnxruntime) as an engine; its weights come inside its wheel."""

from __future__ import annotations

import importlib.util
import math
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hybrid.document import BoundingBox
from hybrid.errors import ModelError
from hybrid.ingest.ocr import RecognizedLine, RecognizedWord

if TYPE_CHECKING:
    from PIL import Image

# Recognition crops are cut from the picture at this size; more pixels cost memory and add nothing.
MAX_PIXELS = 4_000_000
MAX_SIDE = 4000
# The detector sees fewer pixels than the recogniser: it takes most of the time, and finds the same
# lines (measured on SROIE pictures and on dense A4 pages).
DETECTION_PIXELS = 1_300_000

_Character = tuple[str, BoundingBox, float]


class RapidOcrEngine:
    """PP-OCR detection and recognition on the CPU, offline.

    The models are loaded at the first picture and kept. One picture is read at a time: onnxruntime
    already uses all cores for it, and two at once would only double the memory.
    """

    name = "rapidocr"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = None

    def recognize(self, image: Image.Image) -> list[RecognizedLine]:
        """Reads a picture.

        Args:
            image: Any mode that converts to "RGB", upright. Above 4 megapixels or 4000 pixels on
                one side it is scaled down first.

        Returns:
            The lines, top to bottom, boxes in the pixels of the picture given, origin top-left.
            Word boxes are approximate: the recogniser knows columns of about a character's width.

        Raises:
            ModelError: If the weights are missing from the installed rapidocr.
        """
        from PIL import Image as PilImage

        scale = min(
            1.0,
            MAX_SIDE / max(image.size),
            math.sqrt(MAX_PIXELS / (image.width * image.height)),
        )
        size = (max(1, int(image.width * scale)), max(1, int(image.height * scale)))
        if size != image.size:
            image = image.resize(size, PilImage.Resampling.LANCZOS, reducing_gap=3.0)
        pixels = np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])
        with self._lock:
            if self._model is None:
                self._model = _load_model()
            shrink = min(1.0, math.sqrt(DETECTION_PIXELS / (size[0] * size[1])))
            # RapidOCR takes the detector's limit as a setting of the whole engine only.
            self._model.text_det.limit_side_len = max(64, int(max(size) * shrink))
            output = self._model(pixels)
        if output.txts is None or output.boxes is None:
            return []
        characters: Sequence[Iterable[Any]] = output.word_results
        if len(characters) != len(output.txts):
            characters = [()] * len(output.txts)
        lines = []
        for text, quad, score, found in zip(
            output.txts, output.boxes, output.scores, characters, strict=True
        ):
            if text.strip():
                box = _box_of(quad, 1 / scale)
                words = tuple(_words_of(text, box, float(score), list(_scaled(found, 1 / scale))))
                lines.append(
                    RecognizedLine(
                        text=" ".join(word.text for word in words),
                        box=box,
                        words=words,
                        confidence=_probability(float(score)),
                    )
                )
        return lines


def _load_model() -> Any:
    folder = _weights_folder()
    weights = {}
    for part in ("Det", "Cls", "Rec"):
        found = sorted(folder.glob(f"*_{part.lower()}_*.onnx"))
        if not found:
            raise ModelError(
                f"rapidocr's {part.lower()} weights are missing in {folder}: "
                "reinstall it with `pip install --force-reinstall rapidocr`"
            )
        # A path given is a path used: without it RapidOCR would look for a download.
        weights[f"{part}.model_path"] = str(found[-1])

    from rapidocr import RapidOCR

    class WordAlignedRapidOCR(RapidOCR):  # type: ignore[misc]  # rapidocr is not typed
        def calc_word_boxes(self, images: Any, boxes: Any, recognition: Any) -> Any:
            # RapidOCR zips characters without blanks with confidences that count the blanks.
            for text, info in zip(recognition.txts, recognition.word_results, strict=True):
                pairs = zip(text, info.confs, strict=False)
                info.confs = [c for character, c in pairs if not character.isspace()]
            return super().calc_word_boxes(images, boxes, recognition)

    model = WordAlignedRapidOCR(
        params={
            "Global.log_level": "error",
            "Global.max_side_len": MAX_SIDE,
            "Global.return_word_box": True,
            "Global.return_single_char_box": True,
            "Det.limit_type": "max",
            "EngineConfig.onnxruntime.intra_op_num_threads": os.cpu_count() or 1,
            **weights,
        }
    )
    model._load_det_model()
    return model


def _weights_folder() -> Path:
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise ModelError("rapidocr is not installed: run `pip install rapidocr onnxruntime`")
    return Path(spec.origin).parent / "models"


def _box_of(quad: Iterable[Sequence[float]], scale: float) -> BoundingBox:
    return BoundingBox.from_points((float(p[0]) * scale, float(p[1]) * scale) for p in quad)


def _scaled(found: Iterable[Any], scale: float) -> Iterator[_Character]:
    for character, confidence, quad in found:
        yield character, _box_of(quad, scale), float(confidence)


def _probability(score: float) -> float:
    return min(max(score, 0.0), 1.0)


def _words_of(
    text: str, line: BoundingBox, score: float, characters: list[_Character]
) -> Iterator[RecognizedWord]:
    """Splits a line at its blanks; falls back to shares of its width without usable characters."""
    if "".join(c for c, _, _ in characters) == "".join(text.split()):
        position = 0
        for piece in text.split():
            own = characters[position : position + len(piece)]
            position += len(piece)
            yield RecognizedWord(
                text=piece,
                box=_inside(BoundingBox.union_of(box for _, box, _ in own), line),
                confidence=_probability(sum(c for _, _, c in own) / len(own)),
            )
        return
    position = 0
    for piece in text.split():
        start = text.index(piece, position)
        position = start + len(piece)
        yield RecognizedWord(
            text=piece,
            box=BoundingBox(
                left=line.left + line.width * start / len(text),
                top=line.top,
                right=line.left + line.width * position / len(text),
                bottom=line.bottom,
            ),
            confidence=_probability(score),
        )


def _inside(box: BoundingBox, line: BoundingBox) -> BoundingBox:
    left, right = (min(max(x, line.left), line.right) for x in (box.left, box.right))
    top, bottom = (min(max(y, line.top), line.bottom) for y in (box.top, box.bottom))
    return BoundingBox(left=left, top=top, right=right, bottom=bottom)
