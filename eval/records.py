"""The rows of a run: what was predicted, what is gold, what a document cost, and what it said.

Three tables, each a parquet file in the folder of a run, and each row self-contained, so that
anybody can score a run again with code of their own.

`predictions.parquet` has one row for each predicted and each gold item (`ITEM_SCHEMA`). Two rows
are the same item when `dataset, split, condition, task, document_id, label` and `key` are equal;
each gold item is matched at most once. What an item is depends on the task:

| task | item | `path` | `label` | `key` |
|---|---|---|---|---|
| `label` | a segment that is not background; for CORD-r an entity of words | the release's number of the segment; of its words, joined by blanks | the entity class | `path`; for CORD-r the entity's character ids |
| `field` | a value of a document | `total`, `menu[2].price`, `pairs[3]` | the field without its index (`menu.price`); for a pair of a form its question, folded | the value's text, folded |
| `link` | a question and an answer that belong together | `12->15`, the release's numbers | `link` | `path` |
| `structure` | a leaf of the nested receipt | `menu[2].price` | `menu.price` | the value's text, folded |

*Folded* is letters and digits only, case folded (`fold`). In the tasks `field` and `structure`, gold
rows of one document and `path` are alternatives: any one of them is right, and together they are one
item (a total that is printed twice in two ways). A gold row whose `text` is null says that the field was asked for and
is absent: it is no item to be found, and a prediction of its label is an answer to an absent field.

`documents.parquet` has one row for each document, system, condition and kind of work
(`DOCUMENT_SCHEMA`), `segments.parquet` the text that the systems saw (`SEGMENT_SCHEMA`).
"""

from __future__ import annotations

import polars as pl

from hybrid.schema import letters_and_digits as fold

UNIT_KEYS = ("dataset", "split", "condition", "task", "system", "document_id")

ITEM_SCHEMA: dict[str, type[pl.DataType]] = {
    "dataset": pl.String,
    "split": pl.String,
    "condition": pl.String,  # "gold", "ocr", "split-pages", with "+<counterfactual>" where there is one
    "task": pl.String,  # "label", "field", "link" or "structure"
    "system": pl.String,  # as it was asked for, "hybrid:mode=lenient"; "" in gold rows
    "document_id": pl.String,
    "origin": pl.String,  # "prediction" or "gold"
    "path": pl.String,
    "label": pl.String,
    "text": pl.String,  # verbatim; null only in a gold row of an absent field
    "value": pl.String,  # the typed value: ISO 8601, a plain decimal, or the text; null where untyped
    "page": pl.Int32,  # from 1; box and page are null where nothing is cited or the gold has no place
    "left": pl.Float64,
    "top": pl.Float64,
    "right": pl.Float64,
    "bottom": pl.Float64,
    "cited_text": pl.String,  # the cited words as the document has them
    "grounding": pl.String,  # as the extractor says; null in gold rows and in other tasks
    "status": pl.String,  # as the extractor says
    "confidence": pl.Float64,  # 0 to 1, null where the system has none
    "key": pl.String,  # what decides whether two items are the same
    "typed_key": pl.String,  # the same by type: "number:12.2", "date:2018-12-25", "text:acme"
    # Predictions of values: can be aligned to the document's text, by type. Gold values of the task
    # `field`: stand in it letter by letter; null in runs of earlier versions.
    "on_page": pl.Boolean,
    "in_citation": pl.Boolean,  # predictions of values: can be aligned to the cited words
}

DOCUMENT_SCHEMA: dict[str, type[pl.DataType]] = {
    "dataset": pl.String,
    "split": pl.String,
    "condition": pl.String,
    "work": pl.String,  # "extract" (tasks field, link, structure) or "label"
    "system": pl.String,
    "document_id": pl.String,
    "seconds": pl.Float64,  # of the call, without reading the document
    "requests": pl.Int64,
    "prompt_tokens": pl.Int64,
    "cached_tokens": pl.Int64,
    "completion_tokens": pl.Int64,
    "reasoning_tokens": pl.Int64,  # of the completion tokens
    "llm_seconds": pl.Float64,  # of all requests, added up; of recorded replies when they were made
    "invalid_replies": pl.Int64,
    "unverified": pl.Int64,  # leaves that should have been asked and could not be
    "error": pl.String,  # why there is no result; null where there is one
}

LATER_COLUMNS = ("reasoning_tokens", "llm_seconds")
"""Of `DOCUMENT_SCHEMA`: runs that were made before these were counted do not have them."""

SEGMENT_SCHEMA: dict[str, type[pl.DataType]] = {
    "dataset": pl.String,
    "split": pl.String,
    "condition": pl.String,
    "document_id": pl.String,
    "page": pl.Int32,
    "page_width": pl.Float64,
    "page_height": pl.Float64,
    "segment_id": pl.Int64,  # of the document; null with the rest for a page without text
    "text": pl.String,
    "left": pl.Float64,
    "top": pl.Float64,
    "right": pl.Float64,
    "bottom": pl.Float64,
    "image": pl.String,  # path of the page's picture, null where there is none
}

__all__ = [
    "DOCUMENT_SCHEMA",
    "ITEM_SCHEMA",
    "LATER_COLUMNS",
    "SEGMENT_SCHEMA",
    "UNIT_KEYS",
    "fold",
]
