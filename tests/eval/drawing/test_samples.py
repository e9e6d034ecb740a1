"""The bundled samples are what the script draws, and their gold values stand on them."""

import datetime as dt
import importlib.util
import io
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from pydantic import BaseModel

from eval.drawing.render import render
from eval.samples import draw
from hybrid.schemas import BUILT_IN

FOLDER = Path(draw.__file__).parent
SAMPLES = {s.file_name: s for s in draw.samples()}


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _printed_dates(text: str) -> set[str]:
    """ISO forms of the dates in a text; day before month where both would do."""
    found = set()
    for pattern, form in (
        (r"\d{2}/\d{2}/\d{4}", "%d/%m/%Y"),
        (r"[A-Z][a-z]+ \d{1,2}, \d{4}", "%B %d, %Y"),
        (r"\d{1,2} [A-Z][a-z]+ \d{4}", "%d %B %Y"),
    ):
        for match in re.findall(pattern, text):
            try:
                found.add(dt.datetime.strptime(match, form).date().isoformat())
            except ValueError:
                continue
    return found


def test_the_bundle_is_complete_and_small() -> None:
    names = {p.name for p in (FOLDER / "documents").iterdir()}
    assert names == set(SAMPLES)
    assert {p.stem for p in (FOLDER / "gold").iterdir()} == {Path(n).stem for n in names}
    assert sum(p.stat().st_size for p in (FOLDER / "documents").iterdir()) < 1_500_000


def test_drawing_again_gives_equal_bytes(tmp_path: Path) -> None:
    first = {p.name: p.read_bytes() for p in draw.write_samples(tmp_path / "a")}
    second = {p.name: p.read_bytes() for p in draw.write_samples(tmp_path / "b")}
    assert first == second
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_bundled_file_is_what_the_script_draws(name: str) -> None:
    bundled = (FOLDER / "documents" / name).read_bytes()
    drawn = SAMPLES[name].data
    if name.endswith(".pdf"):
        assert bundled == drawn
        return
    # Other releases of the picture libraries may compress or round a little differently.
    one, two = (np.asarray(Image.open(io.BytesIO(d)), dtype=float) for d in (bundled, drawn))
    assert one.shape == two.shape
    assert np.abs(one - two).mean() < 1.5


@pytest.mark.parametrize("name", SAMPLES)
def test_every_gold_value_stands_on_the_page(name: str) -> None:
    sample = SAMPLES[name]
    stem = Path(name).stem
    gold = json.loads((FOLDER / "gold" / f"{stem}.json").read_text(encoding="utf-8"))
    assert gold["schema"] == sample.schema
    assert gold["checkpoint"] == sample.checkpoint
    assert gold["fields"] == sample.gold
    text = sample.drawing.document.text
    for path, value in gold["fields"].items():
        if value is None:
            continue
        if path.endswith("date"):
            assert value in _printed_dates(text), path
        elif re.fullmatch(r"\d+(\.\d+)?", value) and not path.startswith("pairs"):
            numbers = {t.replace(",", "").lstrip("$") for t in text.split()}
            assert value in numbers, path
        else:
            assert _letters(value) in _letters(text), path


def test_gold_paths_are_fields_of_the_schemas() -> None:
    invoice = _user_schema()
    for sample in SAMPLES.values():
        model = invoice if ":" in sample.schema else BUILT_IN[sample.schema]
        nested: dict[str, Any] = {}
        for path, value in sample.gold.items():
            target = nested
            *parents, leaf = re.split(r"\.", path)
            for parent in parents:
                name, _, index = parent.rstrip("]").partition("[")
                if index:
                    items = target.setdefault(name, [])
                    items.extend({} for _ in range(int(index) + 1 - len(items)))
                    target = items[int(index)]
                else:
                    target = target.setdefault(name, {})
            target[leaf] = value
        dumped = model.model_validate(nested).model_dump()
        assert set(dumped) == set(nested)


def test_sums_of_the_samples_add_up() -> None:
    gold = SAMPLES["receipt-cafe.png"].gold
    prices = [Decimal(v) for k, v in gold.items() if k.endswith("].price") and v]
    assert sum(prices) == Decimal(gold["sub_total.subtotal"] or "nan")
    invoice = SAMPLES["invoice-furniture.pdf"].gold
    parts = [Decimal(invoice[k] or "nan") for k in ("subtotal", "tax", "total")]
    assert parts[0] + parts[1] == parts[2]
    amounts = [Decimal(v) for k, v in invoice.items() if k.endswith("].amount") and v]
    assert len(amounts) == 28
    assert sum(amounts) == parts[0]


def test_the_form_has_about_twenty_pairs() -> None:
    assert len(SAMPLES["form-equipment-loan.png"].drawing.pairs) == 20


def test_the_invoice_goes_on_to_page_two_where_the_total_is() -> None:
    document = pypdfium2.PdfDocument(FOLDER / "documents" / "invoice-furniture.pdf")
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    total = f"{Decimal(SAMPLES['invoice-furniture.pdf'].gold['total'] or 'nan'):,}"
    assert len(texts) == 2
    assert total in texts[1]
    assert total not in texts[0]
    assert all("Unit price" in t for t in texts)


@pytest.mark.slow
def test_ocr_reads_the_pictures() -> None:
    from rapidocr import RapidOCR

    engine = RapidOCR()
    for name, sample in SAMPLES.items():
        if name.endswith(".pdf"):
            continue
        read = _letters("".join(engine(FOLDER.joinpath("documents", name)).txts))
        values = [v for k, v in sample.gold.items() if v and not k.endswith("date")]
        missing = [v for v in values if _letters(v) not in read]
        assert not missing, name
        assert render(sample.drawing).mode == "L"


def _user_schema() -> type[BaseModel]:
    spec = importlib.util.spec_from_file_location("user_invoice", FOLDER / "invoice.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model: type[BaseModel] = module.Invoice
    return model
