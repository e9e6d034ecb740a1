"""Structured data out of documents without hallucination: every value points at its boxes.

    from hybrid import HybridExtractor, load_document
    from hybrid.schemas import Receipt

    extractor = HybridExtractor.from_pretrained("receipts", llm="smollm2-135m-receipts")
    result = extractor.extract(load_document("receipt.jpg"), Receipt)
    print(result.data.total, result["total"].citations[0].box)

Names are imported when they are first used, so that `import hybrid` stays fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hybrid.version import __version__

if TYPE_CHECKING:
    from hybrid.document import BoundingBox, Document, Page, Segment, Word
    from hybrid.errors import HybridError
    from hybrid.extraction import Citation, Confidence, Extraction, FieldResult, Grounding, Status
    from hybrid.ingest import load_document
    from hybrid.pipeline import Extractor, Failure, GcnExtractor, HybridExtractor, LlmExtractor
    from hybrid.report import render_html, write_html
    from hybrid.schema import FieldSchema, Keys, Labels

_MODULES = {
    "hybrid.document": ("BoundingBox", "Document", "Page", "Segment", "Word"),
    "hybrid.errors": ("HybridError",),
    "hybrid.extraction": (
        "Citation",
        "Confidence",
        "Extraction",
        "FieldResult",
        "Grounding",
        "Status",
    ),
    "hybrid.ingest": ("load_document",),
    "hybrid.pipeline": ("Extractor", "Failure", "GcnExtractor", "HybridExtractor", "LlmExtractor"),
    "hybrid.report": ("render_html", "write_html"),
    "hybrid.schema": ("FieldSchema", "Keys", "Labels"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "BoundingBox",
    "Citation",
    "Confidence",
    "Document",
    "Extraction",
    "Extractor",
    "Failure",
    "FieldResult",
    "FieldSchema",
    "GcnExtractor",
    "Grounding",
    "HybridError",
    "HybridExtractor",
    "Keys",
    "Labels",
    "LlmExtractor",
    "Page",
    "Segment",
    "Status",
    "Word",
    "__version__",
    "load_document",
    "render_html",
    "write_html",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'hybrid' has no attribute {name!r}")
