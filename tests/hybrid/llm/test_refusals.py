"""Servers that refuse what they do not know."""

from __future__ import annotations

from typing import Any

import pytest

from hybrid.llm.backend import RequestRefusedError
from hybrid.llm.habits import BUDGET, LOOPS
from hybrid.llm.refusals import Refusals

BODY = {"messages": [], "logprobs": True, "top_logprobs": 20, "response_format": {"type": "x"}}


class Server:
    """Refuses bodies that have one of these names."""

    def __init__(self, *unknown: str) -> None:
        self.unknown = unknown
        self.sent: list[set[str]] = []

    def __call__(self, body: dict[str, Any]) -> str:
        self.sent.append(set(body))
        found = [name for name in self.unknown if name in body]
        if found:
            raise RequestRefusedError(f"unknown field {found[0]}")
        return "answer"


@pytest.mark.parametrize(
    ("unknown", "taken"),
    [
        (["logprobs"], {"messages", "response_format"}),
        (["response_format"], {"messages", "logprobs", "top_logprobs"}),
        (["response_format", "top_logprobs"], {"messages"}),
    ],
)
def test_what_is_refused_is_left_out_and_after_two_requests_for_good(
    unknown: list[str], taken: set[str]
) -> None:
    server, refusals = Server(*unknown), Refusals()
    assert [refusals.send(server, BODY) for _ in range(2)] == ["answer", "answer"]
    server.sent.clear()
    assert refusals.send(server, BODY) == "answer"
    assert server.sent == [taken]


def test_a_server_that_does_not_know_loops_keeps_its_grammar() -> None:
    server, refusals = Server(LOOPS), Refusals()
    body = {**BODY, LOOPS: {"min_count": 3}}
    for _ in range(3):
        refusals.send(server, body)
    assert [LOOPS in sent for sent in server.sent] == [True, False, True, False, False]
    assert server.sent[-1] == set(BODY)


def test_one_refusal_is_not_held_against_a_server() -> None:
    server, refusals = Server("response_format"), Refusals()
    refusals.send(server, BODY)
    server.unknown = ()
    refusals.send(server, BODY)
    assert server.sent[-1] == set(BODY)


def test_what_is_refused_in_every_form_is_refused() -> None:
    server, refusals = Server("messages"), Refusals()
    with pytest.raises(RequestRefusedError, match="unknown field messages"):
        refusals.send(server, BODY)
    assert len(server.sent) == 4
    server.unknown = ()
    refusals.send(server, BODY)
    assert server.sent[-1] == set(BODY)


def test_plain_requests_and_budgets_are_not_sent_again() -> None:
    server, refusals = Server("messages", BUDGET), Refusals()
    with pytest.raises(RequestRefusedError):
        refusals.send(server, {"messages": []})
    assert len(server.sent) == 1
    server = Server(BUDGET)
    with pytest.raises(RequestRefusedError):
        refusals.send(server, {**BODY, BUDGET: 3})
    assert len(server.sent) == 1
