"""A fusion that was fitted on some fields has no say on others."""

from __future__ import annotations

import math
from typing import Annotated

import pytest
from pydantic import BaseModel

from hybrid.extraction import Status
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import HybridExtractor
from hybrid.pipeline.connection import LlmConnection
from hybrid.schema import Keys
from hybrid.verify.fitted import FittedFusion
from hybrid.verify.fuse import default_fusion
from hybrid.verify.risk import HeldOut
from tests.hybrid.conftest import make_document, make_predictions
from tests.hybrid.pipeline.test_fusing import pair, predictor

PAGE = make_document(
    [("ACME SDN BHD", 100, 10, 400, 30), ("Delivery note no.: DN-77", 50, 120, 350, 140)]
)


class Note(BaseModel):
    company: str | None = None
    note_no: Annotated[str | None, Keys("Delivery note no.")] = None


def none_of_these(request: ChatRequest) -> ChatReply:
    """It says that none of the lines is the value; that option is offered last, and then first."""
    letters = request.choices or ()
    lines = [x for x in str(request.messages[-1].content).splitlines() if x[:1] in letters]
    letter = next((x[:1] for x in lines if "none" in x.casefold()), letters[-1])
    likely = {x: math.log(0.98 if x == letter else 0.02 / (len(letters) - 1)) for x in letters}
    return ChatReply(text=letter, logprobs=likely)


@pytest.mark.parametrize(("fitted", "found"), [(2.0, "DN-77"), (0.0, "DN-77")])
def test_votes_count_on_fields_without_labels_as_the_profile_says(
    monkeypatch: pytest.MonkeyPatch, fitted: float, found: str
) -> None:
    monkeypatch.setattr(LlmConnection, "trust", 0.1)
    fusion = FittedFusion(
        pair=pair("scripted"),
        fusion=default_fusion(fitted),
        held_out=HeldOut(levels=(), documents=()),
    )
    fixed = predictor(make_predictions(PAGE, {0: {"company": 0.7}}))
    backend = ScriptedBackend(none_of_these)
    both = HybridExtractor.from_parts(fixed, backend, fusion=fusion, strategy="choice")
    result = both.extract(PAGE, Note)
    assert result.data.note_no == found
    assert result["company"].status is (Status.REJECTED if fitted else Status.ACCEPTED)
