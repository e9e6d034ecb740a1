from __future__ import annotations

import pytest

from eval.datasets import DATASETS
from eval.run.rows import asked_on
from eval.tasks import TASKS, load_tasks, tasks_for
from hybrid.errors import DatasetError
from hybrid.schema import FieldSchema
from hybrid.schemas import Receipt


def test_every_task_file_is_about_known_datasets() -> None:
    assert tuple(load_tasks()) == TASKS
    for name, task in load_tasks().items():
        assert task.task == name
        assert set(task.datasets) <= set(DATASETS)
        assert {how.nodes for how in task.datasets.values()} - {None} <= set(DATASETS)
        assert "f1_micro" in task.metrics


def test_every_schema_can_be_asked_for() -> None:
    for task in load_tasks().values():
        for how in task.datasets.values():
            if how.schema_name is not None:
                assert asked_on(how, None).schema.leaves


def test_tasks_of_one_extraction_ask_for_the_same() -> None:
    for dataset in DATASETS:
        tasks = [t for t in load_tasks().values() if t.work == "extract" and dataset in t.datasets]
        assert len({t.datasets[dataset].schema_name for t in tasks}) <= 1


def test_compared_labels_are_those_of_the_gold() -> None:
    asked = asked_on(load_tasks()["field"].datasets["cord"], None)
    labels = {asked.compared_label(leaf) for leaf in asked.schema.leaves}
    assert labels <= set(DATASETS["cord"].labels)
    assert len(labels) == len(asked.schema.leaves)


def test_the_tasks_of_a_dataset() -> None:
    assert [t.task for t in tasks_for("sroie")] == ["label", "field"]
    assert [t.task for t in tasks_for("funsd")] == ["label", "field", "link"]
    assert [t.task for t in tasks_for("cord", ["structure", "label"])] == ["label", "structure"]
    with pytest.raises(
        DatasetError, match="dataset own has none of the tasks asked for; it has: f"
    ):
        tasks_for("own", ["label"])
    with pytest.raises(DatasetError, match="dataset sroie: unknown task 'x'; known are label, f"):
        tasks_for("sroie", ["x"])


def test_the_users_schema_wins() -> None:
    own = load_tasks()["field"].datasets["own"]
    assert own.schema_for(FieldSchema(Receipt)).name == FieldSchema(Receipt).name
    with pytest.raises(DatasetError, match="no schema of its own: give one with --schema"):
        own.schema_for(None)
