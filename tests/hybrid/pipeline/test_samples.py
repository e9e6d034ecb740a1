"""Several answers in the whole pipeline: from which LLMs, and by whose trained scorer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hybrid.document import Document
from hybrid.errors import ModelError
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import HybridExtractor
from hybrid.pipeline.connection import LlmConnection
from hybrid.pipeline.fusing import check_samples, pair_of
from hybrid.schemas import Receipt
from hybrid.verify import fitted as fitted_module
from hybrid.verify.fitted import FittedFusion
from hybrid.verify.fuse import default_fusion
from hybrid.verify.risk import HeldOut
from hybrid.verify.strategies import TrainedScorer, make_strategy
from tests.hybrid.pipeline.test_extractors import DOUBTFUL, FixedPredictor, never
from tests.hybrid.verify.strategies.test_drawing import thinking
from tests.hybrid.verify.strategies.test_reflect import drawing

MODEL = "tiny"
TRAINED = "reflect,samples=3,scorer=trained"


def hybrid(strategy: Any, reply: Any = never, **more: Any) -> HybridExtractor:
    predictor: Any = FixedPredictor(DOUBTFUL)
    profile = more.pop("profile", MODEL)
    backend = ScriptedBackend(reply, model=more.pop("model", MODEL), profile=profile)
    return HybridExtractor.from_parts(predictor, backend, strategy=strategy, **more)


def fitted(
    strategy: str = TRAINED, scorer: TrainedScorer | None = None, **changes: Any
) -> FittedFusion:
    """Of the pair that `hybrid` makes; asked as of a strategy's name."""
    name, *settings = strategy.split(",")
    values = dict(setting.split("=") for setting in settings)
    asked = make_strategy(name, int(values.get("samples", 1)), values.get("scorer", "majority"))
    connection = LlmConnection(MODEL, ScriptedBackend(never, model=MODEL))
    pair = pair_of("custom", FixedPredictor.checkpoint_sha256, connection, asked)
    assert pair is not None
    return FittedFusion(
        pair=pair.model_copy(update=changes),
        fusion=default_fusion(1.0),
        scorer=scorer or (TrainedScorer(evidence=9.0) if "trained" in strategy else None),
        held_out=HeldOut(levels=(), documents=()),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "reflect.json"
    fitted().write(found)
    return found


def answers() -> Any:
    """Two of three say the wrong total; the evidence speaks for the third."""
    wrong = ("20.00", "SUM 77.77", "20.00", -0.2)
    return drawing(wrong, wrong, ("12.20", "RM 12.20", "12.20", -0.2))


def test_a_thinking_llm_is_asked_several_times(receipt: Document) -> None:
    strategy = make_strategy("choice", 3)
    reply = thinking("12.20", "20.00", "12.20")
    extractor = hybrid(strategy, reply, profile="qwen3-0.6b", reasoning=True)
    result = extractor.extract(receipt, Receipt)
    assert result.run.strategy == "choice,samples=3,scorer=majority"
    assert result.run.usage.requests == 3
    assert result.run.reasoning is not None
    assert result.run.reasoning["total"].count("Number") == 3
    assert str(result.data.total) == "12.20"


@pytest.mark.parametrize(
    ("spec", "reasoning", "says"),
    [
        ("smollm2-135m", True, "does not think"),
        ("qwen3-0.6b", False, "does not think: take one that does, with --reasoning"),
        ("http://127.0.0.1:9/v1", False, "does not think"),
        (
            "http://127.0.0.1:9/v1#stranger",
            True,
            "no profile says of this one that it thinks",
        ),
        ("qwen3-0.6b", True, None),
        ("qwen3-4b-thinking", False, None),
        ("http://127.0.0.1:9/v1#Qwen/Qwen3-0.6B", True, None),
    ],
)
def test_answers_that_would_be_the_same_are_refused(
    spec: str, reasoning: bool, says: str | None
) -> None:
    connection = LlmConnection(spec, reasoning=reasoning)
    for strategy in ("reflect", "rules"):
        check_samples(make_strategy(strategy, 1 + (strategy == "reflect")), connection)
    for strategy in ("choice", "critique"):
        check_samples(make_strategy(strategy), connection)
        if says is None:
            check_samples(make_strategy(strategy, 2), connection)
        else:
            with pytest.raises(ModelError, match=f"strategy {strategy} has one answer.*{says}"):
                check_samples(make_strategy(strategy, 2), connection)


def test_the_scorer_of_the_fusion_picks(receipt: Document, path: Path) -> None:
    trained = hybrid(make_strategy("reflect", 3, "trained"), answers(), fusion=path)
    result = trained.extract(receipt, Receipt)
    assert str(result.data.total) == "12.20"
    assert result.run.strategy == TRAINED
    assert result.run.scorer == result.run.fusion == fitted().identity
    assert result.run.scorer.startswith("custom+tiny+reflect-3-trained@")
    majority = hybrid(make_strategy("reflect", 3), answers()).extract(receipt, Receipt)
    assert majority.run.scorer is None
    assert majority["total"].confidence.llm == pytest.approx(1 / 3, abs=1e-3)


def test_the_scorer_of_a_file_picks_with_the_default_fusion(path: Path, receipt: Document) -> None:
    extractor = hybrid(make_strategy("reflect", 3, str(path)), answers())
    result = extractor.extract(receipt, Receipt)
    assert (result.run.fusion, result.run.scorer) == ("default", fitted().identity)
    assert result["total"].confidence.llm is not None
    assert result["total"].confidence.llm > 0.8
    other = fitted(scorer=TrainedScorer(answers=1.0))
    other.write(path)
    assert hybrid(make_strategy("reflect", 3, str(path))).identity() != extractor.identity()
    with pytest.raises(ModelError, match=r"give --fusion .* --scorer trained"):
        hybrid(make_strategy("reflect", 3, str(path)), fusion=path)


def test_shipped_scorers_are_found_by_their_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitted_module, "SHIPPED", tmp_path)
    for fusion in (fitted(), fitted("choice"), fitted("reflect,samples=3,scorer=majority")):
        fusion.write(tmp_path / f"{fusion.pair.name}.json")
    assert {path.stem for path in tmp_path.iterdir()} == {
        "custom+tiny", "custom+tiny+reflect-3-trained", "custom+tiny+reflect-3-majority",
    }  # fmt: skip
    for strategy in (("reflect", 3, "trained"), ("reflect", 3), ("choice",)):
        made = make_strategy(*strategy)
        fusion = hybrid(made).identity()["fusion"]
        assert fusion == fitted(made.name).identity
    assert hybrid(make_strategy("critique")).identity()["fusion"] == "default"


