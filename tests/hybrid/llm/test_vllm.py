"""The real thing: smollm2-135m in a real vLLM server."""

from __future__ import annotations

import json
import math
import os
import signal
import time
from pathlib import Path

import pytest

from hybrid.errors import ServerError
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatReply, ChatRequest, Message, RequestRefusedError
from hybrid.llm.connect import connect
from hybrid.llm.examine import examine
from hybrid.llm.http import HttpBackend
from hybrid.llm.models import pull
from hybrid.llm.probe import probe
from hybrid.llm.serve import VllmServer
from hybrid.llm.server_measures import Load

pytestmark = [pytest.mark.vllm, pytest.mark.slow]

PAGE = "\n".join(["[A] ACME LTD", "[B] 25/12/2018", "[C] TOTAL RM 12.20"] + ["[D] THANK YOU"] * 40)
MESSAGES = (
    Message(role="system", content="You read receipts."),
    Message(role="user", content=f"{PAGE}\nWhich line holds the total?"),
)
CHOICE = ChatRequest(messages=MESSAGES, choices=("A", "B", "C", "none"), logprobs=True)
SCHEMA = ChatRequest(
    messages=MESSAGES,
    json_schema={
        "type": "object",
        "properties": {"line": {"enum": ["A", "B", "C"]}, "amount": {"type": "number"}},
        "required": ["line", "amount"],
        "additionalProperties": False,
    },
)


def test_the_probe_finds_all_that_verification_needs(vllm_server: str) -> None:
    with connect(vllm_server) as backend:
        assert backend.model == "smollm2-135m"
        features = probe(backend)
    assert features.missing == []
    assert not features.reasoning


def test_the_report_on_a_real_server(vllm_server: str) -> None:
    light = Load(lines=20, tokens=4, parallel=2)
    with connect(vllm_server, retries=0) as backend:
        report = examine(backend, load=light)
    seen = {f.check: f for f in report.findings}
    results = {check: f.result for check, f in seen.items()}
    assert results == {
        **dict.fromkeys(("answers", "json_schema", "choice", "logprobs"), "yes"),
        **dict.fromkeys(("normalised_logprobs", "prefix_caching", "longest_page"), "yes"),
        "several_answers": "yes",
        **dict.fromkeys(("reasoning", "reasoning_with_schema", "thinking_budget"), "n/a"),
        **{"adapters": "n/a", "systemone": "no"},
        **dict.fromkeys(("speed_single", "speed_parallel"), "measured"),
    }
    assert report.server.startswith("vLLM 0.")
    assert 4000 < seen["longest_page"].figures["longest_tokens"] < 4096
    assert seen["prefix_caching"].figures["cached_tokens"] >= 128


def test_choices_as_schema_give_the_same_vote(vllm_server: str) -> None:
    with HttpBackend(vllm_server) as backend:
        own = backend.complete(CHOICE)
        backend.choices_as_schema = True
        adapted = backend.complete(CHOICE)
    assert adapted.text in (CHOICE.choices or ())
    assert own.logprobs
    assert adapted.logprobs
    assert all(any(c.startswith(t) for c in CHOICE.choices or ()) for t in adapted.logprobs)
    assert math.isclose(sum(map(math.exp, adapted.logprobs.values())), 1.0, abs_tol=0.02)


def test_choices_come_with_votes_and_the_page_is_cached(vllm_server: str) -> None:
    with HttpBackend(vllm_server) as backend:
        first, second = backend.complete(CHOICE), backend.complete(CHOICE)
    assert first.text == second.text
    assert first.text in ("A", "B", "C", "none")
    assert first.logprobs
    # All of the mass lies on tokens that begin one of the choices.
    assert all(any(c.startswith(t) for c in CHOICE.choices or ()) for t in first.logprobs)
    assert math.isclose(sum(map(math.exp, first.logprobs.values())), 1.0, abs_tol=0.02)
    assert second.usage.prompt_tokens > 200
    assert second.usage.cached_tokens >= 128


