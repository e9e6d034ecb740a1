"""How probable a value was while it was written."""

from __future__ import annotations

import math

import pytest

from hybrid.llm.backend import ChatReply
from hybrid.schema import FieldSchema
from hybrid.schemas import Receipt
from hybrid.verify.certainty import value_probability

LEAVES = FieldSchema(Receipt).by_path
PIECES = [
    ('{"', 0.0),
    ("company", -0.7),
    ('":{"value":"', 0.0),
    ("A", -0.1),
    (' \\"B', -0.2),
    ('\\""', -0.4),
    (',"lines":[0]},"total":{"value":"', -3.0),
    ('","', -0.05),
    ('lines":[]}}', 0.0),
]
TEXT = "".join(text for text, _ in PIECES)
REPLY = ChatReply(text=TEXT, tokens=tuple(PIECES))


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("company", 'A "B"', math.exp(-0.1 - 0.2 - 0.4)),
        ("total", "", math.exp(-0.05)),
        ("company", "A", None),
        ("date", "", None),
    ],
)
def test_the_tokens_of_a_value_count(path: str, value: str, expected: float | None) -> None:
    assert value_probability(REPLY, LEAVES[path], value) == (
        None if expected is None else pytest.approx(expected)
    )


def test_without_log_probabilities_nothing_is_known() -> None:
    assert value_probability(ChatReply(text=TEXT), LEAVES["company"], 'A "B"') is None
