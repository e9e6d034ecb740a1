from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hybrid.errors import CheckpointError
from hybrid.gcn.checkpoint import checkpoint_sha256, load_checkpoint, read_config
from hybrid.gcn.labelled import LabelledDocument
from hybrid.gcn.training import TrainingSettings, train


@pytest.fixture(scope="module")
def trained(
    receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("checkpoint")
    settings = TrainingSettings(
        text_epochs=1, rank=2, graph_epochs=1, noisy_copies=0, hidden=32, layers=1
    )
    train(
        receipts, tiny_encoder, out, encoder_name="tiny", data_sha256="cd" * 32, settings=settings
    )
    return out


@pytest.fixture
def checkpoint(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "checkpoint"))


def test_the_folder_holds_four_files(trained: Path) -> None:
    names = ["config.json", "labels.json", "metrics.json", "model.safetensors"]
    assert sorted(p.name for p in trained.iterdir()) == names
    modes = {p.stat().st_mode for p in trained.iterdir()}
    assert len(modes) == 1  # all readable by whoever can read one of them
    metrics = json.loads((trained / "metrics.json").read_text())
    assert metrics["training_data_sha256"] == "cd" * 32
    assert metrics["seed"] == 0
    assert metrics["seconds"] > 0


def test_loads_what_was_saved(trained: Path, tiny_encoder: Path) -> None:
    loaded = load_checkpoint(trained, tiny_encoder)
    assert loaded.labels == ("other", "company", "date", "total")
    assert loaded.config == read_config(trained)
    assert loaded.config.encoder.name == "tiny"
    assert loaded.sha256 == checkpoint_sha256(trained)
    assert not loaded.model.training


def test_the_hash_changes_with_the_temperature(checkpoint: Path) -> None:
    before = checkpoint_sha256(checkpoint)
    _edit(checkpoint / "config.json", lambda c: c | {"temperature": 3.5})
    assert checkpoint_sha256(checkpoint) != before


def _edit(path: Path, change: Callable[[Any], Any]) -> None:
    path.write_text(json.dumps(change(json.loads(path.read_text()))))


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "labels.json"])
def test_a_missing_file_is_named(checkpoint: Path, tiny_encoder: Path, name: str) -> None:
    (checkpoint / name).unlink()
    with pytest.raises(CheckpointError, match=f"{name} is missing"):
        load_checkpoint(checkpoint, tiny_encoder)


def test_no_such_folder(tiny_encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no such checkpoint folder"):
        load_checkpoint(tmp_path / "nowhere", tiny_encoder)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("labels.json", lambda x: x[:-1], "asks for 4 labels"),
        ("labels.json", lambda x: x[::-1], "'other' first"),
        ("labels.json", lambda x: [], "there are 0"),
        ("labels.json", lambda x: {"a": 1}, "valid array"),
        ("config.json", lambda x: x | {"version": 2}, "version"),
        ("config.json", lambda x: x | {"temperature": -1}, "temperature"),
        ("config.json", lambda x: x | {"surprise": 1}, "surprise"),
        ("config.json", lambda x: x | {"model": x["model"] | {"hidden": 64}}, "does not fit"),
        ("config.json", lambda x: x | {"feature_names": ["a"]}, "another version"),
        ("config.json", lambda x: x | {"encoder": x["encoder"] | {"rank": 3}}, "do not fit"),
        (
            "config.json",
            lambda x: x | {"encoder": x["encoder"] | {"sha256": "0" * 64}},
            "trained on the encoder 'tiny'",
        ),
    ],
)
def test_parts_that_do_not_fit(
    checkpoint: Path, tiny_encoder: Path, name: str, change: Callable[[Any], Any], message: str
) -> None:
    _edit(checkpoint / name, change)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_checkpoint(checkpoint, tiny_encoder)
    assert "\n" not in str(caught.value)


def test_broken_weights_and_json(checkpoint: Path, tiny_encoder: Path) -> None:
    weights = checkpoint / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_checkpoint(checkpoint, tiny_encoder)
    (checkpoint / "config.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"config\.json"):
        load_checkpoint(checkpoint, tiny_encoder)
