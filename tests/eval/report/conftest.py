"""Synthetic run folders: receipts that we write ourselves, read by systems of known quality."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from PIL import Image, ImageDraw, ImageFont

from eval.metrics.table import score
from eval.records import DOCUMENT_SCHEMA, ITEM_SCHEMA, SEGMENT_SCHEMA, fold

HOSTILE = "</svg><script>alert('x')</script><b>&\x07"
SHOPS = ["HARBOUR BOOKS & TEA", "MERIDIAN HARDWARE SDN BHD", "CAFE LUMEN", "PERNIAGAAN ZHENG HUI"]
STREETS = ["14 QUAY STREET, PENANG", "NO 59 JALAN PERMAS 9/5, JOHOR", "1 HIGH ST, IPOH"]
WIDTH, HEIGHT, LINE = 600.0, 520.0, 34.0
ABSENT, BACKGROUND = "absent", "other"


@dataclass(frozen=True)
class Reader:
    """How well a system reads: share of values found, invented, and what a document costs it."""

    name: str
    found: float
    invented: float
    tokens: int
    seconds: float
    confident: bool = True


READERS = (
    Reader("gcn", 0.84, 0.02, 0, 0.06),
    Reader("llm:profile=smollm2-135m", 0.45, 0.30, 1240, 3.1, confident=False),
    Reader("hybrid", 0.86, 0.0, 410, 1.2),
    Reader("hybrid:mode=lenient", 0.87, 0.10, 410, 1.3),
    Reader("regex", 0.35, 0.05, 0, 0.004, confident=False),
    Reader("empty", 0.0, 0.0, 0, 0.0002, confident=False),
)


class RunBuilder:
    """Rows of the three tables, as a run would have written them."""

    def __init__(self, readers: Sequence[Reader], seed: int) -> None:
        self.readers = readers
        self.writer = random.Random(1)  # the same documents in every run
        self.random = random.Random(seed)
        self.items: list[dict[str, Any]] = []
        self.documents: list[dict[str, Any]] = []
        self.segments: list[dict[str, Any]] = []

    def receipt(self, dataset: str, number: int, image: str | None) -> dict[str, tuple[int, str]]:
        """One document under clean conditions; returns its fields with their lines."""
        name = f"X{number:05d}"
        total = f"{self.writer.uniform(3, 200):.2f}"
        lines = [
            self.writer.choice(SHOPS),
            self.writer.choice(STREETS),
            f"{self.writer.randint(1, 28):02d}/0{self.writer.randint(1, 9)}/2018",
            *(f"{HOSTILE if number == 0 and k == 0 else f'ITEM {k + 1}'}" for k in range(4)),
            f"TOTAL RM {total}",
            "THANK YOU, GOODS SOLD ARE NOT RETURNABLE",
        ]
        fields = {
            "company": (0, lines[0]),
            "address": (1, lines[1]),
            "date": (2, lines[2]),
            "total": (7, total),
        }
        self.see(dataset, "gold", name, lines, image)
        units = {"dataset": dataset, "split": "dev", "condition": "gold", "document_id": name}
        asked = dict(fields)
        if number % 5 == 4:
            del asked["address"]
            self.add(units, "field", "", "gold", "address", "address", None, None)
        for label, (line, text) in asked.items():
            self.add(units, "field", "", "gold", label, label, text, line)
        self.add(units, "label", "", "gold", "0", "company", lines[0], 0)
        for line, label in ((1, "address"), (2, "date"), (7, "total")):
            self.add(units, "label", "", "gold", str(line), label, lines[line], line)
        for reader in self.readers:
            self.read_fields(units, reader, asked, lines)
            self.read_labels(units, reader, lines)
            for work in ("extract", "label"):
                self.cost(units, reader, work, failed=reader.name.startswith("llm") and number == 3)
        return fields

    def removal(self, dataset: str, number: int, label: str, place: tuple[int, str]) -> None:
        """The same document without the box of one field."""
        condition, name = "gold+remove-field", f"X{number:05d}#{label}"
        base = [
            s
            for s in self.segments
            if s["document_id"] == f"X{number:05d}" and s["dataset"] == dataset
        ]
        self.segments += [
            {**s, "condition": condition, "document_id": name}
            for s in base
            if s["segment_id"] != place[0]
        ]
        units = {"dataset": dataset, "split": "dev", "condition": condition, "document_id": name}
        self.add(units, "field", "", "gold", label, label, None, None)
        for reader in self.readers:
            if self.random.random() < reader.invented * 2:
                self.add(
                    units,
                    "field",
                    reader.name,
                    "prediction",
                    label,
                    label,
                    "99.90",
                    3,
                    on_page=False,
                )
            self.cost(units, reader, "extract", failed=False)

    def see(
        self, dataset: str, condition: str, name: str, lines: Sequence[str], image: str | None
    ) -> None:
        for line, text in enumerate(lines):
            left, top, right, bottom = box(line, text)
            self.segments.append(
                {
                    **{
                        "dataset": dataset,
                        "split": "dev",
                        "condition": condition,
                        "document_id": name,
                    },
                    **{"page": 1, "page_width": WIDTH, "page_height": HEIGHT, "segment_id": line},
                    **{"text": text, "left": left, "top": top, "right": right, "bottom": bottom},
                    "image": image,
                }
            )

    def read_fields(
        self,
        units: dict[str, str],
        reader: Reader,
        asked: dict[str, tuple[int, str]],
        lines: Sequence[str],
    ) -> None:
        for label in ("company", "address", "date", "total"):
            luck, sure = self.random.random(), self.random.uniform(0.5, 0.95)
            confidence = None if not reader.confident else sure
            place = asked.get(label)
            if place is not None and luck < reader.found * (0.6 + 0.5 * sure):
                given = (place[1], place[0], True)
            elif self.random.random() < reader.invented:
                given = (f"{label.upper()} 4711", 3, False)
            elif reader.found and self.random.random() < 0.4:
                given = (lines[8], 8, True)
            else:
                continue
            text, line, on_page = given
            self.add(
                units,
                "field",
                reader.name,
                "prediction",
                label,
                label,
                text,
                line,
                confidence,
                on_page,
            )

    def read_labels(self, units: dict[str, str], reader: Reader, lines: Sequence[str]) -> None:
        truth = {0: "company", 1: "address", 2: "date", 7: "total"}
        for line, text in enumerate(lines):
            right = self.random.random() < reader.found
            label = (
                truth.get(line) if right else self.random.choice(["company", "total", None, None])
            )
            if label is not None and reader.found:
                confidence = self.random.uniform(0.6, 1.0) if reader.confident else None
                self.add(
                    units,
                    "label",
                    reader.name,
                    "prediction",
                    str(line),
                    label,
                    text,
                    line,
                    confidence,
                )

    def add(
        self,
        units: dict[str, str],
        task: str,
        system: str,
        origin: str,
        path: str,
        label: str,
        text: str | None,
        line: int | None,
        confidence: float | None = None,
        on_page: bool = True,
    ) -> None:
        place = (None,) * 4 if line is None else box(line, text or "")
        is_value = origin == "prediction" and task == "field"
        self.items.append(
            {
                **dict.fromkeys(ITEM_SCHEMA),
                **units,
                **{"task": task, "system": system, "origin": origin, "path": path, "label": label},
                **dict(zip(("left", "top", "right", "bottom"), place, strict=True)),
                "text": text,
                "page": None if line is None else 1,
                "confidence": confidence,
                "key": path if task == "label" else fold(text or ""),
                "typed_key": f"text:{fold(text or '')}",
                "on_page": on_page if is_value else None,
                "in_citation": on_page if is_value else None,
            }
        )

    def cost(self, units: dict[str, str], reader: Reader, work: str, *, failed: bool) -> None:
        self.documents.append(
            {
                **units,
                **{
                    "work": work,
                    "system": reader.name,
                    "seconds": reader.seconds * self.random.uniform(0.7, 1.5),
                },
                **{"requests": int(reader.tokens > 0), "prompt_tokens": reader.tokens},
                **{"cached_tokens": reader.tokens // 2, "completion_tokens": reader.tokens // 20},
                # Half of what is written are thoughts.
                **{"reasoning_tokens": reader.tokens // 40, "llm_seconds": reader.seconds},
                **{"invalid_replies": 0, "unverified": 0},
                "error": "the server did not answer <in time>" if failed else None,
            }
        )


def box(line: int, text: str) -> tuple[float, float, float, float]:
    top = 40 + line * (LINE + 14)
    return 40.0, top, 40.0 + min(14.0 * max(len(text), 3), WIDTH - 80), top + LINE


def draw(path: Path, lines: Sequence[str]) -> None:
    picture = Image.new("RGB", (int(WIDTH) * 2, int(HEIGHT) * 2), "#f6f1e4")
    pen = ImageDraw.Draw(picture)
    for line, text in enumerate(lines):
        left, top, *_ = box(line, text)
        pen.text((left * 2, top * 2), text, fill="#222", font=ImageFont.load_default(44))
    picture.save(path, "JPEG")


def build_run(
    folder: Path,
    *,
    documents: int = 14,
    seed: int = 7,
    readers: Sequence[Reader] = READERS,
    datasets: Sequence[str] = ("sroie", "invoices"),
    pictures: bool = True,
) -> Path:
    """Writes a run: clean receipts of some datasets, and of the first one counterfactual ones."""
    folder.mkdir(parents=True, exist_ok=True)
    builder = RunBuilder(readers, seed)
    for dataset in datasets:
        for number in range(documents):
            image = f"{dataset}-{number}.jpg" if pictures and number % 2 else None
            fields = builder.receipt(dataset, number, image)
            if image:
                name = f"X{number:05d}"
                own = [
                    s
                    for s in builder.segments
                    if (s["dataset"], s["document_id"]) == (dataset, name)
                ]
                draw(folder / image, [s["text"] for s in own if "+" not in s["condition"]])
            if dataset == datasets[0]:
                label = ("total", "date", "company")[number % 3]
                builder.removal(dataset, number, label, fields[label])
    items = pl.DataFrame(builder.items, schema=ITEM_SCHEMA)
    costs = pl.DataFrame(builder.documents, schema=DOCUMENT_SCHEMA)
    rows, comparisons = score(items, costs, scored_labels={}, open_labels=())
    run = {
        "command": "hybrid eval run --dataset sroie --systems gcn,llm,hybrid --out runs/a",
        "configuration": {
            "datasets": [{"name": d, "split": "dev", "limit": None} for d in datasets],
            "systems": [r.name for r in readers],
            "llm": "smollm2-135m",
        },
        "hybrid_version": "0.1.0",
        "python": "3.11.9",
        "packages": {"torch": "2.5.1", "polars": "1.20.0"},
        "systems": {r.name: {"checkpoint_sha256": "cd" * 32} for r in readers},
        "tasks": {"label": 1, "field": 1},
        "gold_sha256": "ab" * 32,
        "seed": 0,
        "engine": {"asked": "auto", "used": ["cpu"], "fallbacks": ["cudf-polars is not installed"]},
        "documents_failed": 4,
        "leaves_unverified": 0,
        "warnings": ["llm: 1 document of sroie has no result <server>"],
        "finished": "2026-11-25T09:48:00+00:00",
        "pictures": pictures,
    }
    (folder / "results.json").write_text(
        json.dumps({"format": 1, "rows": rows, "comparisons": comparisons, "run": run}),
        encoding="utf-8",
    )
    items.write_parquet(folder / "predictions.parquet")
    costs.write_parquet(folder / "documents.parquet")
    pl.DataFrame(builder.segments, schema=SEGMENT_SCHEMA).write_parquet(folder / "segments.parquet")
    return folder


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of two datasets and six systems; tests do not change it."""
    return build_run(tmp_path_factory.mktemp("runs") / "first")


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    """Builds another run below the test's folder: `make_run("name", documents=3)`."""

    def make(name: str, **options: Any) -> Path:
        return build_run(tmp_path / name, **options)

    return make


@pytest.fixture
def reader() -> type[Reader]:
    return Reader


@pytest.fixture
def hostile() -> str:
    return HOSTILE
