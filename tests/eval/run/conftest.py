"""Small releases in their own layouts, and an LLM that answers by rule."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hybrid.errors import ServerError
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatReply, ChatRequest, RequestRefusedError
from hybrid.llm.scripted import ScriptedBackend

TIMED = LlmUsage(requests=1, seconds=0.1)
VALUES = {"total": "9.00", "date": "25/12/2018"}


def write_receipt(root: Path, number: int, split: str = "train") -> None:
    """A receipt of SROIE's; each has a total of its own, every third one no date."""
    lines = ["ACME SDN BHD", "NO 1, JALAN BESAR", "DATE: 25/12/2018", "NASI 4.50"]
    lines += ["TOTAL", f"{number}.00"]
    key = {"company": lines[0], "address": lines[1], "date": "25/12/2018", "total": lines[5]}
    if number % 3 == 0:
        lines[2] = "WELCOME"
        del key["date"]
    quads = []
    for k, text in enumerate(lines):
        top = 10 + 20 * min(k, 4)
        left, right = (60, 90) if k == 5 else (10, 50)
        quads.append(f"{left},{top},{right},{top},{right},{top + 10},{left},{top + 10},{text}")
    for folder, content in (("box", "\n".join(quads)), ("key", json.dumps(key))):
        path = root / split / folder / f"X{number:02}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


@pytest.fixture
def sroie(tmp_path: Path) -> Path:
    """A release of 12 receipts to train on, two of them `dev`, and four to test."""
    root = tmp_path / "sroie"
    for number in range(1, 13):
        write_receipt(root, number)
    for number in range(21, 25):
        write_receipt(root, number, "test")
    return root


def filled(schema: dict[str, Any], name: str = "") -> Any:
    """The first thing that a JSON schema allows, with plausible texts."""
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "object":
        return {
            k: filled(v, name if k in ("value", "lines") else k)
            for k, v in schema["properties"].items()
        }
    if schema["type"] == "array":
        if schema["items"].get("type") == "integer":
            return list(range(min(6, schema["maxItems"])))
        return [filled(schema["items"], name)]
    return 0 if schema["type"] == "integer" else VALUES.get(name, "ACME SDN BHD")


def answer(request: ChatRequest) -> ChatReply:
    """The first choice, sure of itself, or JSON."""
    if request.json_schema is not None:
        return ChatReply(text=json.dumps(filled(request.json_schema)), usage=TIMED)
    choices = request.choices or ("a", "b")
    votes = (
        {c: math.log(0.9 if k == 0 else 0.1 / (len(choices) - 1)) for k, c in enumerate(choices)}
        if len(choices) > 1
        else {choices[0]: 0.0}
    )
    return ChatReply(text=choices[0], logprobs=votes if request.logprobs else None, usage=TIMED)


class RuleBackend(ScriptedBackend):
    """Answers by rule until it has answered so many requests; then it is down."""

    def __init__(self, answers: float = math.inf) -> None:
        super().__init__(self._next, model="ruled")
        self.answers = answers

    def _next(self, request: ChatRequest) -> ChatReply | ServerError:
        if self.answers <= 0:
            self.available = False
            return ServerError("connection refused")
        self.answers -= 1
        return answer(request)


class RefusingBackend(ScriptedBackend):
    """Refuses some requests, by their number, and answers the others by rule."""

    def __init__(self, refused: Callable[[int], bool]) -> None:
        super().__init__(self._next, model="ruled")
        self._refused = refused

    def _next(self, request: ChatRequest) -> ChatReply | ServerError:
        if self._refused(len(self.requests)):
            return RequestRefusedError("the LLM server answered 401: no such key")
        return answer(request)


@pytest.fixture
def llm(monkeypatch: pytest.MonkeyPatch) -> Callable[..., RuleBackend]:
    """Makes `--llm` reach a `RuleBackend`."""

    def connect_to(backend: RuleBackend | None = None) -> RuleBackend:
        made = backend or RuleBackend()

        @contextmanager
        def connect(spec: str, *, on_status: Any = None) -> Iterator[RuleBackend]:
            yield made

        monkeypatch.setattr("hybrid.llm.connect.connect", connect)
        return made

    return connect_to


@pytest.fixture
def timeless() -> Callable[[Path], dict[str, Any]]:
    """The content of a run's `results.json` without what depends on the clock."""

    def read(folder: Path) -> dict[str, Any]:
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        for row in results["rows"]:
            del row["seconds_p50"], row["seconds_p95"]
        del results["run"]["finished"], results["run"]["command"]
        return dict(results)

    return read
