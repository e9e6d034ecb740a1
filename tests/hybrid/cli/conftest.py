"""A real extractor without a model: it reads the first word of each document as the company."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from hybrid.cli import app
from hybrid.document import Document
from hybrid.errors import DocumentError
from hybrid.extraction import Citation, Confidence, FieldResult, Grounding, RunInfo, Status
from hybrid.pipeline.base import Extractor, Labelling, run_info
from hybrid.schema import FieldSchema


class FirstWordExtractor(Extractor):
    system = "gcn"
    mode = "strict"

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.status = Status.ACCEPTED
        self.setting = 1
        self.closed = 0
        self.warnings: list[str] = []

    def identity(self) -> dict[str, Any]:
        return {"setting": self.setting}

    def close(self) -> None:
        self.closed += 1

    def extract_fields(
        self, document: Document, schema: FieldSchema
    ) -> tuple[dict[str, FieldResult], RunInfo]:
        self.seen.append(document.id)
        words = document.segments[0].words[:1]
        text = words[0].text
        if text == "refuse":
            raise DocumentError(f"{document.id}: refused")
        if text == "crash":
            raise ZeroDivisionError("a bug\nin two lines")
        if text == "ctrl-c":
            raise KeyboardInterrupt
        leaves = {leaf.path: FieldResult() for leaf in schema.leaves if leaf.list_path is None}
        leaves[schema.leaves[0].path] = FieldResult(
            value=text,
            text=text,
            citations=(Citation.of_words(1, words),),
            grounding=Grounding.EXACT,
            status=self.status,
            confidence=Confidence(fused=0.5),
        )
        return leaves, run_info(self, schema, {"warnings": self.warnings})

    def label(
        self, document: Document, labels: Sequence[str], aliases: Mapping[str, str] | None = None
    ) -> Labelling:
        raise NotImplementedError("no command asks for labels")


@pytest.fixture
def extractor(monkeypatch: pytest.MonkeyPatch) -> FirstWordExtractor:
    made = FirstWordExtractor()
    monkeypatch.setattr("hybrid.cli.extract.open_extractor", lambda *_: made)
    return made


@pytest.fixture
def box_file(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes an hOCR file, which needs no OCR: `box_file("a/b.hocr", "text")`."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        words = "".join(
            f'<span class="ocrx_word" title="bbox {20 * i} 10 {20 * i + 15} 20">{word}</span> '
            for i, word in enumerate(text.split())
        )
        path.write_text(
            '<html><body><div class="ocr_page" title="bbox 0 0 200 100">'
            f'<span class="ocr_line" title="bbox 0 10 200 20">{words}</span></div></body></html>'
        )
        return path

    return write


@pytest.fixture
def run() -> Callable[..., Result]:
    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(a) for a in arguments])

    return invoke


@pytest.fixture
def records() -> Callable[[Path], dict[str, Any]]:
    """The results in a folder: name to `(source's name, company)`."""

    def read(out: Path) -> dict[str, Any]:
        found = {}
        for path in sorted(out.glob("*.json")):
            data = json.loads(path.read_text())
            found[path.stem] = data["data"]["company"]
        return found

    return read


@pytest.fixture
def plain() -> Callable[[str], str]:
    return lambda text: re.sub(r"\x1b\[[0-9;]*m", "", text)
