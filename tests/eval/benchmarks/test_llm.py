"""The benchmark of the two engines, without vLLM."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from eval.benchmarks import llm as measuring
from hybrid.errors import HybridError, ModelError, ServerError
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatReply, ChatRequest, Message
from hybrid.llm.scripted import ScriptedBackend
from hybrid.llm.server_metrics import PrefixCache

QUESTION = ChatRequest(messages=(Message(role="user", content="?"),), choices=("A", "B"))


class Counting(ScriptedBackend):
    """A server that finds half of each prompt in its cache, and fails at times."""

    choices_as_schema = False

    def __init__(self) -> None:
        super().__init__(self._next)

    def _next(self, request: ChatRequest) -> ChatReply | ServerError:
        if request.seed == 1:
            return ServerError("oops")
        usage = LlmUsage(requests=1, prompt_tokens=100, cached_tokens=50, completion_tokens=1)
        return ChatReply(text="A", usage=usage)


def test_one_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[str, str]] = []

    @contextmanager
    def pretend(engine: str, llm: str) -> Iterator[Counting]:
        opened.append((engine, llm))
        yield Counting()

    monkeypatch.setattr(measuring, "_opened", pretend)
    monkeypatch.setattr(
        measuring,
        "prefix_cache",
        lambda b: PrefixCache(7 + 100 * len(b.requests), 50 * len(b.requests)),
    )
    failing = QUESTION.model_copy(update={"seed": 1})
    documents = [[QUESTION] * 3, [QUESTION, failing]]
    path = tmp_path / "requests.json"
    path.write_text(json.dumps([[r.model_dump(mode="json") for r in d] for d in documents]))
    row = measuring.one_engine("local", "m", str(path), 2)
    assert opened == [("local", "m")]
    assert row.pop("answers") == ["A", "A", "A", "A", None]
    typed = measuring.Row(**row)
    assert (typed.engine, typed.failed, typed.hit_rate, typed.cached_share) == (
        "local",
        1,
        0.5,
        0.5,
    )
    ratio = typed.prompt_tokens_per_second / typed.documents_per_second
    assert ratio == pytest.approx(400 / 2, rel=0.02)


def row(engine: str, speed: float, answers: list[str | None]) -> dict[str, Any]:
    figures = {"startup_seconds": 40.0, "seconds": 10.0, "documents_per_second": speed}
    figures |= {"prompt_tokens_per_second": 1000.0, "output_tokens_per_second": 2.0}
    known = {"engine": engine, "hit_rate": 0.62 if engine == "http" else None, "failed": 0}
    return {**known, **figures, "cached_share": 0.6, "answers": answers}


def test_both_are_asked_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "check", lambda *_: None)
    monkeypatch.setattr(measuring, "questions", lambda *_: [[QUESTION] * 2, [QUESTION] * 2])
    sent: list[str] = []

    def in_process(module: str, function: str, **given: Any) -> Any:
        assert (module, function, given["workers"]) == ("llm", "one_engine", 3)
        sent.append(Path(given["path"]).read_text())
        if given["engine"] == "http":
            return row("http", 2.0, ["A", "B", "A", None])
        return row("local", 3.0, ["A", "B", "B", None])

    monkeypatch.setattr(measuring, "in_process", in_process)
    said: list[str] = []
    result = measuring.measure("smollm2-135m", 2, 3, said.append)
    assert sent[0] == sent[1]
    assert len(json.loads(sent[0])) == 2
    assert (result.ratio, result.same_answers) == (1.5, 0.75)
    assert (result.documents, result.requests) == (2, 4)
    found = json.loads(result.as_json())
    assert [r["engine"] for r in found["rows"]] == ["http", "local"]
    assert any("http: starting vLLM, then 4 requests" in line for line in said)
    table = result.as_table()
    assert "1.50 times the documents a second" in str(table.caption)
    assert table.row_count == 2


def test_an_address_has_no_two_engines() -> None:
    with pytest.raises(ModelError, match="takes a model that was pulled"):
        measuring.measure("http://127.0.0.1:9/v1", 1, 1, lambda _: None)


@pytest.mark.slow
def test_the_questions_of_drawn_receipts() -> None:
    documents = measuring.questions(2, "receipts", 4096)
    assert len(documents) == 2
    for requests in documents:
        assert len(requests) >= 4
        assert len(requests) % 2 == 0
        # One page, then the question: what the prefix cache lives on.
        heads = {r.messages[-1].content[:200] for r in requests}
        assert len(heads) == 1
        # As many options, the same grammar; forwards and backwards are one.
        for first, second in zip(requests[::2], requests[1::2], strict=True):
            assert first.choices == second.choices
            assert first.messages != second.messages
    again = measuring.questions(2, "receipts", 4096)
    assert documents == again


def test_a_checkpoint_that_proposes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hybrid.pipeline.gcn.load_predictor", lambda _: _Nothing())
    monkeypatch.setattr("hybrid.verify.propose.propose", lambda *_: {"total": []})
    with pytest.raises(HybridError, match="nothing to ask"):
        measuring.questions(1, "receipts", 4096)


class _Nothing:
    def predict(self, document: Any) -> None:
        return None
