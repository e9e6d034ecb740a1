from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid.verify.salvage import salvage

values = st.recursive(
    st.integers() | st.text(max_size=8) | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
containers = st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=4), values, max_size=4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": [1, 2, 3', {"a": [1, 2]}),
        ('{"a": [1, 2], "b', {"a": [1, 2]}),
        ('{"a": 1, "b": "half a st', {"a": 1}),
        ('{"menu": [{"n": "x"}, {"n": "y", "p": 3', {"menu": [{"n": "x"}]}),
        ('{"menu": [{"n": "x"}, {"n": "y"}', {"menu": [{"n": "x"}, {"n": "y"}]}),
        (
            '{"menu": [{"n": {"v": "x"}, "p": {"v": "1"}}, {"n": {"v": "y"}, ',
            {"menu": [{"n": {"v": "x"}, "p": {"v": "1"}}]},
        ),
        (
            '{"a": {"lines": [1], "value": "x"}, "b": {"lines": [2], "va',
            {"a": {"lines": [1], "value": "x"}, "b": {"lines": [2]}},
        ),
        ('{"a": "quote \\" and } brace", "b": tr', {"a": 'quote " and } brace'}),
        ('{"menu": [', {"menu": []}),
        ("{", {}),
        ('{"a": 1} and prose', {"a": 1}),
        ("prose", None),
        ("12", None),
        ("", None),
        ("{]", None),
    ],
)
def test_what_was_complete_is_kept(text: str, expected: Any) -> None:
    assert salvage(text) == expected


@given(containers)
def test_a_whole_reply_is_kept_whole(value: Any) -> None:
    assert salvage(json.dumps(value)) == value


@given(containers, st.data())
def test_every_prefix_gives_a_part_of_the_whole(value: Any, data: st.DataObject) -> None:
    text = json.dumps(value)
    end = data.draw(st.integers(1, len(text)))
    assert is_part(salvage(text[:end]), value)


def is_part(part: Any, whole: Any) -> bool:
    """Members and elements of `part` stand in `whole`, those of arrays from the beginning."""
    if isinstance(whole, dict):
        return isinstance(part, dict) and all(
            k in whole and is_part(part[k], whole[k]) for k in part
        )
    if isinstance(whole, list):
        return isinstance(part, list) and all(
            is_part(a, b) for a, b in zip(part, whole, strict=False)
        )
    return bool(part == whole)
