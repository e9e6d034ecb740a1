"""The labels that the docs name are those of the shipped checkpoints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hybrid.gcn.checkpoint import read_labels
from hybrid.resources import checkpoint_folder

DOCS = Path(__file__).parents[3] / "docs" / "gcn.md"


@pytest.mark.parametrize("name", ["receipts", "forms"])
def test_the_docs_list_the_labels(name: str) -> None:
    section = DOCS.read_text(encoding="utf-8").split("## Labels of the shipped checkpoints")[1]
    (entry,) = re.findall(rf"^- `{name}`: (.*?)(?=^- |^$)", section, re.MULTILINE | re.DOTALL)[:1]
    labels = read_labels(checkpoint_folder(name))
    assert re.findall(r"`([^`]+)`", entry) == list(labels[1:])
