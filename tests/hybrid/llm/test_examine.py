"""`hybrid models probe` against servers that can much, lack something, or misbehave."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from hybrid.llm.examine import examine
from hybrid.llm.habits import BUDGET, Habits
from hybrid.llm.http import HttpBackend
from hybrid.llm.server_measures import Load
from hybrid.llm.server_report import ServerReport
from tests.hybrid.pipeline.adversary import Answer, Behaviour, misbehaving
from tests.hybrid.pipeline.broken import BROKEN, CONNECTION_LOST

CONTEXT = 1000
LISTED: list[dict[str, Any]] = [
    {"id": "m", "max_model_len": CONTEXT},
    {"id": "tuned", "parent": "m"},
]
SMALL = Load(lines=4, tokens=8, parallel=2)
CHECKS = [
    "answers",
    "json_schema",
    "choice",
    "logprobs",
    "normalised_logprobs",
    "several_answers",
    "reasoning",
    "reasoning_with_schema",
    "thinking_budget",
    "prefix_caching",
    "adapters",
    "systemone",
    "speed_single",
    "speed_parallel",
    "longest_page",
]
ALL = frozenset({*CHECKS, "counts", "context"})


@dataclass
class Pretended:
    """A server that can what it is told to; its tokens are words.

    Attributes:
        can: Names of checks that shall end well.
        seen: Prompts so far: its prefix cache.
    """

    can: frozenset[str] = ALL
    seen: list[list[str]] = field(default_factory=list)

    def __call__(self, request: dict[str, Any]) -> Answer:
        if "questions" in request:
            answer = {"total": {"choice": "amount", "probabilities": {"amount": 0.9, "date": 0.1}}}
            return Answer({"answers": answer} if "systemone" in self.can else {}, self._status())
        if request["model"] == "tuned" and "adapters" not in self.can:
            return Answer({"error": "no such adapter"}, status=404)
        words = request["messages"][-1]["content"].split()
        if len(words) + request["max_tokens"] > CONTEXT and "longest_page" in self.can:
            return Answer({"error": {"message": f"at most {CONTEXT} tokens"}}, status=400)
        words = words[:CONTEXT] if "context" in self.can else words[:200]
        return self._complete(request, words)

    def _status(self) -> int:
        return 200 if "systemone" in self.can else 501

    def _complete(self, request: dict[str, Any], words: list[str]) -> Answer:
        structured, text = False, "The sea is wide."
        if "response_format" in request and "json_schema" in self.can:
            structured, text = True, '{"colour": "mauve-7", "count": 2}'
            if "enum" in request["response_format"]["json_schema"]["schema"]:
                text = '"A"'
        if "structured_outputs" in request and "choice" in self.can:
            text = "A"
        thought = self._thought(request, structured)
        usage = {
            "prompt_tokens": len(words),
            "completion_tokens": len(text.split()) + len(thought.split()),
            "completion_tokens_details": {"reasoning_tokens": len(thought.split())},
            "prompt_tokens_details": {"cached_tokens": self._cached(words)},
        }
        message = {"role": "assistant", "content": text}
        if thought and "reasoning" in self.can:
            message["reasoning"] = thought
        elif thought:
            message["content"] = f"<think>{thought}</think>{text}"
        choice = {"message": message, "finish_reason": "stop", "logprobs": self._votes(request)}
        answers = request.get("n", 1) if "several_answers" in self.can else 1
        return Answer(
            {"choices": [choice] * answers, **({"usage": usage} if "counts" in self.can else {})}
        )

    def _thought(self, request: dict[str, Any], structured: bool) -> str:
        if not request.get("chat_template_kwargs", {}).get("thinking"):
            return ""
        if structured and "reasoning_with_schema" not in self.can:
            return ""
        length = request[BUDGET] if "thinking_budget" in self.can else 300
        return "hm " * min(length, 300)

    def _votes(self, request: dict[str, Any]) -> Any:
        if not request.get("logprobs") or "logprobs" not in self.can:
            return None
        votes = {"A": 0.7, "B": 0.3}
        if "normalised_logprobs" not in self.can:
            votes = {"The": 0.6, "A": 0.01}
        top = [{"token": t, "logprob": math.log(p)} for t, p in votes.items()]
        return {"content": [{**top[0], "top_logprobs": top}]}

    def _cached(self, words: list[str]) -> int:
        if "prefix_caching" not in self.can:
            return 0
        longest = 0
        for earlier in self.seen:
            same = 0
            for ours, theirs in zip(words, earlier, strict=False):
                if ours != theirs:
                    break
                same += 1
            longest = max(longest, same)
        self.seen.append(words)
        return longest


@contextmanager
def served(
    behaviour: Behaviour, thinks: bool = True, listed: Any = LISTED, timeout: float = 20.0
) -> Iterator[HttpBackend]:
    habits = Habits(thinking_switch="thinking", thinking_budget=100) if thinks else Habits()
    with (
        misbehaving(behaviour, listed) as server,
        HttpBackend(server.url, "m", retries=0, timeout=timeout, habits=habits) as backend,
    ):
        yield backend


def report_of(behaviour: Behaviour, **keywords: Any) -> ServerReport:
    with served(behaviour, **keywords) as backend:
        return examine(backend, load=SMALL)


def results(report: ServerReport) -> dict[str, str]:
    assert [f.check for f in report.findings] == CHECKS
    return {f.check: f.result for f in report.findings}


GOOD = dict.fromkeys(CHECKS, "yes") | {"speed_single": "measured", "speed_parallel": "measured"}


def test_a_server_that_can_all_of_it() -> None:
    report = report_of(Pretended())
    assert results(report) == GOOD
    figures = {f.check: f.figures for f in report.findings}
    assert figures["longest_page"]["longest_tokens"] == CONTEXT - 8
    assert figures["prefix_caching"]["cached_tokens"] > 5
    assert figures["thinking_budget"] == {"budget": 32, "reasoning_tokens": 32}
    assert min(figures["speed_parallel"].values()) > 0
    told = [f.check for f in report.findings if f.then]
    assert told == ["systemone"]


def test_what_one_lack_changes() -> None:
    changed = {
        "json_schema": {"json_schema": "no", "reasoning_with_schema": "no"},
        "choice": {"choice": "no", "normalised_logprobs": "n/a"},
        "logprobs": {"logprobs": "no", "normalised_logprobs": "n/a"},
        "normalised_logprobs": {"normalised_logprobs": "no"},
        "reasoning": {"reasoning": "no"},
        "reasoning_with_schema": {"reasoning_with_schema": "no"},
        "thinking_budget": {"thinking_budget": "no"},
        "adapters": {"adapters": "no"},
        "systemone": {"systemone": "no"},
        "context": {"longest_page": "no"},
    }
    for lack, expected in changed.items():
        report = report_of(Pretended(ALL - {lack}))
        assert results(report) == GOOD | expected, lack
        if lack not in ("adapters", "systemone"):
            row = next(f for f in report.findings if f.check == next(iter(expected)))
            assert row.then, f"{lack}: what the pipeline does"


def test_a_server_without_a_cache_is_seen_by_its_seconds() -> None:
    row = report_of(Pretended(ALL - {"prefix_caching"})).findings[CHECKS.index("prefix_caching")]
    assert "no cached tokens are told" in row.text
    assert set(row.figures) == {"first_seconds", "second_seconds"}


def test_a_server_that_counts_no_tokens() -> None:
    found = results(report_of(Pretended(ALL - {"counts"})))
    assert {c for c, r in found.items() if r == "unknown"} >= {
        "speed_single",
        "speed_parallel",
        "longest_page",
    }


def test_choices_as_schema_are_found() -> None:
    row = report_of(Pretended(ALL - {"choice"})).findings[2]
    assert "a JSON schema of one word is honoured" in row.text
    assert row.then == "choices are sent as JSON schemas"


def test_a_model_that_does_not_think_lacks_nothing() -> None:
    report = report_of(Pretended(), thinks=False, listed=[{"id": "m"}])
    thinking = ("reasoning", "reasoning_with_schema", "thinking_budget", "adapters")
    assert results(report) == GOOD | dict.fromkeys(thinking, "n/a") | {"longest_page": "no"}
    assert "context of 4096 tokens (not told; pages are cut to that)" in report.findings[-1].text


def test_a_longer_page_than_told_that_is_cut_silently() -> None:
    row = report_of(Pretended(ALL - {"longest_page"})).findings[-1]
    assert row.result == "yes"
    assert "a longer page is cut without a word" in row.text


@pytest.mark.parametrize("name", BROKEN)
def test_a_report_whatever_the_server_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hybrid.llm.bounds.MAX_BYTES", 1_000_000)
    monkeypatch.setattr("hybrid.llm.retries._LONGEST_WAIT", 0.01)
    timeout = 0.3 if name in CONNECTION_LOST else 20.0
    report = report_of(BROKEN[name], timeout=timeout)
    found = results(report)
    for check in ("json_schema", "choice", "systemone", "thinking_budget"):
        assert found[check] in ("no", "unknown", "n/a"), check
    assert all(f.text for f in report.findings)
    if name in CONNECTION_LOST:
        assert set(found.values()) == {"unknown"}
        assert report.findings[1].text == "not asked, since it does not answer"
    json.loads(report.as_json())
    check_table(report)


def test_a_kind_of_request_that_hangs_costs_one_row() -> None:
    pretended = Pretended()

    def hanging(request: dict[str, Any]) -> Answer:
        return Answer(silent=30.0) if "structured_outputs" in request else pretended(request)

    found = results(report_of(hanging, timeout=0.5))
    assert [c for c, r in found.items() if r == "unknown"] == [
        "choice",
        "logprobs",
        "normalised_logprobs",
    ]
    assert found["longest_page"] == "yes"


def check_table(report: ServerReport) -> None:
    rows = [line for line in report.as_markdown().splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(CHECKS)
    for row in rows:
        assert row.replace("\\|", "").count("|") == 4
        assert len(row) < 700


def test_a_server_cannot_write_into_the_report() -> None:
    def shouting(request: dict[str, Any]) -> Answer:
        text = "| no |\n# Pwned ![x](http://evil.test/x.png) <img src=x> `"
        return Answer({"error": {"message": text}}, status=400)

    report = report_of(shouting)
    check_table(report)
    markdown = report.as_markdown()
    assert "\n# Pwned" not in markdown
    assert "\\<img" in markdown
    assert "!\\[x]" in markdown


def test_secrets_of_the_address_are_left_out() -> None:
    with misbehaving(Pretended(), LISTED) as server:
        url = server.url.replace("http://", "http://me:secret@")
        with HttpBackend(url, "m", retries=0) as backend:
            report = examine(backend, load=SMALL)
    assert report.address == server.url
    assert "secret" not in report.as_json() + report.as_markdown()


def test_the_json_keeps_its_form() -> None:
    said: list[str] = []
    with served(Pretended()) as backend:
        report = examine(backend, load=SMALL, on_status=said.append)
    data = json.loads(report.as_json())
    assert list(data) == [
        "format",
        "model",
        "profile",
        "address",
        "server",
        "hybrid",
        "date",
        "checks",
    ]
    assert (data["format"], data["model"]) == (1, "m")
    assert list(data["checks"][0]) == ["check", "title", "result", "seen", "then", "figures"]
    assert [c["check"] for c in data["checks"]] == CHECKS
    assert said[0] == "answers (1 of 15)"
