"""F1 over segments without the background class, and the expected calibration error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import BaseModel
from torch import Tensor

from hybrid.gcn.labelled import BACKGROUND, UNKNOWN


class LabelScore(BaseModel):
    """Precision, recall and F1 of one class, or of all pooled; `n` is the number of gold segments.

    A class that is neither there nor predicted has F1 0 and n 0.
    """

    precision: float
    recall: float
    f1: float
    n: int


def label_scores(gold: Iterable[str], predicted: Iterable[str]) -> dict[str, LabelScore]:
    """Scores by class, and all of them pooled under "micro".

    The background is no class: predicting it everywhere scores 0. Segments whose gold label is not
    known are left out.
    """
    pairs = [(g, p) for g, p in zip(gold, predicted, strict=True) if g != UNKNOWN]
    names = sorted({name for pair in pairs for name in pair} - {BACKGROUND})
    scores = {name: _score(pairs, {name}) for name in names}
    return {"micro": _score(pairs, set(names)), **scores}


def _score(pairs: Sequence[tuple[str, str]], names: set[str]) -> LabelScore:
    correct = sum(g == p and g in names for g, p in pairs)
    expected = sum(g in names for g, _ in pairs)
    given = sum(p in names for _, p in pairs)
    precision = correct / given if given else 0.0
    recall = correct / expected if expected else 0.0
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    return LabelScore(precision=precision, recall=recall, f1=f1, n=expected)


def expected_calibration_error(confidence: Tensor, correct: Tensor, bins: int = 15) -> float:
    """Mean distance of confidence and accuracy over equally wide bins, weighted by their sizes.

    Args:
        confidence: `[n]`, 0 to 1, of the predicted class.
        correct: `[n]`, bool.
        bins: Of width `1 / bins`.

    Returns:
        0 (calibrated) to 1; 0 for n = 0.
    """
    total = len(confidence)
    error = 0.0
    index = (confidence * bins).long().clamp(max=bins - 1)
    for number in range(bins):
        inside = index == number
        if bool(inside.any()):
            gap = confidence[inside].mean() - correct[inside].float().mean()
            error += abs(gap.item()) * int(inside.sum()) / total
    return error
