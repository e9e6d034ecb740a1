"""Replies that nobody thought of: no error, and nothing that is not on the page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid.llm.backend import ChatReply, ChatRequest, InvalidReplyError
from hybrid.llm.completion import read_completion
from hybrid.llm.reasoning import changes, split_reply
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import HybridExtractor, LlmExtractor
from hybrid.schemas import ItemizedReceipt, Receipt
from tests.hybrid.conftest import make_document
from tests.hybrid.pipeline.test_adversarial_server import check_sound
from tests.hybrid.pipeline.test_extractors import DOUBTFUL, FixedPredictor

PAGE = make_document(
    [
        ("ACME SDN BHD", 100, 10, 400, 30),
        ("DATE: 25/12/2018", 50, 120, 350, 140),
        ("Nan Goreng", 50, 200, 150, 220),
        ("TOTAL", 50, 300, 150, 320),
        ("RM 12.20", 400, 300, 500, 320),
    ]
)
NAMES = ["company", "total", "menu", "name", "price", "lines", "value", "box", "choices", "message"]
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.integers()
    | st.floats()
    | st.sampled_from(["12.20", "ACME", "nan", "[4]", "4", "<think>", "</think>", "<output>", "A"])
    | st.text(max_size=6)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=20,
)
claims = st.fixed_dictionaries({"value": scalars, "lines": values | st.lists(scalars, max_size=3)})
fields = st.dictionaries(st.sampled_from(NAMES), claims | values | st.lists(claims, max_size=3))
replies = st.one_of(
    fields.map(json.dumps),
    st.builds(lambda v, n: json.dumps(v)[:n], fields, st.integers(0, 200)),
    st.builds(lambda v, tag: f"{tag}{json.dumps(v)}", fields, st.sampled_from(["</think>", "x"])),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)


@settings(max_examples=80)
@given(replies, st.sampled_from([Receipt, ItemizedReceipt]), st.booleans())
def test_any_reply(text: str, schema: Any, lenient: bool) -> None:
    mode: Any = "lenient" if lenient else "strict"

    def reply(request: ChatRequest) -> ChatReply:
        return read_completion({"choices": [{"message": {"content": text}}]})

    predictor: Any = FixedPredictor(DOUBTFUL)
    for extractor in (
        LlmExtractor.from_backend(ScriptedBackend(reply), mode, search=lenient),
        LlmExtractor.from_backend(ScriptedBackend(reply), mode, coordinates="written"),
        HybridExtractor.from_parts(predictor, ScriptedBackend(reply), mode, reasoning=lenient),
    ):
        check_sound(extractor.extract(PAGE, schema), PAGE, strict=not lenient)
        extractor.label(PAGE, ("other", "menu", "total"))


@settings(max_examples=200)
@given(values | st.fixed_dictionaries({"choices": st.lists(values), "usage": values}))
def test_any_completion(data: Any) -> None:
    try:
        reply = read_completion(data)
    except InvalidReplyError:
        return
    reply.model_dump_json()


@settings(max_examples=200)
@given(
    st.fixed_dictionaries({"message": values, "logprobs": values}),
    st.fixed_dictionaries({"content": st.text(), "reasoning": values}),
    st.lists(st.fixed_dictionaries({"token": scalars, "logprob": scalars, "top_logprobs": values})),
)
def test_any_message(choice: dict[str, Any], message: dict[str, Any], tokens: Any) -> None:
    for logprobs in (choice["logprobs"], {"content": tokens}):
        reply = read_completion({"choices": [{"message": message, "logprobs": logprobs}]})
        reply.model_dump_json()
        assert all(value <= 0 for value in (reply.logprobs or {}).values())


@given(
    st.lists(
        st.sampled_from(
            [
                "<think>",
                "</think>",
                "<thinking>",
                "<reflection>",
                "{",
                "}",
                "</reflection>",
                "</thinking>",
                "<output>",
                "</output>",
                '"a": 1',
                "\n",
                "A",
            ]
        )
    )
)
def test_any_order_of_tags(parts: list[str]) -> None:
    text = "".join(parts)
    split = split_reply(text)
    assert len(split.answer) <= len(text)
    changes(split.draft or "", split.answer)


@pytest.mark.parametrize("text", ["{" * 100_000, '{"a":' * 50_000, "x{" * 50_000])
def test_changes_in_nonsense_take_no_time(text: str) -> None:
    assert changes(text, '{"a": 1}') is not None
