"""`hybrid calibrate`: what it is told, what it shows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from hybrid.resources import load_evaluation
from hybrid.verify.fitted import FittedFusion, Pair
from hybrid.verify.fuse import default_fusion
from hybrid.verify.risk import HeldOut
from hybrid.verify.strategies import Strategy, TrainedScorer

Run = Callable[..., Result]


def fitted(trust: float, scorer: TrainedScorer | None = None) -> FittedFusion:
    metrics = ["f1_micro", "f1_micro_low", "f1_micro_high", "hallucination_rate"]
    metrics += ["wrong_field_rate", "ece", "aurc"]
    row = {"dataset": "sroie", "n": 20, "tokens_per_document": 300.0} | dict.fromkeys(metrics, 0.5)
    trusts: dict[str, Any] = {"questions": 9, "documents": 7}
    trusts |= {"right_alone": 0.5, "right_llm": 0.25, "right_pooled": 0.75}
    report = {
        "held_out": {"rows": [row | {"system": s} for s in ("gcn", "hybrid fitted")]},
        "documents": {"fitted_on": 40, "held_out": 60},
        "trust": trusts,
        "reason": "because of [this]",
        "confidence": {"name": "isotonic"},
    }
    if scorer is not None:
        tried = {"kept": True, "questions": 9, "gain": 0.0123, "error": 0.004}
        report["scorer"] = tried | {"right_trained": 0.75, "right_majority": 0.5}
    return FittedFusion(
        pair=Pair(
            checkpoint="receipts",
            checkpoint_sha256="f" * 64,
            profile="tiny",
            served_model="tiny",
            prompts={},
            strategy="reflect,samples=4,scorer=trained" if scorer is not None else "choice",
            thinks=scorer is not None,
        ),
        scorer=scorer,
        fusion=default_fusion(trust),
        held_out=HeldOut(levels=(0.8,), documents=(((0.9, True),),) * 60),
        report=report,
    )


def _name(strategy: Strategy | str) -> str:
    return strategy if isinstance(strategy, str) else strategy.name


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []

    def calibrate(
        checkpoint: str, llm: str, datasets: Any, roots: Any, out: Path, work: Path, **more: Any
    ) -> FittedFusion:
        seen.append(
            {"llm": llm, "datasets": datasets, "roots": roots, "work": work}
            | {name: more[name] for name in ("limit", "tuned_on", "reasoning")}
            | {"strategy": _name(more["strategy"])}
        )
        listener = more["listener"]
        listener.status("waiting")
        for stage in ("first", "second"):
            listener.begins(stage, 2)
            listener.advances()
        scorer = TrainedScorer(evidence=1.0) if "samples" in _name(more["strategy"]) else None
        made = fitted(0.4 if llm == "tiny" else 0.0, scorer)
        made.write(out)
        return made

    monkeypatch.setattr(load_evaluation("calibration.run"), "calibrate", calibrate)
    return seen


def test_what_was_fitted_is_shown(run: Run, tmp_path: Path, calls: list[dict[str, Any]]) -> None:
    out = tmp_path / "a.b.json"
    options = ("--dataset", "sroie", "--data-root", tmp_path, "--dataset", "drawn_receipts")
    result = run(
        "calibrate",
        "--llm",
        "tiny",
        *options,
        "--out",
        out,
        "--max-risk",
        "0.05",
        "--tuned-on",
        8,
        "--tuned-on",
        0,
    )
    assert result.exit_code == 0, result.output
    assert calls == [
        {
            "llm": "tiny",
            "datasets": ["sroie", "drawn_receipts"],
            "roots": [tmp_path, None],
            "work": tmp_path / "a.b-work",
            "limit": 300,
            "tuned_on": [8, 0],
            "reasoning": False,
            "strategy": "auto",
        }
    ]
    shown = " ".join(result.stdout.split())
    for text in (
        "hybrid fitted", "0.500-0.500", "receipts+tiny", "9 questions answered on 7 documents, with copies that lack a field, of 40",
        "because of [this]", "trust 0.4", "asked below a score of 0.87", "confidence: isotonic",
        "--max-risk 0.05: values with a confidence of at least 0.800", "100.0%", str(out),
    ):  # fmt: skip
        assert text in shown
    assert "waiting" in result.stderr
    assert "scorer" not in shown
    assert "it goes with" not in shown


def test_several_answers_have_a_scorer(
    run: Run, tmp_path: Path, calls: list[dict[str, Any]]
) -> None:
    out = tmp_path / "a.json"
    options = ("--strategy", "reflect", "--samples", 4, "--reasoning")
    result = run("calibrate", "--llm", "tiny", "--dataset", "sroie", "--out", out, *options)
    assert result.exit_code == 0, result.output
    assert (calls[0]["strategy"], calls[0]["reasoning"]) == (
        "reflect,samples=4,scorer=majority",
        True,
    )
    shown = " ".join(result.stdout.split())
    for text in (
        "scorer trained is kept: on documents that it was not fitted on, a trained one saves 0.0123",
        "the standard error is 0.0040; right are 0.750 of 9 questions, with the majority 0.500",
        "it goes with --strategy reflect --samples 4 --scorer trained --reasoning",
    ):
        assert text in shown


def test_a_fusion_that_asks_nothing_says_so(
    run: Run, tmp_path: Path, calls: list[dict[str, Any]]
) -> None:
    out = tmp_path / "a.json"
    result = run("calibrate", "--llm", "weak", "--dataset", "sroie", "--out", out)
    assert "trust 0: nothing is asked, the GCN decides" in result.stdout
    assert "asked below" not in result.stdout


def test_a_risk_that_cannot_be_shown_is_an_error_after_the_work(
    run: Run, tmp_path: Path, calls: list[dict[str, Any]]
) -> None:
    out = tmp_path / "a.json"
    arguments = ("calibrate", "--llm", "tiny", "--dataset", "sroie", "--out", out)
    result = run(*arguments, "--max-risk", "0.01")
    assert result.exit_code == 1
    assert "with 60 held-out documents: it takes 284" in result.stderr
    assert "hybrid fitted" in result.stdout
    assert out.is_file()


def test_more_roots_than_datasets(run: Run, tmp_path: Path) -> None:
    roots = ("--data-root", tmp_path, "--data-root", tmp_path)
    result = run("calibrate", "--dataset", "sroie", *roots, "--out", tmp_path / "a.json")
    assert result.exit_code == 2
    assert "1 --dataset, 2 --data-root and 0 --tuned-on" in result.stderr


def test_a_missing_dataset_is_one_line(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    result = run(
        "calibrate", "--dataset", "funsd", "--out", out, "--llm", "http://127.0.0.1:9/v1#m"
    )
    assert result.exit_code == 1
    assert result.stderr.startswith("error: dataset funsd has no fixed fields")
    assert "Traceback" not in result.output
