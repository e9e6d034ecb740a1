"""Thoughts and answers are told apart, in all three forms."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hybrid.llm.completion import read_completion
from hybrid.llm.reasoning import Split, changes, split_reply

REFLECTION = """<thinking>
Line 5 has the amount.
{"total": {"value": "20.00", "lines": [7]}, "date": {"value": "25/12/2018", "lines": [3]}}
<reflection>
Line 7 is the cash that was given, not the total.
</reflection>
</thinking>
<output>
{"total": {"value": "12.20", "lines": [5]}, "date": {"value": "25/12/2018", "lines": [3]}}
</output>"""


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("12.20", Split("12.20")),
        ("  a free text \n", Split("  a free text \n")),
        ('{"a": "</think>"}', Split('{"a": "</think>"}')),
        ("[1]", Split("[1]")),
        ("<think>Hm.</think>\n\nB", Split("B", "Hm.")),
        ("<think></think>B", Split("B")),
        ("<think>\n\n</think>\n\n{}", Split("{}")),
        ("Hm.\n</think>\nB", Split("B", "Hm.")),
        ("<think>Wait. Wait.", Split("", "Wait. Wait.")),
        ("<think>", Split("")),
        ("[THINK]Hm.[/THINK]B", Split("B", "Hm.")),
        ("[THINK]Wait", Split("", "Wait")),
        ("<think>a</think>b</think>c", Split("b</think>c", "a")),
        ("<output>B</output>", Split("B")),
        ("<thinking>Hm.</thinking><output>B</output>", Split("B", "Hm.")),
        ("<thinking>Hm.</thinking>\n<output>\nB", Split("B", "Hm.")),
        ("<thinking>Hm.", Split("", "Hm.")),
        ("<thinking>Hm.</thinking>", Split("", "Hm.")),
        (
            "<thinking>A.<reflection>No.</reflection>B.</thinking><output>B</output>",
            Split("B", "A.<reflection>No.</reflection>B.", "A."),
        ),
        ("<thinking>A.<reflection>No", Split("", "A.<reflection>No", "A.")),
    ],
)
def test_a_reply_in_its_parts(text: str, split: Split) -> None:
    assert split_reply(text) == split


def test_what_reflecting_changed() -> None:
    split = split_reply(REFLECTION)
    assert json.loads(split.answer)["total"]["lines"] == [5]
    assert split.draft
    assert changes(split.draft, split.answer) == {
        "total.value": ("20.00", "12.20"),
        "total.lines": ("[7]", "[5]"),
    }


@pytest.mark.parametrize(
    ("draft", "answer", "changed"),
    [
        ("It is A", "A", {}),
        ("Hm.\nIt is A.", "B", {"": ("It is A.", "B")}),
        ("", "B", {"": ("", "B")}),
        ("no JSON", '{"a": 1}', {}),
        ('{"a": 1}', '{"a": 1, "b": null}', {"b": ("", "null")}),
        ('{"a": "x"', '{"a": "y"}', {}),
        ('{"a": "w"} then {"a": "x"}', '{"a": "y"}', {"a": ("x", "y")}),
    ],
)
def test_changes(draft: str, answer: str, changed: dict[str, Any]) -> None:
    assert changes(draft, answer) == changed


def completion(usage: Any = None, logprobs: Any = None, **message: Any) -> dict[str, Any]:
    choice = {"message": message, "finish_reason": "stop", "logprobs": logprobs}
    return {"choices": [choice], "usage": usage}


def test_thoughts_are_counted_where_the_server_says_how_many() -> None:
    usage = {"completion_tokens": 50, "completion_tokens_details": {"reasoning_tokens": 44}}
    reply = read_completion(completion(usage, content="B", reasoning="Hm."))
    assert (reply.text, reply.reasoning, reply.usage.reasoning_tokens) == ("B", "Hm.", 44)


def test_else_their_share_of_the_text_counts() -> None:
    reply = read_completion(
        completion({"completion_tokens": 50}, content="<think>123456789</think>B")
    )
    assert (reply.text, reply.usage.reasoning_tokens) == ("B", 45)
    plain = read_completion(completion({"completion_tokens": 50}, content="B"))
    assert plain.usage.reasoning_tokens == 0


def token(text: str, **others: float) -> dict[str, Any]:
    top = [{"token": t, "logprob": p} for t, p in others.items()]
    return {"token": text, "logprob": -0.1, "top_logprobs": top}


def test_after_thoughts_the_vote_is_read_where_the_answer_begins() -> None:
    tokens = [token("Hm", x=-1.0), token("</think>", y=-1.0), token("\n", z=-1.0)]
    tokens += [token("B", B=-0.2, A=-1.8), token("", end=-1.0)]
    reply = read_completion(completion(logprobs={"content": tokens}, content="B", reasoning="Hm"))
    assert reply.logprobs == {"B": -0.2, "A": -1.8}
    # The token that ends the turn has log-probabilities, and is no part of the text.
    tokens.append(token("<|im_end|>"))
    reply = read_completion(completion(logprobs={"content": tokens}, content="B", reasoning="Hm"))
    assert reply.logprobs == {"B": -0.2, "A": -1.8}
    # So has the end of a thought without a word, of which nothing is told.
    empty = completion(logprobs={"content": [token("</think>"), *tokens[3:]]}, content="B")
    assert read_completion(empty).logprobs == {"B": -0.2, "A": -1.8}


def test_a_vote_that_is_not_found_is_none() -> None:
    tokens = [token("Hm", x=-1.0), token("C", C=-0.1)]
    reply = read_completion(completion(logprobs={"content": tokens}, content="B", reasoning="Hm"))
    assert reply.logprobs is None
