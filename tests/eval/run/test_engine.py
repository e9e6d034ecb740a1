from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from eval.api import run_evaluation, score_run
from eval.conditions import apply_condition
from eval.datasets import read_dataset
from eval.run.engine import Silent
from eval.run.work import Job
from hybrid.errors import DatasetError, HybridError, ModelError, ServerError
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.llm.server_metrics import PrefixCache
from tests.eval.run.conftest import RefusingBackend, answer

LLM = "http://127.0.0.1:9/v1#ruled"
REPLIES = "http-127.0.0.1-9-v1-ruled.jsonl"
Connect = Callable[..., Any]
Timeless = Callable[[Path], dict[str, Any]]


def asked(root: Path, *systems: str, **more: Any) -> dict[str, Any]:
    dataset: dict[str, Any] = {"name": "sroie", "data_root": root, "split": "test"}
    dataset |= more.pop("dataset", {})
    return {"datasets": [dataset], "systems": systems, "llm": LLM, **more}


def units(folder: Path) -> list[list[str]]:
    lines = (folder / "units.jsonl").read_text().splitlines()
    return [json.loads(line)["unit"] for line in lines]


class Watcher(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, str, int, int]] = []
        self.f1: list[float | None] = []

    def begins(self, job: Job, system: str, total: int, done: int) -> None:
        self.begun.append((job.work, system, total, done))

    def advances(self, f1: float | None) -> None:
        self.f1.append(f1)


class Interrupter(Silent):
    """Stops a run after some documents, as Ctrl-C does."""

    def __init__(self, after: int) -> None:
        self.left = after

    def advances(self, f1: float | None) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def test_rows_and_tables_of_a_run(sroie: Path, tmp_path: Path) -> None:
    watcher = Watcher()
    result = run_evaluation(
        asked(sroie, "regex", "empty", "majority"), tmp_path / "run", listener=watcher
    )
    assert watcher.begun[:3] == [("label", s, 4, 0) for s in ("regex", "empty", "majority")]
    assert len(watcher.f1) == 24
    rows = {(r["task"], r["system"]): r for r in result.rows.iter_rows(named=True)}
    assert len(rows) == 6
    assert rows["field", "regex"]["n"] == 4
    assert rows["field", "regex"]["f1_micro"] > rows["field", "empty"]["f1_micro"] == 0
    assert rows["label", "regex"]["hallucination_rate"] is None
    assert rows["field", "majority"]["f1_macro"] is not None
    folder = result.folder
    segments = pl.read_parquet(folder / "segments.parquet")
    assert segments.height == 4 * 6  # every line of every receipt, once
    assert segments["text"].n_unique() == 10
    assert pl.read_parquet(folder / "documents.parquet").height == 24
    assert (folder / "report.html").stat().st_size > 1000


