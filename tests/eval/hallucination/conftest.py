"""Receipts made by hand, drawn documents with all that a sample can have, and real ones."""

import os
from pathlib import Path

import pytest

from eval.datasets.base import Sample
from eval.datasets.drawn_forms import drawn_sample
from tests.eval.hallucination.receipts import make


@pytest.fixture(scope="session")
def receipt() -> Sample:
    return make()


@pytest.fixture(scope="session")
def receipts() -> list[Sample]:
    """Three receipts that have nothing in common but their layout."""
    others = [
        ("two", "BORNEO BOOKS", "7 LORONG KECIL", "88000 KOTA KINABALU", "03 MAR 2017", "87.65"),
        ("three", "CAFE MELATI ENTERPRISE", "99A PERSIARAN RIA", "10050 PENANG", "2019-06-30", "1,045.00"),
    ]  # fmt: skip
    found = [make()]
    for document_id, company, street, city, day, total in others:
        lines = [
            (company, "company"), (street, "address"), (city, "address"),
            (f"DATE: {day} 20:13", "date"), ("1 X TEH TARIK", "other"), ("SUBTOTAL 3.33", "other"),
            ("TOTAL", "other"), (f"RM {total}", "total"), (f"CASH {total}", "other"),
        ]  # fmt: skip
        values = {"company": company, "date": day, "address": f"{street}, {city}", "total": total}
        found.append(make(document_id, lines, values))
    return found


@pytest.fixture(scope="session")
def drawn() -> list[Sample]:
    return [drawn_sample("test", number) for number in range(8)]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real releases, beside the repository or where HYBRID_TEST_DATA says."""
    beside = Path(__file__).resolve().parents[3].parent / "shared" / "data"
    root = Path(os.environ.get("HYBRID_TEST_DATA", beside))
    if not root.is_dir():
        pytest.skip(f"no real datasets in {root}; set HYBRID_TEST_DATA to their folder")
    return root
