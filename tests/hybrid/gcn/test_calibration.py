from __future__ import annotations

import pytest
import torch

from hybrid.gcn.calibration import fit_temperature
from hybrid.gcn.labelled import partial_label_loss
from hybrid.gcn.scores import expected_calibration_error


def _drawn_from(logits: torch.Tensor) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    gold = torch.multinomial(logits.softmax(dim=1), 1, generator=generator).squeeze(1)
    return torch.nn.functional.one_hot(gold, logits.shape[1]).bool()


@pytest.mark.parametrize("factor", [0.4, 1.0, 3.0])
def test_finds_the_factor_that_the_logits_are_off_by(factor: float) -> None:
    logits = torch.randn(4000, 5, generator=torch.Generator().manual_seed(0)) * 2
    allowed = _drawn_from(logits)
    temperature = fit_temperature(logits * factor, allowed)
    assert temperature == pytest.approx(factor, rel=0.1)


def test_lowers_loss_and_calibration_error_of_an_overconfident_network() -> None:
    logits = torch.randn(2000, 5, generator=torch.Generator().manual_seed(0))
    allowed = _drawn_from(logits)
    off = logits * 4
    temperature = fit_temperature(off, allowed)
    assert (
        partial_label_loss(off, allowed, temperature).mean()
        < partial_label_loss(off, allowed).mean() - 0.1
    )
    right = allowed.gather(1, off.argmax(dim=1, keepdim=True)).squeeze(1)
    before = expected_calibration_error(off.softmax(dim=1).amax(dim=1), right)
    after = expected_calibration_error((off / temperature).softmax(dim=1).amax(dim=1), right)
    assert after < before / 3


def test_nothing_to_fit_on() -> None:
    assert fit_temperature(torch.zeros(0, 3), torch.zeros(0, 3, dtype=torch.bool)) == 1
