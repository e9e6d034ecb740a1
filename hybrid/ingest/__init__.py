"""A file becomes a `Document`: PDF text layer, OCR of pictures and scans, or boxes one already has."""

from hybrid.ingest.limits import Limits
from hybrid.ingest.load import load_document
from hybrid.ingest.ocr import OcrEngine, RecognizedLine, RecognizedWord, available_engines

__all__ = [
    "Limits",
    "OcrEngine",
    "RecognizedLine",
    "RecognizedWord",
    "available_engines",
    "load_document",
]
