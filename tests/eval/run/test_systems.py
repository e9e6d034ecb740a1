"""From a system's specification to something that extracts: where replies are recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.run.systems import replies_file
from hybrid.llm.profiles import load_profile


def test_a_model_that_was_tuned_again_has_a_file_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned = load_profile("smollm2-135m-receipts")
    before = replies_file(tmp_path, tuned.name)
    again = tuned.model_copy(
        update={"source": tuned.source.model_copy(update={"sha256": "0" * 64})}
    )
    monkeypatch.setattr("eval.run.systems.load_profile", lambda _: again)
    assert replies_file(tmp_path, tuned.name) != before
    monkeypatch.undo()
    assert replies_file(tmp_path, "smollm2-135m") == tmp_path / "smollm2-135m.jsonl"
    assert replies_file(tmp_path, "http://h:1/v1#m") == tmp_path / "http-h-1-v1-m.jsonl"
    assert replies_file(tmp_path, "no-such-model") == tmp_path / "no-such-model.jsonl"
