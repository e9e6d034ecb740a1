"""Pictures: PNG, JPEG, TIFF with its frames, WebP, BMP; turned upright by EXIF, then OCR."""

from __future__ import annotations

import io
import struct
import threading
import time
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from statistics import median

from PIL import Image, ImageOps, UnidentifiedImageError

from hybrid.document import BoundingBox, Page, mean_confidence
from hybrid.errors import DocumentError
from hybrid.ingest.assemble import Numbering, page_image, segments_of
from hybrid.ingest.limits import Limits
from hybrid.ingest.ocr import OcrEngine, RecognizedLine

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP")
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError, IndexError, OverflowError, struct.error, zlib.error)  # fmt: skip
"""What Pillow's decoders raise on broken files."""
_DECODING = threading.Lock()
_SMALL = 12.0
"""Pixels from the top to the bottom of lines that are hardly legible."""
_UPSIDE_DOWN = Image.Transpose.ROTATE_180
_TELLING = 3
"""Characters of a line whose shape says how it runs."""
_FEWEST = 3
"""Such lines, at least, by which a page is said to lie on its side."""
_ON_ITS_SIDE = 1.5
"""Times as high as wide."""
_LESS_SURE = 0.05
"""By so much a turned page may be less surely read: columns of Chinese or Japanese are no lines on their side."""
OnPage = Callable[[int, int], None]


def read_image(
    data: bytes, name: str, engine: OcrEngine, numbering: Numbering, on_page: OnPage
) -> tuple[list[Page], dict[str, float]]:
    """All frames of a picture as pages in pixels.

    Raises:
        DocumentError: If it is no picture, is cut off, or is too large.
    """
    pages: list[Page] = []
    seconds = {"ocr": 0.0}
    for frame, frames in _frames(data, name, numbering.limits):
        number = len(pages) + 1
        start = time.perf_counter()
        pages.append(ocr_page(frame, number, engine, numbering))
        seconds["ocr"] += time.perf_counter() - start
        on_page(number, frames)
    return pages, seconds


