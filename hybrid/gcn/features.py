"""What a node carries beside its text's embedding: where it stands and what its text looks like.

Positions are relative to the area that the page's segments cover, not to the page: the margin of a
photographed receipt says nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

import torch
from torch import Tensor

from hybrid.document import BoundingBox, Document, Segment

FEATURE_NAMES = (
    "center_x",
    "center_y",
    "left",
    "right",
    "width",
    "relative_height",
    "aspect",
    "document_position",
    "first_page",
    "last_page",
    "length",
    "word_count",
    "digit_ratio",
    "letter_ratio",
    "upper_ratio",
    "starts_with_digit",
    "ends_with_colon",
    "has_colon",
    "has_decimal",
    "is_amount",
    "has_currency",
    "has_date",
    "has_time",
    "has_percent",
    "long_number",
    "amount_to_maximum",
    "is_maximum",
    "amount_repeats",
)
"""Names of the columns that `node_features` returns."""

_AMOUNT = re.compile(r"(?<![\d.,/:-])\d{1,3}(?:[.,]\d{3})*(?:[.,]\d{2})?(?![\d/:-])|\d+[.,]\d{2}\b")
_WHOLE_AMOUNT = re.compile(r"^\W*(?:[A-Za-z]{1,3}\W*)?-?\d[\d.,\s]*\d?\W*$")
_DECIMAL = re.compile(r"\d[.,]\d{2}(?!\d)")
_CURRENCY = re.compile(r"\b(?:RM|MYR|USD|EUR|GBP|IDR|Rp)\.?(?=\W|\d|$)|[$€£¥₩]", re.IGNORECASE)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    rf"\b\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}|\b\d{{1,2}}[\s-]*{_MONTH}[\s,-]*\d{{2,4}}"
    rf"|\b{_MONTH}\.?\s*\d{{1,2}},?\s*\d{{2,4}}",
    re.IGNORECASE,
)
_TIME = re.compile(r"\b\d{1,2}:\d{2}\b")
_LONG_NUMBER = re.compile(r"\d{6,}")


def node_features(document: Document) -> Tensor:
    """Features of the document's segments: `[n, len(FEATURE_NAMES)]`, float32, about 0 to 1."""
    rows: list[list[float]] = []
    amounts = [_amount(s.text) for s in document.segments]
    largest = max((a for a in amounts if a is not None), default=0.0)
    counts = Counter(a for a in amounts if a is not None)
    total = len(amounts)
    for page in document.pages:
        if not page.segments:
            continue
        area = BoundingBox.union_of(s.box for s in page.segments)
        line_height = median(s.box.height for s in page.segments) or page.height / 100
        first = float(page is document.pages[0])
        last = float(page is document.pages[-1])
        for segment in page.segments:
            amount = amounts[len(rows)]
            rows.append(
                [
                    *_geometry(segment, area, line_height),
                    (len(rows) + 1) / total,
                    first,
                    last,
                    *_text_shape(segment.text),
                    amount / largest if amount is not None and largest > 0 else 0.0,
                    float(amount is not None and amount == largest > 0),
                    math.log1p(counts[amount]) if amount is not None else 0.0,
                ]
            )
    return torch.tensor(rows, dtype=torch.float32).reshape(-1, len(FEATURE_NAMES))


def _geometry(segment: Segment, area: BoundingBox, line_height: float) -> Sequence[float]:
    box = segment.box
    width = area.width or 1.0
    height = area.height or 1.0
    x, y = box.center
    return (
        (x - area.left) / width,
        (y - area.top) / height,
        (box.left - area.left) / width,
        (box.right - area.left) / width,
        box.width / width,
        min(box.height / line_height, 5.0) / 2,
        math.log1p(box.width / max(box.height, 1e-6)) / 4,
    )


def _text_shape(text: str) -> Sequence[float]:
    length = max(len(text), 1)
    letters = sum(c.isalpha() for c in text)
    return (
        math.log1p(len(text)) / 4,
        math.log1p(len(text.split())) / 3,
        sum(c.isdigit() for c in text) / length,
        letters / length,
        sum(c.isupper() for c in text) / max(letters, 1),
        float(text[:1].isdigit()),
        float(text.rstrip().endswith(":")),
        float(":" in text),
        float(bool(_DECIMAL.search(text))),
        float(bool(_WHOLE_AMOUNT.match(text))),
        float(bool(_CURRENCY.search(text))),
        float(bool(_DATE.search(text))),
        float(bool(_TIME.search(text))),
        float("%" in text),
        float(bool(_LONG_NUMBER.search(text))),
    )


def _amount(text: str) -> float | None:
    """The last amount in a text, whatever its separators; None where there is none."""
    found = _AMOUNT.findall(text)
    if not found:
        return None
    last = found[-1]
    digits = re.sub(r"\D", "", last)
    return int(digits) / 100 if re.search(r"[.,]\d{2}$", last) else float(digits)
