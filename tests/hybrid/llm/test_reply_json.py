"""JSON that Python's parser takes and a reply may not be."""

from __future__ import annotations

from typing import Any

import pytest

from hybrid.llm.reply_json import parse_leniently, parse_reply
from hybrid.verify.salvage import salvage


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": NaN}', "NaN is no number"),
        ("[1, -Infinity]", "-Infinity is no number"),
        ('{"a": 1, "a": 2}', "'a' stands there twice"),
        ('{"b": {"a": [1], "c": 0, "a": [2]}}', "'a' stands there twice"),
        ("[" * 100_000, "nested too deeply"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ("9" * 5000, "digits"),
        ('{"a": ', "Expecting value"),
        ("", "Expecting value"),
    ],
)
def test_what_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_reply(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": NaN, "b": 1}', {"a": None, "b": 1}),
        ('{"a": 1, "a": 2, "b": 3}', {"b": 3}),
        ('{"a": 1, "a": 1}', {"a": 1}),
        ('{"a": {"c": 1, "c": 2}, "b": [Infinity]}', {"a": {}, "b": [None]}),
        ('{"a": 1, "a": 2, "a": 1}', {}),
    ],
)
def test_what_is_left_of_it(text: str, value: Any) -> None:
    assert parse_leniently(text) == value


def test_the_same_said_twice_is_no_clash() -> None:
    assert parse_reply('{"a": [1], "b": 2, "a": [1]}') == {"a": [1], "b": 2}


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, {"b": 2}]}',
        '```json\n{"a": [1, {"b": 2}]}\n```',
        'Here is the JSON:\n```\n{"a": [1, {"b": 2}]}\n```\nI hope {this} helps.',
        'Here is the JSON: {"a": [1, {"b": 2}]} Anything else?',
    ],
)
def test_words_around_json_are_passed_over(text: str) -> None:
    assert parse_reply(text) == {"a": [1, {"b": 2}]}
    assert parse_leniently(text) == {"a": [1, {"b": 2}]}


def test_a_block_that_was_cut_off_is_salvaged() -> None:
    assert salvage('Sure:\n```json\n{"a": "x", "b": "yy') == {"a": "x"}


@pytest.mark.parametrize("text", ["no JSON here", "{broken", "} {", "a {b} c", "```json\n```"])
def test_words_without_json_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_reply(text)