def _frames(data: bytes, name: str, limits: Limits) -> Iterator[tuple[Image.Image, int]]:
    """Each frame, upright, and how many there are; one frame is in memory at a time."""
    try:
        with _quiet():
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        with picture:
            # The further pictures in a camera's JPEG (MPO) are previews and depth maps.
            frames = 1 if picture.format == "MPO" else getattr(picture, "n_frames", 1)
            if frames > limits.pages:
                raise DocumentError(
                    f"{name}: {frames} frames, the limit is {limits.pages}; split it"
                )
            for number in range(1, frames + 1):
                with _quiet():
                    picture.seek(number - 1)
                    check_pixels(picture.size, f"{name}, page {number}", limits.pixels)
                    frame = _upright(picture)
                yield frame, frames
    except UnidentifiedImageError:
        raise DocumentError(
            f"{name}: not a picture that can be read; give PNG, JPEG, TIFF, WebP, BMP or PDF"
        ) from None
    except Image.DecompressionBombError:
        raise DocumentError(
            f"{name}: the picture claims more pixels than the limit of {limits.pixels:,}; scale it down"
        ) from None
    except _DAMAGED as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DocumentError(
            f"{name}: the picture is damaged ({reason}); export or scan it again"
        ) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Pillow's warnings: a picture is either read or refused with a line of our own.

    The filters are one for the whole process, so pictures are decoded one at a time.
    """
    with _DECODING, warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", module=r"PIL\b")
        yield


def check_pixels(size: tuple[int, int], name: str, limit: int) -> None:
    """Refuses a picture by its header, before it is decoded.

    Raises:
        DocumentError: If it has more pixels than the limit, or none.
    """
    width, height = size
    if width * height > limit:
        raise DocumentError(
            f"{name}: {width} x {height} pixels are over the limit of {limit:,}; scale it down"
        )
    if width * height == 0:
        raise DocumentError(f"{name}: the picture is empty")


def ocr_page(image: Image.Image, number: int, engine: OcrEngine, numbering: Numbering) -> Page:
    """Recognises one picture; boxes are in its pixels, after it was turned where it lay otherwise."""
    image, lines = recognize_upright(image, number, engine, numbering)
    height = median(line.box.height for line in lines) if lines else _SMALL
    if height < _SMALL:
        numbering.warnings.append(
            f"page {number}: its lines are about {height:.0f} pixels high and may be misread; scan or "
            "photograph it larger"
        )
    segments = segments_of(lines, number, 1.0, numbering)
    return Page(
        number=number,
        width=image.width,
        height=image.height,
        unit="px",
        segments=segments,
        source=f"ocr:{engine.name}",
        image=page_image(image, numbering.limits),
    )


def recognize_upright(
    image: Image.Image, number: int, engine: OcrEngine, numbering: Numbering
) -> tuple[Image.Image, list[RecognizedLine]]:
    """Runs OCR; a page that lies upside down or on its side is turned, as its layout says as much as its text.

    Args:
        image: Of a page.
        number: Of the page.
        engine: Reads lines, and says whether it had to turn them.
        numbering: Has the limits, and takes the warning.

    Returns:
        The picture as it was read, and its lines; boxes in its pixels.
    """
    side = numbering.limits.ocr_side
    lines = recognize(image, engine, side)
    turn = _turn(lines)
    if turn is None:
        return image, lines
    turned = image.transpose(turn)
    again = recognize(turned, engine, side)
    if turn is not _UPSIDE_DOWN and _turn(again) is _UPSIDE_DOWN:  # it was turned the wrong way
        turned = turned.transpose(_UPSIDE_DOWN)
        again = recognize(turned, engine, side)
    if _turn(again) is not None or _sureness(again) < _sureness(lines) - _LESS_SURE:
        return image, lines
    lies = "is upside down" if turn is _UPSIDE_DOWN else "lies on its side"
    numbering.warnings.append(was_turned(number, lies))
    return turned, again


def was_turned(number: int, lies: str = "lies on its side") -> str:
    """The warning about a page that is not read as it is displayed."""
    return f"page {number}: it {lies} and was turned; boxes are those of the turned page"


def _turn(lines: Sequence[RecognizedLine]) -> Image.Transpose | None:
    """How a page has to be turned so that its lines run from left to right, or None.

    Engines read a line that is higher than wide from its bottom to its top, or say that they turned it.
    """
    texts = [line for line in lines if len(line.text) >= _TELLING] or lines
    upside_down = 2 * sum(line.upside_down for line in lines) > len(lines)
    upright = sum(line.box.height > _ON_ITS_SIDE * line.box.width for line in texts)
    if len(texts) >= _FEWEST and 2 * upright > len(texts):
        return Image.Transpose.ROTATE_270 if upside_down else Image.Transpose.ROTATE_90
    return _UPSIDE_DOWN if upside_down else None


def _sureness(lines: Sequence[RecognizedLine]) -> float:
    """Mean recognition confidence; 1 where the engine has none."""
    mean = mean_confidence(lines)
    return 1.0 if mean is None else mean


def recognize(image: Image.Image, engine: OcrEngine, longest_side: int) -> list[RecognizedLine]:
    """Runs OCR on a picture, scaled down where it is larger than needed; boxes in its pixels."""
    scale = max(image.width, image.height) / longest_side
    if scale <= 1:
        return engine.recognize(image)
    size = (max(round(image.width / scale), 1), max(round(image.height / scale), 1))
    small = image.resize(size)
    x, y = image.width / size[0], image.height / size[1]

    def grown(box: BoundingBox) -> BoundingBox:
        return BoundingBox(
            left=box.left * x, top=box.top * y, right=box.right * x, bottom=box.bottom * y
        )

    return [
        replace(
            line,
            box=grown(line.box),
            words=tuple(replace(word, box=grown(word.box)) for word in line.words),
        )
        for line in engine.recognize(small)
    ]


def _upright(picture: Image.Image) -> Image.Image:
    """RGB on white, turned as EXIF says."""
    frame = ImageOps.exif_transpose(picture)
    if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
        frame = frame.convert("RGBA")
        white = Image.new("RGBA", frame.size, "white")
        frame = Image.alpha_composite(white, frame)
    if frame.mode.startswith("I"):  # 16-bit grey: the high byte is the picture
        frame = frame.point(lambda value: value / 256).convert("L")
    return frame.convert("RGB")