def test_a_schema_is_followed_and_a_refusal_is_told(vllm_server: str) -> None:
    too_long = ChatRequest(messages=(Message(role="user", content="word " * 9000),))
    with HttpBackend(vllm_server) as backend:
        filled, refused, chosen = backend.complete_many([SCHEMA, too_long, CHOICE])
    assert isinstance(filled, ChatReply)
    value = json.loads(filled.text)
    assert value["line"] in ("A", "B", "C")
    assert isinstance(value["amount"], (int, float))
    assert isinstance(refused, RequestRefusedError)
    assert "4096" in str(refused)
    assert isinstance(chosen, ChatReply)


def test_answers_to_long_pages_are_drawn_with_seeds(vllm_server: str) -> None:
    """Together they are more than vLLM reads in a step, which ended it where it read one in parts."""
    requests = [
        SCHEMA.model_copy(
            update={
                "messages": (Message(role="user", content=f"{seed}. {PAGE}\n{'CASH ' * 900}"),),
                "temperature": 0.7,
                "seed": seed,
            }
        )
        for seed in range(4)
    ]
    with HttpBackend(vllm_server) as backend:
        replies = backend.complete_many(requests)
        again = backend.complete(requests[0])
    assert all(isinstance(reply, ChatReply) for reply in replies), replies
    assert json.loads(again.text)["line"] in ("A", "B", "C")


def test_answers_drawn_as_one_request_are_those_of_their_seeds(vllm_server: str) -> None:
    requests = [
        SCHEMA.model_copy(update={"temperature": 0.7, "seed": seed, "logprobs": True})
        for seed in range(6)
    ]
    with HttpBackend(vllm_server) as backend:
        together = backend.complete_many(requests)
        alone = [backend.complete(request) for request in requests]
    replies = [reply for reply in together if isinstance(reply, ChatReply)]
    same = [a.text == b.text for a, b in zip(replies, alone, strict=True)]
    # Sums in bfloat16 depend on how many answers are drawn in a step: a draw near a border may fall
    # otherwise. Of other seeds hardly one answer in ten would be the same.
    assert sum(same) >= 4
    assert len({reply.text for reply in replies}) > 1
    assert all(reply.tokens for reply in replies)
    usage = sum((reply.usage for reply in replies), LlmUsage())
    assert (usage.requests, usage.prompt_tokens) == (1, alone[0].usage.prompt_tokens)
    written = sum(reply.usage.completion_tokens for reply in alone)
    assert usage.completion_tokens == pytest.approx(written, rel=0 if all(same) else 0.3)


def test_a_killed_server_opens_the_breaker_and_leaves_nothing(tmp_path: Path) -> None:
    pull("smollm2-135m")
    with VllmServer("smollm2-135m", log_path=tmp_path / "vllm.log") as server:
        with HttpBackend(server.base_url, retries=2) as backend:
            assert backend.complete(CHOICE).text
            leader, *others = _processes_of(server.port)
            os.kill(leader, signal.SIGKILL)
            with pytest.raises(ServerError, match="down"):
                backend.complete(CHOICE)
            assert not backend.available
            started = time.monotonic()
            results = backend.complete_many([CHOICE] * 100)
            assert time.monotonic() - started < 1
            assert all(isinstance(result, ServerError) for result in results)
        with pytest.raises(ServerError, match="vLLM ended with exit code"):
            server.check()
    deadline = time.monotonic() + 15
    while any(map(_is_running, others)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(_is_running, others))


def _is_running(pid: int) -> bool:
    """Not so for a zombie that nobody has collected yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _processes_of(port: int) -> list[int]:
    """The server's process that listens at a port, then those that it started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
            group = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[2])
        except (FileNotFoundError, ProcessLookupError):
            continue
        found.append((int(folder.name), group, arguments))
    # Our supervisor has the same arguments, after its own.
    leader = next(
        pid
        for pid, _, arguments in found
        if arguments[1:2] == [b"-m"] and str(port).encode() in arguments
    )
    others = [pid for pid, group, _ in found if group == leader and pid != leader]
    assert others, "vLLM runs its engine in a process of its own"
    return [leader, *others]
