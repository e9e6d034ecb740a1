import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from eval.records import DOCUMENT_SCHEMA, ITEM_SCHEMA, fold

Items = Callable[..., pl.DataFrame]
DEFAULTS = {"dataset": "d", "split": "test", "condition": "gold", "task": "field"}


def _row(document: str, path: str, text: str | None, more: dict[str, Any]) -> dict[str, Any]:
    row = dict.fromkeys(ITEM_SCHEMA) | DEFAULTS | {"document_id": document, "path": path}
    row |= {"label": path.split("[")[0], "text": text, "on_page": True, "in_citation": True}
    row |= {"key": text if text is None else fold(text), "typed_key": text}
    return row | more


@pytest.fixture(scope="session")
def items() -> Items:
    """Makes rows of `ITEM_SCHEMA` out of (document, path, text) or (..., other columns)."""

    def make(rows: Iterable[tuple[Any, ...]], **more: Any) -> pl.DataFrame:
        full = [
            _row(row[0], row[1], row[2], more | (row[3] if len(row) > 3 else {})) for row in rows
        ]
        return pl.DataFrame(full, schema=ITEM_SCHEMA, orient="row")

    return make


@pytest.fixture(scope="session")
def documents() -> Items:
    """Makes rows of `DOCUMENT_SCHEMA` out of (system, document) or (..., other columns)."""

    def make(rows: Iterable[tuple[Any, ...]], **more: Any) -> pl.DataFrame:
        full = []
        for row in rows:
            values: dict[str, Any] = dict.fromkeys(DOCUMENT_SCHEMA, 0) | DEFAULTS
            values |= {"work": "extract", "error": None, "seconds": 1.0}
            values |= {"system": row[0], "document_id": row[1]} | more
            full.append(values | (row[2] if len(row) > 2 else {}))
        chosen = [{k: r[k] for k in DOCUMENT_SCHEMA} for r in full]
        return pl.DataFrame(chosen, schema=DOCUMENT_SCHEMA, orient="row")

    return make


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real releases, beside the repository or where HYBRID_TEST_DATA says."""
    beside = Path(__file__).resolve().parents[3].parent / "shared" / "data"
    root = Path(os.environ.get("HYBRID_TEST_DATA", beside))
    if not root.is_dir():
        pytest.skip(f"no real datasets in {root}; set HYBRID_TEST_DATA to their folder")
    return root
