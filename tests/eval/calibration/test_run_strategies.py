"""`hybrid calibrate` for votes of other strategies, and of several answers."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hybrid.errors import ModelError
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline.connection import LlmConnection
from hybrid.pipeline.fusing import choose_fusion, pair_of
from hybrid.verify.fitted import read_fusion
from hybrid.verify.strategies import make_strategy
from tests.eval.calibration.test_run import (  # noqa: F401  # fixtures
    URL,
    choosing,
    knows,
    run,
    serve,
    sroie,
)

Serve = Callable[..., ScriptedBackend]
SAMPLES = 3
"""Of 60 documents, which are two requests each."""


def reflecting(honest: bool) -> Callable[[ChatRequest], ChatReply]:
    """Drafts are right one time in three; evidence says when, or always the same."""
    answering = choosing(knows)

    def reply(request: ChatRequest) -> ChatReply:
        text = request.messages[-1].content
        options = [x for x in text.splitlines() if x[1:2] == ":"]
        if request.json_schema is None and request.choices is not None:
            drafted = text.partition("Your draft was ")[2][:1]
            return answering(request) if not drafted else chosen(request, drafted)
        if request.json_schema is None or "draft" not in str(request.json_schema):
            return ChatReply(text="{}")
        right = next((x for x in options if knows(x)), options[-1])
        drawn = random.Random(f"{request.seed}{text}").random() < 1 / 3
        said = right if drawn else random.Random(text).choice([x for x in options if x != right])
        evidence = said[3:].partition("] ")[2] if drawn and honest else "SUM 77.77"
        return ChatReply(text=json.dumps({"draft": said[0], "evidence": evidence}))

    return reply


def about_pages(backend: ScriptedBackend) -> list[ChatRequest]:
    """The requests without those that find out what a server can do."""
    return [r for r in backend.requests if "<page>" in r.messages[-1].content]


def chosen(request: ChatRequest, letter: str) -> ChatReply:
    logprobs = {c: -0.1 if c == letter else -4.0 for c in request.choices or ()}
    return ChatReply(text=letter, logprobs=logprobs)


def test_a_scorer_is_trained_and_stored_with_the_fusion(
    sroie: Path,  # noqa: F811
    tmp_path: Path,
    serve: Serve,  # noqa: F811
) -> None:
    backend = serve(reflecting(honest=True))
    strategy = make_strategy("reflect", SAMPLES)
    fitted = run(sroie, tmp_path, strategy=strategy)
    assert read_fusion(tmp_path / "fusion.json") == fitted
    assert fitted.scorer is not None
    assert fitted.scorer.evidence > 1
    assert fitted.pair.strategy == f"reflect,samples={SAMPLES},scorer=trained"
    assert set(fitted.pair.prompts) == {"reflect.v1", "reflect-answer.v1"}
    said = fitted.report["scorer"]
    assert said["kept"]
    assert said["right_trained"] > said["right_majority"] + 0.1
    assert said["weights"] == fitted.scorer.model_dump()
    assert fitted.fusion.trust > 0.5
    rows = {row["system"]: row for row in fitted.report["held_out"]["rows"]}
    assert rows["hybrid fitted"]["f1_micro"] > rows["hybrid default"]["f1_micro"]
    # What was fitted is what the extractor does.
    given = [right for document in fitted.held_out.documents for _, right in document]
    assert rows["hybrid fitted"]["f1_micro"] >= 2 * sum(given) / (len(given) + 20 * 4)
    trained = strategy.scored_by(fitted.scorer)  # type: ignore[attr-defined]
    pair = pair_of("receipts", fitted.pair.checkpoint_sha256, LlmConnection(URL), trained)
    assert choose_fusion(pair, tmp_path / "fusion.json").scorer == fitted.scorer

    asked = len(backend.requests)
    assert run(sroie, tmp_path, strategy=strategy) == fitted
    assert len(backend.requests) == asked, "all replies were recorded"


def test_a_scorer_that_does_not_help_is_not_kept(
    sroie: Path,  # noqa: F811
    tmp_path: Path,
    serve: Serve,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serve(reflecting(honest=False))
    monkeypatch.setattr("eval.calibration.scorer.ScorerEvidence.helps", False)
    fitted = run(sroie, tmp_path, strategy=make_strategy("reflect", 2), limit=40)
    assert fitted.scorer is None
    assert not fitted.report["scorer"]["kept"]
    assert fitted.pair.strategy == "reflect,samples=2,scorer=majority"


def test_other_strategies_have_fusions_of_their_own(
    sroie: Path,  # noqa: F811
    tmp_path: Path,
    serve: Serve,  # noqa: F811
) -> None:
    backend = serve(choosing(lambda option: option.endswith(".00")))
    fitted = run(sroie, tmp_path, strategy="critique", limit=40)
    assert (fitted.pair.strategy, fitted.scorer) == ("critique", None)
    assert list(fitted.pair.prompts) == ["critique.v1"]
    assert "scorer" not in fitted.report
    assert fitted.fusion.trust >= 0.5
    assert all("first reading" in r.messages[-1].content for r in about_pages(backend))


@pytest.mark.parametrize(
    ("strategy", "more", "says"),
    [
        (("rules",), {}, "strategy rules asks no LLM: there is nothing to fit"),
        (("choice", 4), {}, "strategy choice has one answer"),
        (("choice", 4), {"reasoning": True}, "no profile says of this one that it thinks"),
    ],
)
def test_votes_that_cannot_be_fitted_are_refused_before_any_work(
    sroie: Path,  # noqa: F811
    tmp_path: Path,
    strategy: tuple[Any, ...],
    more: dict[str, Any],
    says: str,
) -> None:
    with pytest.raises(ModelError, match=says):
        run(sroie, tmp_path, strategy=make_strategy(*strategy), predict=pytest.fail, **more)


def test_an_llm_that_thinks_has_a_fusion_of_its_own(
    sroie: Path,  # noqa: F811
    tmp_path: Path,
    serve: Serve,  # noqa: F811
) -> None:
    backend = serve(choosing(knows))
    fitted = run(sroie, tmp_path, reasoning=True, limit=30)
    assert fitted.pair.thinks
    assert all(request.reasoning for request in about_pages(backend))
    pair = pair_of("receipts", fitted.pair.checkpoint_sha256, LlmConnection(URL))
    with pytest.raises(ModelError, match="one that does, not an LLM that does not think first"):
        choose_fusion(pair, tmp_path / "fusion.json")