@pytest.mark.parametrize("as_scorer", [False, True])
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"strategy": "reflect,samples=4,scorer=trained"},
            "votes of strategy reflect,samples=4,.*not",
        ),
        ({"strategy": "choice,samples=3,scorer=trained"}, "votes of strategy choice,samples=3"),
        ({"thinks": True}, "one that does, not an LLM that does not think first"),
        ({"profile": "other"}, "LLM 'other'"),
        ({"checkpoint_sha256": "0" * 64}, "checkpoint 'custom'"),
        ({"prompts": {"reflect.v1": "0" * 64}}, "another text of the prompt 'reflect.v1'"),
    ],
)
def test_those_of_another_pair_are_refused(
    tmp_path: Path, changes: dict[str, Any], says: str, as_scorer: bool
) -> None:
    path = tmp_path / "theirs.json"
    fitted(**changes).write(path)
    strategy = make_strategy("reflect", 3, str(path) if as_scorer else "trained")
    with pytest.raises(ModelError, match=says) as error:
        hybrid(strategy, **({} if as_scorer else {"fusion": path}))
    assert "--strategy reflect --samples 3 --dataset NAME" in str(error.value)
    assert str(path) in str(error.value)


def test_without_a_trained_scorer_it_says_how_to_make_one(tmp_path: Path) -> None:
    strategy = make_strategy("reflect", 3, "trained")
    with pytest.raises(ModelError, match=r"hybrid calibrate .*--strategy reflect --samples 3 "):
        hybrid(strategy)
    kept = tmp_path / "majority.json"
    fitted("reflect,samples=3,scorer=majority").write(kept)
    says = "majority.json holds no trained scorer: .*scorer=majority"
    with pytest.raises(ModelError, match=says):
        hybrid(make_strategy("reflect", 3, str(kept)))
    with pytest.raises(ModelError, match=r"scorer=majority, not .*scorer=trained"):
        hybrid(strategy, fusion=kept)
    with pytest.raises(ModelError, match="cannot be read"):
        hybrid(make_strategy("reflect", 3, "none.json"))


def test_a_file_with_half_a_scorer_is_none(path: Path) -> None:
    path.write_text(path.read_text().replace(TRAINED, "reflect,samples=3,scorer=majority"))
    with pytest.raises(ModelError, match="belong together"):
        fitted_module.read_fusion(path)
