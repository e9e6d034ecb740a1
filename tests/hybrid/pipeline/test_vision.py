"""The page's picture goes along to models that see, and to no other."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from hybrid.document import Document, PageImage
from hybrid.llm.http import HttpBackend
from hybrid.llm.profiles import load_profile
from hybrid.pipeline import HybridExtractor, LlmExtractor
from hybrid.pipeline.connection import LlmConnection
from hybrid.schemas import Receipt
from tests.hybrid.pipeline.adversary import Answer, completion, misbehaving
from tests.hybrid.pipeline.test_extractors import DOUBTFUL, FixedPredictor

PICTURE = PageImage(data=b"not really a picture", media_type="image/jpeg")
URL = "data:image/jpeg;base64," + base64.b64encode(PICTURE.data).decode()


@pytest.fixture
def pictured(receipt: Document) -> Document:
    page = receipt.pages[0].model_copy(update={"image": PICTURE})
    return receipt.model_copy(update={"pages": (page,)})


def answering(request: dict[str, Any]) -> Answer:
    choices = request.get("structured_outputs", {}).get("choice")
    nothing = {key: {"lines": [], "value": ""} for key in ("company", "date", "address", "total")}
    return completion(choices[0] if choices else json.dumps(nothing))


def asked(document: Document, profile: str) -> list[list[dict[str, Any]]]:
    """The messages of all requests of both extractors."""
    predictor: Any = FixedPredictor(DOUBTFUL)
    with misbehaving(answering) as server, HttpBackend(server.url, "m", profile=profile) as backend:
        results = [
            HybridExtractor.from_parts(predictor, backend).extract(document, Receipt),
            HybridExtractor.from_parts(predictor, backend, strategy="choice").extract(
                document, Receipt
            ),
            LlmExtractor.from_backend(backend).extract(document, Receipt),
        ]
    assert all(result.run.warnings == [] for result in results)
    assert len(server.requests) > 3
    return [request["messages"] for request in server.requests]


def test_a_vision_model_sees_the_page_before_its_lines(pictured: Document) -> None:
    for *before, last in asked(pictured, "qwen3-vl-4b"):
        picture, text = last["content"]
        assert picture == {"type": "image_url", "image_url": {"url": URL}}
        assert text["type"] == "text"
        assert "RM 12.20" in text["text"]
        assert all(isinstance(message["content"], str) for message in before)


def test_other_models_get_text_only(pictured: Document) -> None:
    for messages in asked(pictured, "qwen3-4b"):
        assert all(isinstance(message["content"], str) for message in messages)


def test_without_pictures_it_reads_the_lines(receipt: Document) -> None:
    for messages in asked(receipt, "qwen3-vl-4b"):
        assert all(isinstance(message["content"], str) for message in messages)


def test_pictures_take_room_and_are_few(pictured: Document) -> None:
    profile = load_profile("qwen3-vl-4b")
    many = pictured.model_copy(update={"pages": pictured.pages * 6})
    with HttpBackend("http://llm.test/v1", "m", profile=profile.name) as backend:
        connection = LlmConnection("m", backend)
        rooms = [connection.open_for(document)[1] for document in (pictured, many)]
        assert rooms == [profile.max_model_len - n * profile.picture_tokens for n in (1, 4)]
        assert connection.context_tokens == profile.max_model_len
        told = HttpBackend("http://llm.test/v1", "m", profile=profile.name, context_tokens=9000)
        with told:
            assert LlmConnection("m", told).open_for(pictured)[1] == 7000
