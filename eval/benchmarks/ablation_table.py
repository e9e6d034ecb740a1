"""Trainings of an ablation become rows: means, spread, and a paired test against the first row."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict

from ..metrics.bootstrap import interval, resampled_sums
from ..metrics.f1 import Floats, f1
from ..metrics.permutation import compare

if TYPE_CHECKING:
    from rich.table import Table


class Run(BaseModel):
    """One training, as `--out` keeps it; see `Trained`.

    Attributes:
        row: Name of the row.
        seed: Of the training.
        fold: From 0.
        code: Of the recipe, at that time.
        counts: Of each scored document: entities found rightly, predicted, and there.
        early_f1: On the early-stopping documents.
        best_epoch: From 1.
        parameters: Of the network.
        seconds: Of the training.
        ece: Of the scored segments; None where the row gives no probabilities.
        aurc: The same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: str
    seed: int
    fold: int
    code: str
    counts: list[tuple[int, int, int]]
    early_f1: float
    best_epoch: int
    parameters: int
    seconds: float
    ece: float | None = None
    aurc: float | None = None

    @property
    def key(self) -> tuple[str, int, int]:
        """What makes it this one: row, seed and fold."""
        return self.row, self.seed, self.fold

    @property
    def f1(self) -> float:
        """Micro F1 over its documents; 0 where there is nothing to find and nothing was found."""
        return _f1_of(np.array(self.counts))


@dataclass(frozen=True)
class Row:
    """One recipe over its seeds.

    Attributes:
        recipe: Its name, with switches.
        f1: Micro F1, the mean over seeds.
        low: Of its 95 % interval over documents (bootstrap, seeds pooled).
        high: The same.
        smallest: F1 of the worst seed.
        largest: Of the best.
        deviation: Standard deviation over seeds; None with one seed.
        difference: F1 less that of the first row, on the same documents and seeds, pooled; None in
            the first row.
        p: Of a paired permutation test over documents; None in the first row.
        seeds: How many.
        ece: Expected calibration error, mean over trainings; None where one of them has none.
        aurc: Area under the risk-coverage curve, the same way.
        parameters: Of the network.
        seconds: Of one seed's training, over all folds: the mean.
        stale: Measured with other code than is here now.
    """

    recipe: str
    f1: float
    low: float
    high: float
    smallest: float
    largest: float
    deviation: float | None
    difference: float | None
    p: float | None
    seeds: int
    ece: float | None
    aurc: float | None
    parameters: int
    seconds: float
    stale: bool


@dataclass(frozen=True)
class Result:
    """The table.

    Attributes:
        dataset: Name.
        documents: That were scored.
        rows: In the order asked for.
        notes: What a reader has to know of it.
    """

    dataset: str
    documents: int
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    def as_json(self) -> str:
        """All of it as one JSON object."""
        return json.dumps(asdict(self))

    def as_table(self) -> Table:
        """For a terminal."""
        from rich.table import Table

        first = self.rows[0].recipe
        notes = [f"{self.dataset}, {self.documents} documents", *self.notes]
        if any(row.stale for row in self.rows):
            notes.append("* measured with other code than is here now")
        table = Table(caption="; ".join(notes))
        table.add_column("recipe", no_wrap=True)
        for name in ("F1 micro", "95 % interval", "min-max", "sd", f"less {first}", "p"):
            table.add_column(name, justify="right", no_wrap=True)
        for name in ("ECE", "AURC", "seeds", "weights", "s"):
            table.add_column(name, justify="right")
        for row in self.rows:
            table.add_row(
                row.recipe + "*" * row.stale,
                f"{row.f1:.4f}",
                f"[{row.low:.3f}, {row.high:.3f}]".replace("[", r"\["),
                f"{row.smallest:.4f}-{row.largest:.4f}",
                "–" if row.deviation is None else f"{row.deviation:.4f}",
                "–" if row.difference is None else f"{row.difference:+.4f}",
                "–" if row.p is None else f"{row.p:.3f}",
                "–" if row.ece is None else f"{row.ece:.3f}",
                "–" if row.aurc is None else f"{row.aurc:.3f}",
                str(row.seeds),
                f"{row.parameters / 1e3:.0f} k",
                f"{row.seconds:.0f}",
            )
        return table


def summarise(
    dataset: str,
    runs: Sequence[Run],
    rows: Sequence[str],
    seeds: int,
    codes: Mapping[str, str],
    notes: Sequence[str],
) -> Result:
    """The table of finished trainings.

    Args:
        dataset: Name.
        runs: All folds of the rows and seeds asked for, in any order, and perhaps others.
        rows: Asked for.
        seeds: Asked for: 0 to this, less one.
        codes: Of the recipes, now.
        notes: To be shown below.
    """
    counts = {row: _counts(runs, row, seeds) for row in rows}
    first = counts[rows[0]]
    made = []
    for row in rows:
        own = [r for r in runs if r.row == row and r.seed < seeds]
        scores = [_f1_of(c) for c in counts[row]]
        pooled = counts[row].sum(axis=0)
        spread = interval(micro_f1(resampled_sums(pooled))) or (0.0, 0.0)
        found = compare(pooled, first.sum(axis=0), micro_f1) if row != rows[0] else None
        made.append(
            Row(
                recipe=row,
                f1=statistics.fmean(scores),
                low=spread[0],
                high=spread[1],
                smallest=min(scores),
                largest=max(scores),
                deviation=statistics.stdev(scores) if len(scores) > 1 else None,
                difference=found.difference if found else None,
                p=found.p if found else None,
                seeds=seeds,
                ece=_mean([r.ece for r in own]),
                aurc=_mean([r.aurc for r in own]),
                parameters=own[0].parameters,
                seconds=sum(r.seconds for r in own) / seeds,
                stale=any(r.code != codes[row] for r in own),
            )
        )
    return Result(dataset, first.shape[1], tuple(made), tuple(notes))


def micro_f1(sums: Floats) -> Floats:
    """From sums `[..., 3]` of right, predicted and gold entities to F1 `[...]`."""
    return f1(sums[..., 0], sums[..., 1], sums[..., 2])


def _mean(values: Sequence[float | None]) -> float | None:
    there = [v for v in values if v is not None]
    return statistics.fmean(there) if len(there) == len(values) else None


def _f1_of(counts: Floats) -> float:
    score = float(micro_f1(np.asarray(counts, dtype=np.float64).sum(axis=0)))
    return 0.0 if np.isnan(score) else score


def _counts(runs: Sequence[Run], row: str, seeds: int) -> Floats:
    """`[seeds, documents, 3]`, the documents of all folds one after the other."""
    parts = {
        seed: sorted((r for r in runs if r.row == row and r.seed == seed), key=lambda r: r.fold)
        for seed in range(seeds)
    }
    return np.array([[c for r in parts[s] for c in r.counts] for s in parts], dtype=np.float64)
