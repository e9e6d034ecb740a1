"""A vocabulary gets the two tokens of a thought, and vLLM's parser finds them in what is written."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer

from hybrid.errors import ModelError
from hybrid.llm.thinking import END, PARSER, START, check_thinking, make_thinking, spare_tokens
from tests.hybrid.tuning.tiny_llama import tiny_llama, tiny_tokenizer

SPARE = ["<spare_1>", "<spare_2>", "<spare_3>"]
ASKED = [{"role": "user", "content": "Which?"}]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tiny_llama(tmp_path / "base", SPARE)


@pytest.fixture
def thinking(base: Path) -> Any:
    """The tokenizer of a model that thinks."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    vectors = load_file(base / "model.safetensors")["model.embed_tokens.weight"]
    make_thinking(base, spare_tokens(tokenizer, vectors))
    return AutoTokenizer.from_pretrained(base)


def ids(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def test_two_tokens_change_their_names_and_nothing_else(base: Path, thinking: Any) -> None:
    check_thinking(thinking)
    before = tiny_tokenizer(SPARE)
    assert len(thinking) == len(before)
    text = "<|im_start|>user\n[5] TOTAL 12.20<|im_end|>"
    assert ids(thinking, text) == ids(before, text)
    marked = ids(thinking, f"{START}TOTAL{END}A")
    assert {before.decode([marked[0]]), before.decode([marked[-2]])} < set(SPARE)
    # Special tokens are left out of a reply's text, in which the parser looks for these.
    assert thinking.decode(marked, skip_special_tokens=True) == f"{START}TOTAL{END}A"
    prompt = thinking.apply_chat_template(ASKED, tokenize=False, add_generation_prompt=True)
    plain = before.apply_chat_template(ASKED, tokenize=False, add_generation_prompt=True)
    assert prompt == plain + START
    shown = thinking.apply_chat_template(ASKED, tokenize=False)
    assert shown == before.apply_chat_template(ASKED, tokenize=False)


def test_the_end_is_the_token_that_is_least_like_others() -> None:
    tokenizer = tiny_tokenizer(SPARE)
    vectors = torch.ones(400, 4)
    second = tokenizer.convert_tokens_to_ids("<spare_2>")
    vectors[second] = torch.tensor([1.0, -1.0, 1.0, -1.0])
    found = spare_tokens(tokenizer, vectors)
    assert found[END] == "<spare_2>"
    assert found[START] in SPARE


@pytest.mark.parametrize("spare", [[], ["<spare_1>"], SPARE])
def test_a_vocabulary_without_two_that_differ(spare: list[str]) -> None:
    vectors = torch.ones(400, 4)
    with pytest.raises(ModelError, match="no two unused special tokens"):
        spare_tokens(tiny_tokenizer(spare), vectors)


def test_a_folder_without_a_tokenizer(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="its tokenizer cannot be given tokens to think"):
        make_thinking(tmp_path, {START: "a", END: "b"})


def test_a_tokenizer_without_the_tokens() -> None:
    with pytest.raises(ModelError, match="<think> did not become one token"):
        check_thinking(tiny_tokenizer(SPARE))


_PARSED = """
import json, sys
from transformers import AutoTokenizer
from vllm.reasoning import ReasoningParserManager

folder, name, prompt = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(folder)
parser = ReasoningParserManager.get_reasoning_parser(name)(tokenizer)
asked, written, answer = (
    tokenizer(text, add_special_tokens=False)["input_ids"]
    for text in (prompt, "TOTAL [5]</think>", "A")
)
ends = parser.is_reasoning_end_streaming
streamed, done = {"reasoning": "", "content": ""}, []
for token in [*written, *answer]:
    before, text = tokenizer.decode(done), tokenizer.decode([token])
    delta = parser.extract_reasoning_streaming(
        before, before + text, text, done, [*done, token], [token]
    )
    done.append(token)
    streamed["reasoning"] += (delta and delta.reasoning) or ""
    streamed["content"] += (delta and delta.content) or ""
print(json.dumps({
    "whole": parser.extract_reasoning("TOTAL [5]</think>A", None),
    "streamed": streamed,
    "ended": [
        parser.is_reasoning_end(asked),
        ends([*asked, *written[:-1]], written[-2:-1]),
        ends([*asked, *written], written[-1:]),
    ],
}))
"""


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("vllm") is None, reason="vLLM is not installed")
def test_vllms_parser_separates_thought_and_answer(base: Path, thinking: Any) -> None:
    prompt = thinking.apply_chat_template(ASKED, tokenize=False, add_generation_prompt=True)
    # In a process of its own: vLLM changes how other packages are imported.
    command = [sys.executable, "-c", _PARSED, str(base), PARSER, prompt]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(said.splitlines()[-1]) == {
        "whole": ["TOTAL [5]", "A"],
        "streamed": {"reasoning": "TOTAL [5]", "content": "A"},
        # Structured output begins with the token after the end of the thought.
        "ended": [False, False, True],
    }
