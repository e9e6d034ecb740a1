"""The way of `gemma3-270m`, whose weights ask a person to accept their terms: all of it but these.

Random weights of the same shape, in the same kind of file, are converted, served by a real vLLM as the
shipped profile says, and asked what the pipeline asks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hybrid import LlmExtractor, load_document
from hybrid.extraction import Grounding
from hybrid.llm.backend import ChatRequest, Message
from hybrid.llm.connect import connect
from hybrid.llm.convert import convert_gguf
from hybrid.llm.profile import FolderSource
from hybrid.llm.profile_toml import as_toml
from hybrid.llm.profiles import load_profile
from hybrid.llm.serve import VllmServer
from hybrid.schemas import Receipt
from tests.hybrid.llm.tiny_gemma import BEGIN, write_tiny_gemma

QUESTION = (Message(role="user", content="[0] TOTAL 12.20\n[1] CASH 20.00\nWhich is the total?"),)

pytestmark = [pytest.mark.vllm, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("gemma")
    shipped = load_profile("gemma3-270m")
    write_tiny_gemma(folder / "tiny.gguf")
    convert_gguf(folder / "tiny.gguf", folder / "model", shipped.dtype)
    changes = {
        "name": "tiny-gemma",
        "source": FolderSource(path=folder / "model"),
        "conversion": "none",
        "license_acceptance": False,
    }
    profile = folder / "tiny-gemma.toml"
    profile.write_text(as_toml(shipped.model_copy(update=changes)), encoding="utf-8")
    with VllmServer(profile) as running:
        yield running.base_url


def test_it_is_asked_for_a_letter_and_for_json(server: str) -> None:
    schema = {
        "type": "object",
        "properties": {"line": {"enum": [0, 1]}},
        "required": ["line"],
        "additionalProperties": False,
    }
    with connect(server) as backend:
        letter = backend.complete(
            ChatRequest(messages=QUESTION, max_tokens=1, choices=("A", "B"), logprobs=True)
        )
        line = backend.complete(ChatRequest(messages=QUESTION, json_schema=schema))
    assert letter.text in ("A", "B")
    assert set(letter.logprobs or {}) == {"A", "B"}
    assert json.loads(line.text)["line"] in (0, 1)


def test_a_prompt_begins_once(server: str) -> None:
    """Without <bos> the real one babbles; with two of them it is off its training."""
    with connect(server) as backend:
        asked = {"model": backend.model, "messages": [m.model_dump() for m in QUESTION]}
        tokens = backend.post("/../tokenize", {**asked, "add_special_tokens": False})["tokens"]
    assert tokens.count(BEGIN) == 1
    assert tokens[0] == BEGIN


def test_noise_for_an_llm_costs_no_document(server: str) -> None:
    samples = Path(__file__).parents[3] / "eval" / "samples" / "documents"
    document = load_document(samples / "receipt-hardware.png")
    with LlmExtractor.from_pretrained(server) as extractor:
        result = extractor.extract(document, Receipt)
    assert result.run.usage.completion_tokens > 0
    given = [field for field in result.fields.values() if field.value is not None]
    assert all(field.grounding is not Grounding.NONE for field in given)
