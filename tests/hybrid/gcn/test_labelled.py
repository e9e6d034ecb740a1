from __future__ import annotations

import math

import pytest
import torch

from hybrid.gcn.labelled import (
    LabelledDocument,
    allowed_labels,
    label_set,
    partial_label_loss,
    project,
    split_by_hash,
)

LABELS = ("other", "company", "menu.nm", "total")
SROIE = frozenset({"other", "company", "total"})


def test_background_allows_what_the_dataset_does_not_know() -> None:
    assert allowed_labels("other", SROIE, LABELS) == [True, False, True, False]
    assert allowed_labels("total", SROIE, LABELS) == [False, False, False, True]
    assert allowed_labels("", SROIE, LABELS) == [True] * 4


def test_one_allowed_label_is_cross_entropy() -> None:
    logits = torch.randn(7, 4, generator=torch.Generator().manual_seed(1))
    gold = torch.tensor([0, 1, 2, 3, 0, 1, 2])
    allowed = torch.nn.functional.one_hot(gold, 4).bool()
    expected = torch.nn.functional.cross_entropy(logits / 2, gold, reduction="none")
    torch.testing.assert_close(partial_label_loss(logits, allowed, 2.0), expected)


def test_loss_is_minus_log_of_the_allowed_probability() -> None:
    logits = torch.log(torch.tensor([[0.1, 0.2, 0.3, 0.4]]))
    allowed = torch.tensor([[True, False, True, False]])
    assert partial_label_loss(logits, allowed).item() == pytest.approx(-math.log(0.4))
    assert partial_label_loss(logits, torch.ones(1, 4, dtype=torch.bool)).item() == pytest.approx(
        0, abs=1e-6
    )


def test_loss_of_large_logits_has_finite_gradients() -> None:
    logits = torch.tensor([[500.0, -500.0, 0.0, 0.0]], requires_grad=True)
    partial_label_loss(logits, torch.tensor([[False, True, False, False]])).sum().backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert bool(torch.isfinite(logits.grad).all())


def test_projection_moves_unknown_labels_to_the_background() -> None:
    projected = project(torch.tensor([[0.1, 0.2, 0.3, 0.4]]), SROIE, LABELS)
    torch.testing.assert_close(projected, torch.tensor([[0.4, 0.2, 0.0, 0.4]]))


def test_label_set_has_the_background_first(receipts: list[LabelledDocument]) -> None:
    assert label_set(receipts) == ("other", "company", "date", "total")


def test_split_is_disjoint_complete_and_independent_of_order(
    receipts: list[LabelledDocument],
) -> None:
    parts = split_by_hash(receipts, (0.12, 0.08))
    assert [len(p) for p in parts] == [4, 2, 24]
    names = [d.document.id for part in parts for d in part]
    assert sorted(names) == sorted(d.document.id for d in receipts)
    assert split_by_hash(receipts[::-1], (0.12, 0.08)) == parts


def test_labels_must_fit_the_segments(receipts: list[LabelledDocument]) -> None:
    document = receipts[0].document
    with pytest.raises(ValueError, match="has 9 segments and 1 labels"):
        LabelledDocument(document, ("other",), SROIE, "x")
    with pytest.raises(ValueError, match="unknown labels"):
        LabelledDocument(document, ("nonsense",) * 9, SROIE, "x")
