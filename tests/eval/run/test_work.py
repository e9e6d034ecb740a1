from __future__ import annotations

from pathlib import Path
from typing import Any

from eval.run.config import RunConfig, validated
from eval.run.work import jobs_of, limited


def config(dataset: dict[str, Any], *conditions: str) -> RunConfig:
    content = {"datasets": [dataset], "systems": ["empty"], "conditions": conditions or ("gold",)}
    return validated(content, "here")


def test_one_job_for_each_kind_of_work(sroie: Path) -> None:
    dataset = {"name": "sroie", "data_root": sroie, "split": "test", "limit": 3, "llm_limit": 2}
    label, extract = jobs_of(config(dataset))
    assert (label.work, extract.work) == ("label", "extract")
    assert label.asked() is None
    assert extract.asked() is not None
    assert [d.sample.id for d in extract.documents] == ["X21", "X22", "X23"]
    assert [len(limited(extract, uses_llm)) for uses_llm in (True, False)] == [2, 3]
    assert label.checkpoint() == extract.checkpoint() == "receipts"
    assert {s.id for s in label.training()}.isdisjoint(d.sample.id for d in label.documents)


def test_checkpoints_by_task(sroie: Path) -> None:
    dataset = {"name": "sroie", "data_root": sroie, "split": "test", "checkpoint": {"label": "a"}}
    assert [j.checkpoint() for j in jobs_of(config(dataset))] == ["a", "receipts"]
    forms = {"name": "drawn_forms", "split": "test", "limit": 1}
    assert [j.checkpoint() for j in jobs_of(config(forms))] == ["forms", "forms"]


def test_both_kinds_of_work_see_the_same_documents(sroie: Path) -> None:
    dataset = {"name": "sroie", "data_root": sroie, "split": "test"}
    names = ("gold+planted-instruction", "gold+ocr-noise=0.2")
    jobs = list(jobs_of(config(dataset, *names)))
    for label, extract in zip(jobs[::2], jobs[1::2], strict=True):
        assert label.condition == extract.condition
        assert label.documents == extract.documents


def test_counterfactuals_of_fields_are_asked_of_fields_only(sroie: Path) -> None:
    dataset = {"name": "sroie", "data_root": sroie, "split": "test"}
    (job,) = jobs_of(config(dataset, "gold+remove-field"))
    assert {task.task for task in job.tasks} == {"field"}
    for document in job.documents:
        assert document.sample.id.endswith(f"#{document.only}")


def test_segments_are_those_of_documents_that_are_wanted(sroie: Path) -> None:
    dataset = {"name": "sroie", "data_root": sroie, "split": "test"}
    job = next(jobs_of(config(dataset)))
    first = job.place(job.documents[0].sample)
    assert len(list(job.segments(set()))) == 24
    assert {r["document_id"] for r in job.segments({first})} == {"X22", "X23", "X24"}


def test_what_a_condition_leaves_out_is_said(sroie: Path) -> None:
    dataset = {"name": "sroie", "data_root": sroie, "split": "test"}
    label, _ = jobs_of(config(dataset, "ocr"))  # the release here has no pictures
    assert label.notes == (
        "sroie ocr label: 4 left out, there is no picture",
        "sroie ocr label: there are no documents",
    )


def test_entities_of_the_release_are_no_task_for_ocr(tmp_path: Path) -> None:
    import json

    characters = [
        {"id": k, "box": [10 * k, 10, 10 * k + 10, 20], "text": c} for k, c in enumerate("9,000")
    ]
    segment = {"id": 0, "box": [0, 10, 50, 20], "text": "9,000", "words": characters}
    entity = {"entity_id": 0, "label": "menu.price", "word_idx": [0, 1, 2, 3, 4]}
    content = {"img": {"width": 200, "height": 300}, "document": [segment], "uid": "t"}
    content |= {"label_entities": [entity]}
    (tmp_path / "jsons").mkdir()
    (tmp_path / "jsons" / "a.json").write_text(json.dumps(content))
    (tmp_path / "data.test.txt").write_text("images/a.png jsons/a.json\n")
    dataset = {"name": "cord_r", "data_root": tmp_path, "split": "test"}
    jobs = [(j.condition, j.work, j.reading) for j in jobs_of(config(dataset, "gold", "ocr"))]
    assert jobs == [
        ("gold", "label", "cord_r"),
        ("gold", "extract", "cord_r_segments"),
        ("ocr", "extract", "cord_r_segments"),
    ]


def test_gold_that_the_schema_lacks_is_said(tmp_path: Path) -> None:
    """A slip in a gold file looked like hallucination of every system."""
    import json
    import shutil

    samples = Path(__file__).parents[3] / "eval" / "samples" / "own"
    shutil.copy(samples / "receipt-hardware.json", tmp_path / "a.json")
    gold = {"fields": {"company": "SYARIKAT MAJU BINA HARDWARE SDN BHD", "compny": "SYARIKAT"}}
    (tmp_path / "a.gold.json").write_text(json.dumps(gold))
    dataset = {"name": "own", "data_root": tmp_path, "split": "all", "schema": "receipt"}
    (job,) = (j for j in jobs_of(config(dataset)) if j.work == "extract")
    (warning,) = job.unknown_fields()
    assert warning.startswith(
        "own: the gold of a names an unknown field 'compny'; similar are company"
    )
