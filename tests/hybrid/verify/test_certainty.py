"""How probable a value was while it was written."""

from __future__ import annotations

import math

import pytest

from hybrid.llm.backend import ChatReply
from hybrid.verify.certainty import certainties_of

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


def test_the_tokens_of_a_value_count() -> None:
    company, total = certainties_of(REPLY)
    assert company[:2] == ("company", 'A "B"')
    assert company[2].whole == pytest.approx(math.exp(-0.1 - 0.2 - 0.4))
    assert total[:2] == ("total", "")
    assert total[2].whole == pytest.approx(math.exp(-0.05))


def test_a_value_is_decided_at_its_beginning() -> None:
    pieces = [('{"company":{"value":"', 0.0), *[(word, -0.1) for word in "ABCD"], ('"', -2.0)]
    reply = ChatReply(text="".join(text for text, _ in pieces), tokens=tuple(pieces))
    [(_, value, found)] = certainties_of(reply)
    assert value == "ABCD"
    assert found.whole == pytest.approx(math.exp(-2.4))
    assert found.beginning == pytest.approx(math.exp(-0.4))


def test_values_inside_lists_are_told_by_the_path_of_their_leaf() -> None:
    text = (
        '{"name": {"value": "[value]", "lines": [0]}, "rows": [{"price": {"value": "1", "lines": [1, 2]},'
        ' "parts": [{"code": {"value": "A{", "lines": []}}]}, {"price": {"value": "2", "lines": []'
        ' }, "value": {"value": "3'
    )
    tokens = tuple((character, -0.001 * place) for place, character in enumerate(text))
    found = list(certainties_of(ChatReply(text=text, tokens=tokens)))
    assert [(path, value) for path, value, _ in found] == [
        ("name", "[value]"),
        ("rows[].price", "1"),
        ("rows[].parts[].code", "A{"),
        ("rows[].price", "2"),
    ]
    start = text.index('2", "lines": [] ')
    assert found[-1][2].whole == pytest.approx(math.exp(-0.001 * (2 * start + 1)))


def test_without_log_probabilities_nothing_is_known() -> None:
    assert not list(certainties_of(ChatReply(text=TEXT)))
