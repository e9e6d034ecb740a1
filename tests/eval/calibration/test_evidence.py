"""What is decided while a fusion is fitted is what the extractor decides with it."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest

from eval.calibration.collect import collect
from eval.calibration.evidence import Evidence, NotCollectedError
from eval.calibration.fit import fit
from eval.datasets.base import GoldValue, Sample
from eval.run.rows import asked_on
from eval.tasks import load_tasks
from hybrid.document import Document
from hybrid.extraction import FieldResult
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import HybridExtractor
from hybrid.pipeline.connection import LlmConnection
from hybrid.verify.decide import decide_all
from hybrid.verify.fitted import FittedFusion
from hybrid.verify.fuse import Fusion, default_fusion
from hybrid.verify.resolve import Proposal
from hybrid.verify.risk import HeldOut
from hybrid.verify.strategies import make_strategy
from tests.hybrid.conftest import Predictions
from tests.hybrid.pipeline.test_can_only_help import LABELS, PAGE
from tests.hybrid.pipeline.test_fusing import pair, predictor

ASKED = asked_on(load_tasks()["field"].datasets["cord_r"], None)
KNOWN = (
    *LABELS, "menu.cnt", "menu.unitprice", "total.creditcardprice", "sub_total.discount_price",
    "sub_total.service_price",
)  # fmt: skip


def predictions(seed: int) -> Predictions:
    rng = np.random.default_rng(seed)
    rows = rng.choice([0.01, 0.05, 0.3, 2.0], (len(PAGE.segments), len(KNOWN)))
    return Predictions(KNOWN, rows / rows.sum(axis=1, keepdims=True))


def answers(request: ChatRequest) -> ChatReply:
    """By the prompt alone, so that equal questions have equal answers."""
    text = json.dumps(request.model_dump(mode="json"), sort_keys=True)
    rng = random.Random(text)
    if request.choices is not None:
        return ChatReply(text="A", logprobs={c: rng.uniform(-4, 0) for c in request.choices})
    item: dict[str, Any] = {"name": [3], "count": [], "unit_price": []}
    item["price"] = [rng.choice([4, 6])]
    if '"value"' in json.dumps(request.json_schema):
        texts = {s.id: s.text for s in PAGE.segments}
        item = {
            name: {"value": texts[lines[0]] if lines else "", "lines": lines}
            for name, lines in item.items()
        }
    return ChatReply(text=json.dumps({"menu": [item]}))


def evidence(seed: int, page: Document = PAGE) -> Evidence:
    values = (
        GoldValue(path="menu[0].nm", label="menu.nm", text="Nasi Goreng"),
        GoldValue(path="menu[0].price", label="menu.price", text="58.00"),
        GoldValue(path="total.total_price", label="total.total_price", text="63.80"),
    )
    page = page.model_copy(update={"id": f"page-{seed}"})
    proposal = Proposal.of(page, ASKED.schema, predictions(seed))
    return Evidence("cord_r", Sample(document=page, values=values), ASKED, proposal)


def connection() -> LlmConnection:
    return LlmConnection("scripted", ScriptedBackend(answers))


def with_weights(fusion: Fusion, **changes: float) -> Fusion:
    weights = fusion.weights.model_copy(update=changes)
    return fusion.model_copy(update={"weights": weights})


def values(fields: dict[str, FieldResult]) -> dict[str, Any]:
    return {path: leaf.value for path, leaf in fields.items() if leaf.value is not None}


FUSIONS = [
    default_fusion(0.0),
    default_fusion(0.5),
    with_weights(default_fusion(1.0), answer=0.1, accept=0.95),
    with_weights(default_fusion(1.0), answer=0.55, pooled=0.7, intercept=0.3),
    default_fusion(0.8).model_copy(update={"lists": False}),
]


@pytest.mark.parametrize("trust", [0.25, 0.5])
@pytest.mark.parametrize("number", range(len(FUSIONS)))
def test_the_extractor_decides_alike(
    number: int, trust: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an LLM that puts lists together by line numbers, and with one that reads them."""
    monkeypatch.setattr(LlmConnection, "trust", trust)
    fusion = FUSIONS[number]
    fitted = FittedFusion(
        pair=pair("scripted"), fusion=fusion, held_out=HeldOut(levels=(), documents=())
    )
    for seed in range(8):
        (document,) = collect([evidence(seed)], connection(), make_strategy("choice"))
        judged = [
            j
            for j in document.judged(fusion)
            if j.score is not None and j.score >= fusion.answer and j.best is not None
        ]
        replayed = {
            j.choice.path: j.choice.options[j.best].value for j in judged if j.best is not None
        }
        extractor = HybridExtractor.from_parts(
            predictor(predictions(seed)), ScriptedBackend(answers), fusion=fitted
        )
        result = extractor.extract(document.sample.document, ASKED.schema)
        assert values(result.fields) == replayed
        assert (result.run.usage.requests > 0) <= (fusion.trust > 0)


def test_looking_at_all_votes_changes_no_value() -> None:
    fusion = FUSIONS[2]
    for seed in range(8):
        (document,) = collect([evidence(seed)], connection(), make_strategy("choice"))

        def given(every: bool, document: Evidence = document) -> dict[str, Any]:
            choices = [j.choice for j in document.judged(fusion, every_doubtful=every)]
            return values(decide_all(document.schema, choices, fusion))

        assert given(False) == given(True)


def test_what_was_not_asked_is_said() -> None:
    document = evidence(0)
    document.judged(default_fusion())
    with pytest.raises(NotCollectedError):
        document.judged(with_weights(default_fusion(1.0), accept=0.95))


@pytest.mark.parametrize("trust", [0.25, 0.5])
def test_replies_on_lists_that_do_not_help_are_not_asked_for(
    trust: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LlmConnection, "trust", trust)
    documents = collect(
        [evidence(seed) for seed in range(40)], connection(), make_strategy("choice")
    )
    found = fit(documents)
    assert found.fusion.trust == 0 or not found.fusion.lists
    assert all((d.structured is not None) == (trust < 0.4) for d in documents)
    assert all((d.reading is not None) == (trust > 0.4) for d in documents)
