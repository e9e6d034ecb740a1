"""How probable a value was while it was written."""

from __future__ import annotations

import math

import pytest

from hybrid.llm.backend import ChatReply
from hybrid.schema import FieldSchema
from hybrid.schemas import Receipt
from hybrid.verify.certainty import value_certainty

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
    found = value_certainty(REPLY, LEAVES[path], value)
    assert (found and found.whole) == (None if expected is None else pytest.approx(expected))


def test_a_value_is_decided_at_its_beginning() -> None:
    pieces = [('{"company":{"value":"', 0.0), *[(word, -0.1) for word in "ABCD"], ('"', -2.0)]
    reply = ChatReply(text="".join(text for text, _ in pieces), tokens=tuple(pieces))
    found = value_certainty(reply, LEAVES["company"], "ABCD")
    assert found is not None
    assert found.whole == pytest.approx(math.exp(-2.4))
    assert found.beginning == pytest.approx(math.exp(-0.4))


def test_without_log_probabilities_nothing_is_known() -> None:
    assert value_certainty(ChatReply(text=TEXT), LEAVES["company"], 'A "B"') is None