def test_a_finished_run_is_scored_again_and_nothing_is_done(
    sroie: Path, tmp_path: Path, timeless: Timeless, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = asked(sroie, "regex", "empty", seed=3)
    run_evaluation(config, tmp_path, command="as typed")
    before, lines = timeless(tmp_path), (tmp_path / "units.jsonl").read_bytes()
    monkeypatch.setattr("eval.run.engine._one", pytest.fail)
    watcher = Watcher()
    run_evaluation(config, tmp_path, listener=watcher)
    assert watcher.begun[0] == ("label", "regex", 4, 4)
    assert (tmp_path / "units.jsonl").read_bytes() == lines
    assert timeless(tmp_path) == before
    score_run(tmp_path)
    assert timeless(tmp_path) == before
    assert json.loads((tmp_path / "results.json").read_text())["run"]["command"] == "as typed"
    score_run(tmp_path, seed=4)
    assert timeless(tmp_path)["run"]["seed"] == 4


def test_results_fit_their_schema(sroie: Path, tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((Path(__file__).parents[3] / "eval/results.schema.json").read_text())
    conditions = ["gold", "gold+remove-field", "split-pages"]
    run_evaluation(asked(sroie, "regex", "empty", conditions=conditions), tmp_path)
    jsonschema.validate(json.loads((tmp_path / "results.json").read_text()), schema)


def test_a_removed_field_is_the_only_one_that_counts(sroie: Path, tmp_path: Path) -> None:
    watcher = Watcher()
    config = asked(sroie, "regex", "empty", conditions=["gold+remove-field"])
    result = run_evaluation(config, tmp_path, listener=watcher)
    assert {work for work, *_ in watcher.begun} == {"extract"}
    assert set(watcher.f1) == {None}, "an F1 of 0 looks like a failure"
    items = pl.read_parquet(tmp_path / "predictions.parquet")
    gold = items.filter(pl.col("origin") == "gold")
    assert gold["text"].null_count() == gold.height == gold["document_id"].n_unique() > 0
    assert set(items["document_id"]) <= set(gold["document_id"])
    asked_of = [i.partition("#")[2] for i in gold["document_id"]]
    assert asked_of == gold["path"].to_list()
    rates = dict(result.rows.select("system", "absent_field_rate").iter_rows())
    assert rates["empty"] == 0
    assert rates["regex"] > 0


def test_nothing_to_do_under_a_condition_is_said(tmp_path: Path) -> None:
    dataset = {"name": "drawn_forms", "split": "test", "limit": 1}
    config = {"datasets": [dataset], "systems": ["empty"], "conditions": ["gold+remove-field"]}
    assert run_evaluation(config, tmp_path).rows.height == 0
    warnings = json.loads((tmp_path / "results.json").read_text())["run"]["warnings"]
    assert warnings == ["drawn_forms gold+remove-field extract: there are no documents"]


def test_a_dataset_is_read_once_for_a_run(
    sroie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eval.run import work

    read: list[str] = []
    changed: list[str] = []

    def reading(name: str, root: Any, split: str, **named: Any) -> Any:
        read.append(split)
        return original(name, root, split, **named)

    def changing(samples: Any, name: str, *more: Any, **named: Any) -> Any:
        changed.append(name)
        return condition(samples, name, *more, **named)

    original, condition = read_dataset, apply_condition
    monkeypatch.setattr(work, "read_dataset", reading)
    monkeypatch.setattr(work, "apply_condition", changing)
    conditions = ["gold", "gold+ocr-noise=0.1"]
    run_evaluation(asked(sroie, "majority", conditions=conditions), tmp_path)
    assert read == ["test", "fit"]
    assert changed == conditions


def test_a_document_that_fails_stops_nothing_and_counts(
    sroie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def label(self: Any, document: Any, labels: Any, aliases: Any) -> Any:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("eval.systems.rules.RegexExtractor.label", label)
    result = run_evaluation(asked(sroie, "regex", "empty"), tmp_path)
    run = json.loads((tmp_path / "results.json").read_text())["run"]
    assert run["documents_failed"] == 4
    assert run["warnings"][0] == "X21: regex: ZeroDivisionError: a bug"
    row = result.rows.row(
        by_predicate=(pl.col("task") == "label") & (pl.col("system") == "regex"), named=True
    )
    assert (row["n"], row["recall"]) == (4, 0)


def test_an_interrupted_run_goes_on_and_keeps_its_warnings(
    sroie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, timeless: Timeless
) -> None:
    def extract(self: Any, document: Any, schema: Any) -> Any:
        raise ValueError(f"cannot read {document.id}")

    monkeypatch.setattr("eval.systems.rules.RegexExtractor.extract_fields", extract)
    config = asked(sroie, "regex", "empty")
    run_evaluation(config, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run_evaluation(config, tmp_path / "parts", listener=Interrupter(11))
    assert len(units(tmp_path / "parts")) == 11
    watcher = Watcher()
    run_evaluation(config, tmp_path / "parts", listener=watcher)
    assert watcher.begun[2] == ("extract", "regex", 4, 3)
    assert timeless(tmp_path / "parts") == timeless(tmp_path / "whole")
    assert len(timeless(tmp_path / "parts")["run"]["warnings"]) == 4


def test_another_configuration_is_refused(sroie: Path, tmp_path: Path) -> None:
    run_evaluation(asked(sroie, "regex"), tmp_path)
    with pytest.raises(HybridError, match=r"something else \(systems\); choose another --out"):
        run_evaluation(asked(sroie, "empty"), tmp_path)


def test_missing_training_documents_are_said_with_the_system(sroie: Path, tmp_path: Path) -> None:
    import shutil

    shutil.rmtree(sroie / "train")
    with pytest.raises(DatasetError, match=r"system 'majority' learns .*sroie: split 'train' is"):
        run_evaluation(asked(sroie, "regex", "majority"), tmp_path)
    assert len(units(tmp_path)) == 4


def test_replies_are_recorded_and_replayed_without_a_server(
    sroie: Path, tmp_path: Path, llm: Connect, timeless: Timeless, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = llm()
    config = asked(sroie, "llm", "hybrid", "llm:shots=2")
    first = run_evaluation(config, tmp_path / "live")
    assert backend.requests
    assert all(f1 > 0 for f1 in first.rows.filter(pl.col("system") == "llm")["f1_micro"])
    monkeypatch.setattr("hybrid.llm.connect.connect", pytest.fail)
    replies = tmp_path / "live" / "replies"
    assert [p.name for p in replies.iterdir()] == [REPLIES]
    run_evaluation(config, tmp_path / "replayed", replay=True, replies=replies)
    assert timeless(tmp_path / "replayed") == timeless(tmp_path / "live")


def test_the_servers_prefix_cache_is_told_and_no_replay_counts(
    sroie: Path, tmp_path: Path, llm: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = llm()
    # A server whose counters began with other people's requests.
    monkeypatch.setattr(
        "hybrid.llm.server_metrics.prefix_cache",
        lambda asked: PrefixCache(500 + 100 * len(asked.requests), 300 + 75 * len(asked.requests)),
    )
    out = tmp_path / "out"
    result = run_evaluation(asked(sroie, "llm"), out)
    ((name, seen),) = result.prefix_caches.items()
    assert name == LLM
    assert seen["hit_rate"] == 0.75
    # The probe's own requests are none of the run's.
    assert 0 < seen["queries"] < 100 * len(backend.requests)
    score_run(out)
    again = run_evaluation(asked(sroie, "llm", llm_engine="local"), out)
    assert again.prefix_caches == result.prefix_caches
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((Path(__file__).parents[3] / "eval/results.schema.json").read_text())
    jsonschema.validate(json.loads((out / "results.json").read_text()), schema)


def test_thoughts_and_seconds_of_recorded_replies_are_counted_again(
    sroie: Path, tmp_path: Path, llm: Connect, timeless: Timeless
) -> None:
    def thinking(request: ChatRequest) -> ChatReply:
        usage = LlmUsage(requests=1, completion_tokens=50, reasoning_tokens=40, seconds=1.5)
        return answer(request).model_copy(update={"usage": usage})

    llm(ScriptedBackend(thinking, model="ruled"))
    config = asked(sroie, "gcn", "llm", dataset={"tasks": ("field",)})
    (silent, thought) = run_evaluation(config, tmp_path / "live").rows.iter_rows(named=True)
    names = [f"{n}_per_document" for n in ("completion_tokens", "reasoning_tokens", "llm_seconds")]
    assert [silent[name] for name in names] == [0, 0, 0]
    assert [thought[name] for name in names] == [50, 40, 1.5], "one request a document"
    replayed: dict[str, Any] = {"replay": True, "replies": tmp_path / "live" / "replies"}
    run_evaluation(config, tmp_path / "replayed", **replayed)
    assert timeless(tmp_path / "replayed") == timeless(tmp_path / "live")


def test_llms_think_where_a_run_says_so(sroie: Path, tmp_path: Path, llm: Connect) -> None:
    for reasoning in (False, True):
        backend = llm()
        config = asked(sroie, "llm", "hybrid", reasoning=reasoning, dataset={"tasks": ("field",)})
        run_evaluation(config, tmp_path / str(reasoning))
        about_pages = [r for r in backend.requests if "<page>" in r.messages[-1].content]
        assert about_pages
        assert {request.reasoning for request in about_pages} == {reasoning}


def test_answers_that_would_be_the_same_are_refused_before_any_work(
    sroie: Path, tmp_path: Path, llm: Connect
) -> None:
    backend = llm()
    with pytest.raises(ModelError, match="strategy critique has one answer"):
        run_evaluation(asked(sroie, "regex", "hybrid:strategy=critique,samples=2"), tmp_path)
    assert not (tmp_path / "units.jsonl").exists()
    assert backend.requests == []


def test_strategies_are_systems_and_rules_ask_nobody(
    sroie: Path, tmp_path: Path, llm: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = llm()
    config = asked(sroie, "hybrid:strategy=critique", dataset={"tasks": ("field",)})
    run_evaluation(config, tmp_path / "critique")
    texts = [request.messages[-1].content for request in backend.requests]
    assert any("first reading" in text for text in texts)
    assert not any("Which line holds" in text for text in texts)
    for name in ("connect", "check"):
        monkeypatch.setattr(f"hybrid.llm.connect.{name}", pytest.fail)
    found = run_evaluation(asked(sroie, "hybrid:strategy=rules"), tmp_path / "rules")
    assert set(found.rows["prompt_tokens_per_document"]) == {0.0}
    assert all(f1 > 0 for f1 in found.rows["f1_micro"])


@pytest.mark.parametrize("workers", [1, 4])
def test_missing_replies_stop_a_replay_and_spoil_nothing(
    sroie: Path,
    tmp_path: Path,
    llm: Connect,
    timeless: Timeless,
    workers: int,
) -> None:
    llm()
    config = asked(sroie, "llm", "empty", workers=workers)
    run_evaluation(config, tmp_path / "live")
    lines = (tmp_path / "live" / "replies" / REPLIES).read_bytes().splitlines(keepends=True)
    recorded = tmp_path / "some" / REPLIES
    recorded.parent.mkdir()
    recorded.write_bytes(b"".join(lines[:-2]))
    again: dict[str, Any] = {"replay": True, "replies": recorded.parent}
    with pytest.raises(ServerError, match=r"ruled\.jsonl lacks \d of the replies .* run once with"):
        run_evaluation(config, tmp_path / "replayed", **again)
    assert not (tmp_path / "replayed" / "results.json").exists()
    recorded.write_bytes(b"".join(lines))
    run_evaluation(config, tmp_path / "replayed", **again)
    assert timeless(tmp_path / "replayed") == timeless(tmp_path / "live")


def test_an_llm_that_goes_down_stops_the_run_and_a_second_completes_it(
    sroie: Path, tmp_path: Path, llm: Connect, timeless: Timeless
) -> None:
    config = asked(sroie, "empty", "llm", workers=2)
    llm()
    run_evaluation(config, tmp_path / "whole")
    backend = llm(type(llm())(answers=5))  # three for the probe
    with pytest.raises(ServerError, match=r"#ruled' cannot be reached.*; what was done is kept"):
        run_evaluation(config, tmp_path / "parts")
    assert not backend.available
    systems = [unit[4] for unit in units(tmp_path / "parts")]
    assert systems.count("empty") == 4
    assert systems.count("llm") <= 2
    llm()
    run_evaluation(config, tmp_path / "parts")
    assert timeless(tmp_path / "parts") == timeless(tmp_path / "whole")


def test_an_llm_that_refuses_everything_has_no_result(
    sroie: Path, tmp_path: Path, llm: Connect, timeless: Timeless
) -> None:
    """A wrong key, say: the server is up, and its silence must not be scored as the LLM's."""
    config = asked(sroie, "empty", "llm", workers=2)
    llm()
    run_evaluation(config, tmp_path / "whole")
    llm(RefusingBackend(refused=lambda number: number > 3))  # the probe is answered
    message = r"system 'llm': the LLM answered no request of \d documents: .*401.*run the same"
    with pytest.raises(ServerError, match=message):
        run_evaluation(config, tmp_path / "parts")
    assert {unit[4] for unit in units(tmp_path / "parts")} == {"empty"}
    llm()
    run_evaluation(config, tmp_path / "parts")
    assert timeless(tmp_path / "parts") == timeless(tmp_path / "whole")


def test_one_answer_is_enough(sroie: Path, tmp_path: Path, llm: Connect) -> None:
    llm(RefusingBackend(refused=lambda number: 3 < number < 6))
    run_evaluation(asked(sroie, "llm", workers=1), tmp_path)
    assert len(units(tmp_path)) == 4 * 2


def test_an_unknown_llm_is_found_before_its_first_document(sroie: Path, tmp_path: Path) -> None:
    with pytest.raises(HybridError, match="no-such-model"):
        run_evaluation(asked(sroie, "llm", llm="no-such-model"), tmp_path)
    assert not (tmp_path / "units.jsonl").exists()


def test_fewer_documents_for_an_llm(sroie: Path, tmp_path: Path, llm: Connect) -> None:
    llm()
    config = asked(sroie, "llm", "empty", dataset={"llm_limit": 1, "tasks": ["field"]})
    counts = dict(run_evaluation(config, tmp_path).rows.select("system", "n").iter_rows())
    assert counts == {"llm": 1, "empty": 4}
